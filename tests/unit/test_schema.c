#include "unit.h"

#include "results/schema.h"

#include <math.h>
#include <string.h>

static struct schema *schema_of(const char *text)
{
    struct err err = {0};
    struct schema *schema = schema_parse(text, strlen(text), &err);
    if (!schema)
        fail_msg("%s: %s", text, err.message);
    return schema;
}

static void assert_no_schema(const char *text)
{
    struct err err = {0};
    AUTO_SCHEMA struct schema *schema = schema_parse(text, strlen(text), &err);
    if (schema)
        fail_msg("loaded: %s", text);
    assert_int_equal(err.kind, ERR_DATA);
}

/* Whether the document, written as JSON, meets the schema. */
static bool meets(const struct schema *schema, const char *text)
{
    struct err err = {0};
    AUTO_JSON cJSON *tree = json_parse(text, strlen(text), 1 << 16, &err);
    if (!tree)
        fail_msg("%s: %s", text, err.message);
    return schema_check(schema, tree, NULL, NULL) == 0;
}

static void assert_split(const char *schema_text, const char *good, const char *bad)
{
    AUTO_SCHEMA struct schema *schema = schema_of(schema_text);
    if (!meets(schema, good))
        fail_msg("%s refuses %s", schema_text, good);
    if (meets(schema, bad))
        fail_msg("%s accepts %s", schema_text, bad);
}

static void every_keyword_accepts_and_refuses(void **state UNUSED)
{
    assert_split("{\"type\": \"string\"}", "\"a\"", "1");
    assert_split("{\"type\": [\"number\", \"null\"]}", "null", "\"a\"");
    assert_split("{\"type\": \"integer\"}", "2.0", "2.5");
    assert_split("{\"type\": \"boolean\"}", "false", "0");
    assert_split("{\"const\": {\"a\": [1]}}", "{\"a\": [1]}", "{\"a\": [2]}");
    assert_split("{\"enum\": [\"a\", null, 3]}", "null", "\"b\"");
    assert_split("{\"minimum\": 3}", "3", "2.9");
    assert_split("{\"maximum\": 3}", "3", "3.1");
    assert_split("{\"exclusiveMinimum\": 0}", "0.1", "0");
    assert_split("{\"exclusiveMaximum\": 1}", "0.9", "1");
    assert_split("{\"minLength\": 2}", "\"ab\"", "\"a\"");
    assert_split("{\"maxLength\": 2}", "\"\\u00e9\\u00e9\"", "\"abc\"");
    assert_split("{\"minItems\": 1}", "[1]", "[]");
    assert_split("{\"maxItems\": 1}", "[1]", "[1, 2]");
    assert_split("{\"items\": {\"type\": \"number\"}}", "[1, 2]", "[1, \"a\"]");
    assert_split("{\"minProperties\": 1}", "{\"a\": 1}", "{}");
    assert_split("{\"maxProperties\": 1}", "{\"a\": 1}", "{\"a\": 1, \"b\": 2}");
    assert_split("{\"required\": [\"a\"]}", "{\"a\": null}", "{\"A\": 1}");
    assert_split("{\"properties\": {\"a\": {\"type\": \"null\"}}}", "{\"b\": 1}", "{\"a\": 1}");
    assert_split("{\"properties\": {\"a\": true}, \"additionalProperties\": false}", "{\"a\": 1}",
                 "{\"a\": 1, \"b\": 1}");
    assert_split("{\"additionalProperties\": {\"type\": \"number\"}}", "{\"b\": 1}", "{\"b\": null}");
    assert_split("{\"propertyNames\": {\"pattern\": \"^[a-z]+$\"}}", "{\"ab\": 1}", "{\"a1\": 1}");
    assert_split("{\"pattern\": \"^v[0-9]+\\\\.[0-9]{1,2}(-rc)?$\"}", "\"v1.20-rc\"", "\"v1x20\"");
    assert_split("{\"allOf\": [{\"minimum\": 1}, {\"maximum\": 2}]}", "1.5", "3");
    assert_split("{\"anyOf\": [{\"type\": \"null\"}, {\"minimum\": 1}]}", "null", "0");
    assert_split("{\"oneOf\": [{\"minimum\": 1}, {\"maximum\": 2}]}", "3", "1.5");
    assert_split("{\"$ref\": \"#/$defs/x\", \"$defs\": {\"x\": {\"type\": \"null\"}}}", "null", "1");
    assert_split("{\"items\": false}", "[]", "[1]");
}

/* What a keyword says of one type it does not say of another. */
static void keywords_judge_their_own_type_only(void **state UNUSED)
{
    AUTO_SCHEMA struct schema *schema = schema_of(
        "{\"minimum\": 5, \"minLength\": 5, \"minItems\": 5, \"minProperties\": 5, \"pattern\": \"x\"}");
    assert_true(meets(schema, "null"));
    assert_true(meets(schema, "true"));
    assert_false(meets(schema, "4"));
    assert_false(meets(schema, "\"xxx\""));
}

static void a_definition_may_refer_to_itself(void **state UNUSED)
{
    assert_split("{\"$ref\": \"#/$defs/tree\", \"$defs\": {\"tree\": {\"additionalProperties\": {\"anyOf\": "
                 "[{\"type\": \"number\"}, {\"type\": \"object\", \"$ref\": \"#/$defs/tree\"}]}}}}",
                 "{\"a\": {\"b\": {\"c\": 1}}}", "{\"a\": {\"b\": {\"c\": \"x\"}}}");
}

