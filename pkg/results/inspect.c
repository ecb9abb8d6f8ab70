#include "results/inspect.h"

#include "results/attestation.h"
#include "results/document.h"
#include "results/sense.h"

#include <string.h>

int inspector_init(struct inspector *inspector, struct err *err)
{
    *inspector = (struct inspector){
        .result = schema_load(SCHEMA_RESULT, err),
        .metadata = schema_load(SCHEMA_METADATA, err),
    };
    bool loaded = inspector->result && inspector->metadata;
    for (size_t file = 0; loaded && file < PUBLISHED_FILES; file++) {
        inspector->files[file] = schema_load(published_files[file].schema, err);
        loaded = inspector->files[file] != NULL;
    }
    return loaded ? 0 : -1;
}

void inspector_free(struct inspector *inspector)
{
    schema_free(inspector->result);
    for (size_t file = 0; file < PUBLISHED_FILES; file++)
        schema_free(inspector->files[file]);
    schema_free(inspector->metadata);
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

static void inspect_result_tree(const struct inspector *inspector, struct inspection *inspection,
                                const char *text, size_t length, const cJSON *tree)
{
    bool valid = schema_check(inspector->result, tree, broke_schema, inspection) == 0;
    if (valid || cJSON_IsString(json_at(tree, "integrity.sha256")))
        check_digest(inspection, text, length, tree);
    if (!valid)
        return; /* the rules of sense read fields unguarded */
    check_architecture(tree, inspector->architecture_of, found, inspection);
    check_statistics(tree, found, inspection);
    check_plausibility(tree, found, inspection);
    check_attestation(tree, inspector->signers, found, inspection);
}

size_t inspect_result(const struct inspector *inspector, const char *text, size_t length, cJSON **document,
                      finding_report report, void *context)
{
    struct inspection inspection = {.report = report, .context = context};
    *document = parse(&inspection, text, length, RESULT_MAX_BYTES);
    if (*document)
        inspect_result_tree(inspector, &inspection, text, length, *document);
    return inspection.count;
}

/* The schema that a processed file names; NULL when it names none that we have. */
static const struct schema *named_schema(const struct inspector *inspector, const char *name)
{
    for (size_t file = 0; file < PUBLISHED_FILES; file++)
        if (strcmp(name, published_files[file].schema) == 0)
            return inspector->files[file];
    return strcmp(name, SCHEMA_METADATA) == 0 ? inspector->metadata : NULL;
}

bool inspect_is_ours(const cJSON *document)
{
    static const char *const members[] = {"schema", "schema_version", "metadata", "performance_data"};
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++)
        if (json_at(document, members[i]))
            return true;
    return false;
}

size_t inspect_file(const struct inspector *inspector, const char *text, size_t length, cJSON **document,
                    finding_report report, void *context)
{
    struct inspection inspection = {.report = report, .context = context};
    *document = parse(&inspection, text, length, INSPECT_MAX_BYTES);
    const char *name = *document ? json_string_or(*document, "schema", NULL) : NULL;
    const struct schema *schema = name ? named_schema(inspector, name) : NULL;
    if (schema)
        schema_check(schema, *document, broke_schema, &inspection);
    else if (name)
        found(&inspection, "schema", "the file names a schema that this program does not have");
    else if (*document && !inspect_is_ours(*document))
        found(&inspection, "schema", "the file is neither a result document nor a processed file");
    else if (*document)
        inspect_result_tree(inspector, &inspection, text, length, *document);
    return inspection.count;
}
