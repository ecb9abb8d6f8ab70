/* The result document, of this program or of another: whatever is found in it, no rule may break; what passes
 * them all but the digest, which no fuzzer forges, must make processed files that meet their schemas. */
#include "fuzz.h"

#include "results/aggregate.h"
#include "results/census.h"
#include "results/inspect.h"
#include "storage/keys.h"

static void count_others(void *context, const char *rule, const char *message)
{
    size_t *others = context;
    if (*message == '\0' || strchr(message, '\n'))
        abort();
    *others += strcmp(rule, "checksum") != 0;
}

static void require_valid(const struct schema *schema, cJSON *made, struct err *err)
{
    AUTO_JSON cJSON *tree = made;
    require_success(tree ? 0 : -1, err);
    require_success(schema_require(schema, tree, err), err);
}

static void summarize_periods(const struct inspector *inspector, const struct aggregate *aggregate,
                              enum period_kind kind)
{
    struct err err = {0};
    size_t count = 0;
    AUTO_FREE int32_t *periods = aggregate_periods(aggregate, kind, &count, &err);
    require_success(periods ? 0 : -1, &err);
    for (size_t i = 0; i < count; i++)
        require_valid(inspector->period, aggregate_period(aggregate, kind, periods[i], &err), &err);
}

/* Twice the same bytes are never at fault, whatever they are. */
static void compare_with_itself(const struct inspected *inspected)
{
    struct err err = {0};
    size_t others = 0;
    AUTO_CENSUS struct census census = {0};
    for (int i = 0; i < 2; i++) {
        int found = 0;
        if (inspected->kind == INSPECTED_RESULT)
            found = census_take(&census, "a", inspected->document, "digest", count_others, &others, &err);
        if (inspected->kind == INSPECTED_FOREIGN)
            found = census_take_foreign(&census, "a", inspected->document, count_others, &others, &err);
        require_success(found, &err);
    }
}

static void inspect_any(const struct inspector *inspector, const uint8_t *data, size_t size)
{
    size_t others = 0;
    AUTO_INSPECTED struct inspected inspected = {0};
    inspect_file(inspector, (const char *)data, size, &inspected, count_others, &others);
    compare_with_itself(&inspected);
}

static void publish(const struct inspector *inspector, const cJSON *document)
{
    const struct aggregate_options options = {.include_sandbox = true, .include_local = true};
    struct err err = {0};
    const char *reason = NULL;
    AUTO_AGGREGATE struct aggregate *aggregate = aggregate_new(&options, &err);
    if (!aggregate || aggregate_add(aggregate, document, &reason, &err) == AGGREGATE_FAILED)
        require_success(-1, &err);
    for (size_t i = 0; i < PROCESSED_FILES; i++)
        require_valid(inspector->processed[i], processed_files[i].make(aggregate, &err), &err);
    for (enum period_kind kind = 0; kind < PERIOD_KINDS; kind++)
        summarize_periods(inspector, aggregate, kind);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    size_t others = 0;
    AUTO_JSON cJSON *document = NULL;
    static struct inspector inspector; /* made once: it takes longer than to inspect */
    if (!inspector.results[0])
        require_success(inspector_init(&inspector, &err), &err);
    inspect_any(&inspector, data, size);
    inspect_result(&inspector, (const char *)data, size, &document, count_others, &others);
    if (!document || others > 0)
        return 0;
    struct result_key key;
    struct result_key again;
    char path[RESULT_KEY_SIZE];
    if (result_key_of_document(document, &key, &err) == 0) {
        require_success(result_key_format(&key, path, &err), &err);
        require_success(result_key_parse(path, &again, &err), &err);
    }
    publish(&inspector, document);
    return 0;
}