static void a_reference_that_goes_nowhere_ends(void **state UNUSED)
{
    AUTO_SCHEMA struct schema *schema =
        schema_of("{\"$ref\": \"#/$defs/x\", \"$defs\": {\"x\": {\"$ref\": \"#/$defs/x\"}}}");
    assert_false(meets(schema, "1"));
}

static void what_can_not_be_checked_does_not_load(void **state UNUSED)
{
    assert_no_schema("{\"uniqueItems\": true}");
    assert_no_schema("{\"properties\": {\"a\": {\"dependentRequired\": {}}}}");
    assert_no_schema("{\"patternProperties\": {}}");
    assert_no_schema("{\"type\": \"text\"}");
    assert_no_schema("{\"type\": []}");
    assert_no_schema("{\"minimum\": \"3\"}");
    assert_no_schema("{\"maxLength\": -1}");
    assert_no_schema("{\"maxItems\": 1.5}");
    assert_no_schema("{\"required\": \"a\"}");
    assert_no_schema("{\"required\": [1]}");
    assert_no_schema("{\"enum\": 1}");
    assert_no_schema("{\"anyOf\": []}");
    assert_no_schema("{\"$ref\": \"#/$defs/none\"}");
    assert_no_schema("{\"$ref\": \"https://example.com/x.json\"}");
    assert_no_schema("{\"$defs\": {\"a\": 3}}");
    assert_no_schema("3");
    assert_no_schema("{");
}

static void patterns_that_read_otherwise_elsewhere_do_not_load(void **state UNUSED)
{
    assert_no_schema("{\"pattern\": \"^\\\\d+$\"}");
    assert_no_schema("{\"pattern\": \"(?:a|b)\"}");
    assert_no_schema("{\"pattern\": \"[[:alpha:]]\"}");
    assert_no_schema("{\"pattern\": \"[\\\\.]\"}");
    assert_no_schema("{\"pattern\": \"(a\"}");
    assert_no_schema("{\"pattern\": \"[a\"}");
    assert_no_schema("{\"pattern\": \"a\\\\\"}");
}

struct reports {
    size_t count;
    char last[256];
};

static void keep_report(void *context, const char *pointer, const char *message)
{
    struct reports *reports = context;
    reports->count++;
    snprintf(reports->last, sizeof reports->last, "%s: %s", pointer, message);
}

static void reports_each_place_once_with_its_pointer(void **state UNUSED)
{
    AUTO_SCHEMA struct schema *schema =
        schema_of("{\"properties\": {\"a/b\": {\"items\": {\"type\": \"number\"}}}}");
    const char *text = "{\"a/b\": [1, \"x\", null, 2]}";
    struct err err = {0};
    AUTO_JSON cJSON *tree = json_parse(text, strlen(text), 1024, &err);
    struct reports reports = {0};
    assert_int_equal(schema_check(schema, tree, keep_report, &reports), 2);
    assert_int_equal(reports.count, 2);
    assert_string_equal(reports.last, "/a~1b/2: is of type null, not number");
    assert_fails(schema_require(schema, tree, &err), err, ERR_DATA);
    assert_string_equal(err.message, "/a~1b/1 is of type string, not number");
}

static void hostile_names_reach_a_report_short_and_printable(void **state UNUSED)
{
    AUTO_SCHEMA struct schema *schema = schema_of("{\"additionalProperties\": false}");
    AUTO_JSON cJSON *tree = cJSON_CreateObject();
    char name[4000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memcpy(name, "\x1b[31m", 5);
    cJSON_AddNumberToObject(tree, name, 1);
    struct reports reports = {0};
    assert_int_equal(schema_check(schema, tree, keep_report, &reports), 1);
    assert_null(strchr(reports.last, '\x1b'));
    assert_true(strlen(reports.last) < 200);
}

static void numbers_that_are_not_finite_never_pass(void **state UNUSED)
{
    AUTO_SCHEMA struct schema *schema = schema_of("{\"type\": \"number\"}");
    const cJSON infinite = {.type = cJSON_Number, .valuedouble = INFINITY};
    struct err err;
    assert_fails(schema_require(schema, &infinite, &err), err, ERR_DATA);
}

static void every_schema_the_program_carries_loads(void **state UNUSED)
{
    static const char *const names[] = {
        SCHEMA_RESULT,         SCHEMA_SUITE_OUTPUT,      SCHEMA_PERIOD_SUMMARY, SCHEMA_MEMORY_BENCHMARKS,
        SCHEMA_CPU_BENCHMARKS, SCHEMA_INSTANCE_RANKINGS, SCHEMA_METADATA};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct err err = {0};
        AUTO_SCHEMA struct schema *schema = schema_load(names[i], &err);
        if (!schema)
            fail_msg("%s", err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_keyword_accepts_and_refuses),
        cmocka_unit_test(keywords_judge_their_own_type_only),
        cmocka_unit_test(a_definition_may_refer_to_itself),
        cmocka_unit_test(a_reference_that_goes_nowhere_ends),
        cmocka_unit_test(what_can_not_be_checked_does_not_load),
        cmocka_unit_test(patterns_that_read_otherwise_elsewhere_do_not_load),
        cmocka_unit_test(reports_each_place_once_with_its_pointer),
        cmocka_unit_test(hostile_names_reach_a_report_short_and_printable),
        cmocka_unit_test(numbers_that_are_not_finite_never_pass),
        cmocka_unit_test(every_schema_the_program_carries_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
