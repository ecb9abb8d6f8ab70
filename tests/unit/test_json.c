#include "unit.h"

#include "base/json.h"

#include <math.h>
#include <string.h>

static cJSON *parse(const char *text, struct err *err)
{
    return json_parse(text, strlen(text), 1 << 16, err);
}

static void assert_refused(const char *text)
{
    struct err err = {0};
    cJSON *tree = parse(text, &err);
    if (tree)
        fail_msg("accepted: %.40s", text);
    assert_int_equal(err.kind, ERR_DATA);
}

static void refuses_what_is_not_one_whole_document(void **state UNUSED)
{
    assert_refused("");
    assert_refused("{\"a\": 1");
    assert_refused("{\"a\": 1} x");
    assert_refused("{\"a\": 1}{\"b\": 2}");
    assert_refused("{\"a\": \"\xff\"}");
    assert_refused("{\"a\": {\"b\": 1, \"b\": 2}}");
    assert_refused("{\"\": 1, \"\": 2}");
    assert_refused("[1e999]");
}

static void refuses_a_nul_in_a_string_also_as_an_escape(void **state UNUSED)
{
    assert_refused("[\"\\u0000\"]");
    assert_refused("[\"a\\\\\\u0000b\"]");
    assert_refused("{\"a\": 1, \"a\\u0000b\": 2}");
    struct err err = {0};
    static const char with_nul[] = "[\"a\0b\"]";
    assert_null(json_parse(with_nul, sizeof with_nul - 1, sizeof with_nul, &err));
    AUTO_JSON cJSON *tree = parse("[\"\\\\u0000\"]", &err);
    assert_non_null(tree);
    assert_string_equal(cJSON_GetArrayItem(tree, 0)->valuestring, "\\u0000");
}

static void refuses_deep_nesting_before_it_recurses(void **state UNUSED)
{
    char text[40000];
    memset(text, '[', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_refused(text);
}

static void refuses_text_over_the_cap(void **state UNUSED)
{
    struct err err = {0};
    assert_null(json_parse("[1, 2, 3]", 9, 8, &err));
    assert_int_equal(err.kind, ERR_DATA);
}

static void a_text_that_is_not_utf8_does_not_spoil_its_document(void **state UNUSED)
{
    struct err err = {0};
    AUTO_JSON cJSON *tree = cJSON_CreateObject();
    assert_succeeds(json_add_string(tree, "cut", "caf\xc3", &err), err);
    assert_succeeds(json_add_string(tree, "whole", "caf\xc3\xa9\n", &err), err);
    AUTO_FREE char *text = json_print(tree, false, &err);
    assert_string_equal(text, "{\"cut\":\"caf?\",\"whole\":\"caf\xc3\xa9\\n\"}");
}

static void prints_the_same_bytes_for_the_same_tree(void **state UNUSED)
{
    struct err err = {0};
    AUTO_JSON cJSON *tree = parse("{\"s\":\"tab\\there\",\"n\":[1.5,12345678901],\"o\":{}}", &err);
    assert_non_null(tree);
    AUTO_FREE char *pretty = json_print(tree, true, &err);
    assert_string_equal(pretty,
                        "{\n  \"s\": \"tab\\there\",\n  \"n\": [1.5, 12345678901],\n  \"o\": {\n  }\n}\n");
    AUTO_FREE char *plain = json_print(tree, false, &err);
    assert_string_equal(plain, "{\"s\":\"tab\\there\",\"n\":[1.5,12345678901],\"o\":{}}");
}

static void finds_items_by_path_and_checks_their_type(void **state UNUSED)
{
    struct err err = {0};
    AUTO_JSON cJSON *tree = parse("{\"a\": {\"b\": 7, \"c\": 1.5, \"big\": 9007199254740994}}", &err);
    int64_t whole = 0;
    assert_succeeds(json_get_i64(tree, "a.b", &whole, &err), err);
    assert_int_equal(whole, 7);
    assert_fails(json_get_i64(tree, "a.c", &whole, &err), err, ERR_DATA);
    assert_fails(json_get_i64(tree, "a.big", &whole, &err), err, ERR_DATA);
    assert_fails(json_get_i64(tree, "a.none", &whole, &err), err, ERR_DATA);
}

static void never_writes_what_is_not_a_number(void **state UNUSED)
{
    struct err err = {0};
    AUTO_JSON cJSON *tree = cJSON_CreateObject();
    assert_fails(json_add_double(tree, "x", NAN, &err), err, ERR_DATA);
    assert_succeeds(json_add_i64(tree, "y", INT64_MAX, &err), err);
    AUTO_FREE char *text = json_print(tree, false, &err);
    assert_string_equal(text, "{\"y\":9223372036854775807}");
}

/* Neighbours that fifteen digits don't tell apart, and numbers that need seventeen. */
static void a_number_is_read_again_as_it_was(void **state UNUSED)
{
    static const double numbers[] = {
        46.274991029772195,     46.2749910297722,  0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.1, 1e22,
        9007199254740993.0 * 4, 39.497721706377796};
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
        struct err err = {0};
        AUTO_JSON cJSON *tree = cJSON_CreateDoubleArray(&numbers[i], 1);
        AUTO_FREE char *text = json_print(tree, false, &err);
        assert_non_null(text);
        AUTO_JSON cJSON *again = parse(text, &err);
        if (cJSON_GetArrayItem(again, 0)->valuedouble != numbers[i])
            fail_msg("%.17g became %s", numbers[i], text);
        assert_true(strlen(text) <= strlen("[-1.7976931348623157e+308]"));
    }
}

static void makes_the_objects_on_the_way_to_a_path(void **state UNUSED)
{
    struct err err = {0};
    const char *last = NULL;
    AUTO_JSON cJSON *tree = parse("{\"n\": 1}", &err);
    cJSON *parent = json_parent(tree, "a.b.c", &last, &err);
    assert_non_null(parent);
    assert_string_equal(last, "c");
    assert_ptr_equal(json_at(tree, "a.b"), parent);
    assert_ptr_equal(json_parent(tree, "a.b.d", &last, &err), parent);
    assert_ptr_equal(json_parent(tree, "x", &last, &err), tree);
    assert_null(json_parent(tree, "n.x", &last, &err));
    assert_int_equal(err.kind, ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_not_one_whole_document),
        cmocka_unit_test(refuses_a_nul_in_a_string_also_as_an_escape),
        cmocka_unit_test(refuses_deep_nesting_before_it_recurses),
        cmocka_unit_test(refuses_text_over_the_cap),
        cmocka_unit_test(a_text_that_is_not_utf8_does_not_spoil_its_document),
        cmocka_unit_test(prints_the_same_bytes_for_the_same_tree),
        cmocka_unit_test(finds_items_by_path_and_checks_their_type),
        cmocka_unit_test(never_writes_what_is_not_a_number),
        cmocka_unit_test(a_number_is_read_again_as_it_was),
        cmocka_unit_test(makes_the_objects_on_the_way_to_a_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
