/* Documents against every schema that the program carries: what is said about a document can be shown to a
 * person, agrees with the short answer, and is the same for the document printed and read again. */
#include "fuzz.h"

#include "base/json.h"
#include "base/text.h"
#include "results/schema.h"

static void check_report(void *context, const char *pointer, const char *message)
{
    ++*(size_t *)context;
    require(pointer[0] == '\0' || pointer[0] == '/');
    require(message[0] && !strchr(message, '\n') && text_is_utf8(message, strlen(message)));
}

static void check_schema(const struct schema *schema, const cJSON *tree, const cJSON *again)
{
    struct err err = {0};
    size_t reported = 0;
    size_t broken = schema_check(schema, tree, check_report, &reported);
    require(broken == reported);
    require((schema_require(schema, tree, &err) == 0) == (broken == 0));
    require(schema_check(schema, again, check_report, &reported) == broken);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {SCHEMA_RESULT, SCHEMA_SUITE_OUTPUT, SCHEMA_MEMORY_BENCHMARKS,
                                        SCHEMA_METADATA};
    static struct schema *schemas[ARRAY_LENGTH(names)]; /* loaded once: it takes longer than to check */
    struct err err = {0};
    AUTO_JSON cJSON *tree = json_parse((const char *)data, size, 1 << 16, &err);
    if (!tree)
        return 0;
    AUTO_FREE char *text = json_print(tree, size % 2, &err);
    AUTO_JSON cJSON *again = text ? json_parse(text, strlen(text), SIZE_MAX, &err) : NULL;
    require_success(again ? 0 : -1, &err);
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (!schemas[i])
            schemas[i] = schema_load(names[i], &err);
        require_success(schemas[i] ? 0 : -1, &err);
        check_schema(schemas[i], tree, again);
    }
    return 0;
}
