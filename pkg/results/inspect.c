#include "results/inspect.h"

#include "results/attestation.h"
#include "results/document.h"
#include "results/foreign.h"
#include "results/sense.h"

#include <string.h>

/* A version of the result document and the schema that it meets. The next one brings its row, and the step
 * that makes a document of it out of one of the row above. */
struct result_version {
    const char *name;
    const char *schema;
};

static const struct result_version result_versions[RESULT_VERSIONS] = {
    {RESULT_SCHEMA_VERSION, SCHEMA_RESULT},
};

int inspector_init(struct inspector *inspector, struct err *err)
{
    *inspector = (struct inspector){
        .prices = schema_load(SCHEMA_PRICES, err),
        .period = schema_load(SCHEMA_PERIOD_SUMMARY, err),
    };
    bool loaded = inspector->prices && inspector->period;
    for (size_t version = 0; loaded && version < RESULT_VERSIONS; version++) {
        inspector->results[version] = schema_load(result_versions[version].schema, err);
        loaded = inspector->results[version] != NULL;
    }
    for (size_t i = 0; loaded && i < PROCESSED_FILES; i++) {
        inspector->processed[i] = schema_load(processed_files[i].schema, err);
        loaded = inspector->processed[i] != NULL;
    }
    return loaded ? 0 : -1;
}

void inspector_free(struct inspector *inspector)
{
    for (size_t version = 0; version < RESULT_VERSIONS; version++)
        schema_free(inspector->results[version]);
    for (size_t i = 0; i < PROCESSED_FILES; i++)
        schema_free(inspector->processed[i]);
    schema_free(inspector->prices);
    schema_free(inspector->period);
    *inspector = (struct inspector){0};
}

/* Counts findings and hands the first ones on. */
struct inspection {
    finding_report report;
    void *context;
    size_t count;
};

static void found(void *context, const char *rule, const char *message)
{
    struct inspection *inspection = context;
    if (inspection->count++ < INSPECT_MAX_FINDINGS && inspection->report)
        inspection->report(inspection->context, rule, message);
}

static void broke_schema(void *context, const char *pointer, const char *message)
{
    char text[2048];
    snprintf(text, sizeof text, "%s %s", *pointer ? pointer : "the document", message);
    found(context, "schema", text);
}

static cJSON *parse(struct inspection *inspection, const char *text, size_t length, size_t max_bytes)
{
    struct err err = {0};
    cJSON *tree = json_parse(text, length, max_bytes, &err);
    if (!tree)
        found(inspection, "json", err.message);
    return tree;
}

static void check_digest(struct inspection *inspection, const char *text, size_t length, const cJSON *tree)
{
    struct err err = {0};
    if (document_verify(text, length, tree, &err) < 0)
        found(inspection, "checksum", err.message);
}

/* The schema of the version that a result document says it has, NULL where that is none of ours. One that
 * does not say is held to the newest. */
static const struct schema *schema_of_version(const struct inspector *inspector, const char *name)
{
    for (size_t version = 0; name && version < RESULT_VERSIONS; version++)
        if (strcmp(name, result_versions[version].name) == 0)
            return inspector->results[version];
    return name ? NULL : inspector->results[RESULT_VERSIONS - 1];
}

/* Whether the tree meets its schema; the rules of sense read fields unguarded. */
static bool inspect_result_tree(const struct inspector *inspector, struct inspection *inspection,
                                const char *text, size_t length, const cJSON *tree)
{
    const char *version = json_string_or(tree, "schema_version", NULL);
    const struct schema *schema = schema_of_version(inspector, version);
    if (!schema) {
        say_finding(found, inspection, "schema", "the document is version %.32s, this program reads %s",
                    version, result_versions[RESULT_VERSIONS - 1].name);
        return false;
    }
    bool valid = schema_check(schema, tree, broke_schema, inspection) == 0;
    if (valid || cJSON_IsString(json_at(tree, "integrity.sha256")))
        check_digest(inspection, text, length, tree);
    if (!valid)
        return false;
    check_architecture(tree, inspector->architecture_of, found, inspection);
    check_statistics(tree, found, inspection);
    check_plausibility(tree, found, inspection);
    check_timing(tree, found, inspection);
    check_attestation(tree, inspector->signers, found, inspection);
    return true;
}

size_t inspect_result(const struct inspector *inspector, const char *text, size_t length, cJSON **document,
                      finding_report report, void *context)
{
    struct inspection inspection = {.report = report, .context = context};
    struct foreign foreign;
    *document = parse(&inspection, text, length, RESULT_MAX_BYTES);
    if (*document && foreign_read(*document, &foreign))
        found(&inspection, "schema", "the document is a result of another program");
    else if (*document)
        inspect_result_tree(inspector, &inspection, text, length, *document);
    return inspection.count;
}

/* The schema that a processed file names; NULL when it names none that we have. */
static const struct schema *named_schema(const struct inspector *inspector, const char *name)
{
    for (size_t i = 0; i < PROCESSED_FILES; i++)
        if (strcmp(name, processed_files[i].schema) == 0)
            return inspector->processed[i];
    if (strcmp(name, SCHEMA_PRICES) == 0)
        return inspector->prices;
    return strcmp(name, SCHEMA_PERIOD_SUMMARY) == 0 ? inspector->period : NULL;
}

/* Whether a member is there that this program's documents have: else it is of another kind altogether. */
static bool is_ours(const cJSON *document)
{
    static const char *const members[] = {"schema_version", "metadata", "performance_data"};
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
        if (json_at(document, members[i]))
            return true;
    return false;
}

static enum inspected_kind inspect_processed(const struct inspector *inspector, struct inspection *inspection,
                                             const char *name, const cJSON *document)
{
    const struct schema *schema = name ? named_schema(inspector, name) : NULL;
    if (schema && schema_check(schema, document, broke_schema, inspection) == 0)
        return INSPECTED_PROCESSED;
    if (!schema)
        found(inspection, "schema", "the file names a schema that this program does not have");
    return INSPECTED_UNSOUND;
}

static enum inspected_kind inspect_tree(const struct inspector *inspector, struct inspection *inspection,
                                        const char *text, size_t length, const cJSON *document)
{
    struct foreign foreign;
    if (json_at(document, "schema"))
        return inspect_processed(inspector, inspection, json_string_or(document, "schema", NULL), document);
    if (foreign_read(document, &foreign)) {
        check_foreign(document, &foreign, inspector->architecture_of, found, inspection);
        return INSPECTED_FOREIGN;
    }
    if (!is_ours(document)) {
        found(inspection, "schema", "the file is neither a result document nor a processed file");
        return INSPECTED_OTHER;
    }
    return inspect_result_tree(inspector, inspection, text, length, document) ? INSPECTED_RESULT
                                                                              : INSPECTED_UNSOUND;
}

void inspected_free(struct inspected *inspected)
{
    cJSON_Delete(inspected->document);
    *inspected = (struct inspected){0};
}

size_t inspect_file(const struct inspector *inspector, const char *text, size_t length,
                    struct inspected *inspected, finding_report report, void *context)
{
    struct inspection inspection = {.report = report, .context = context};
    *inspected = (struct inspected){.document = parse(&inspection, text, length, INSPECT_MAX_BYTES)};
    if (inspected->document)
        inspected->kind = inspect_tree(inspector, &inspection, text, length, inspected->document);
    return inspection.count;
}
