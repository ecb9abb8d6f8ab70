#include "report/json_writer.h"

#include "test.h"

#include <math.h>

static void expect_text(const char *text, const char *json_text_wanted)
{
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(4096);
    struct json_writer json = json_writer_to(&out);
    json_text(&json, NULL, text);
    assert_int_equal(json_finish(&json, NULL), 0);
    assert_string_equal(strbuf_text(&out), json_text_wanted);
}

TEST(escapes_what_json_wants_escaped)
{
    expect_text("plain", "\"plain\"");
    expect_text("", "\"\"");
    expect_text("a\"b\\c/", "\"a\\\"b\\\\c/\"");
    expect_text("\b\t\n\x01\x1f", "\"\\u0008\\u0009\\u000a\\u0001\\u001f\"");
    expect_text("µs → \xf0\x9f\x98\x80", "\"µs → \xf0\x9f\x98\x80\"");
}

TEST(replaces_bytes_that_are_not_utf8)
{
    expect_text("a\xffz", "\"a\\ufffdz\"");
    expect_text("\xc3", "\"\\ufffd\"");
    expect_text("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
    expect_text("\xc0\xafx", "\"\\ufffd\\ufffdx\"");
}

TEST(puts_separators_where_they_belong)
{
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(4096);
    struct json_writer json = json_writer_to(&out);
    json_begin_object(&json, NULL);
    json_whole(&json, "whole", UINT64_MAX);
    json_number(&json, "number", 0.25);
    json_begin_array(&json, "array");
    json_begin_object(&json, NULL);
    json_end_object(&json);
    json_null(&json, NULL);
    json_bool(&json, NULL, true);
    json_begin_array(&json, NULL);
    json_end_array(&json);
    json_end_array(&json);
    json_bool(&json, "last", false);
    json_end_object(&json);
    assert_int_equal(json_finish(&json, NULL), 0);
    assert_string_equal(strbuf_text(&out), "{\"whole\":18446744073709551615,\"number\":0.25,"
                                           "\"array\":[{},null,true,[]],\"last\":false}");
}

TEST(refuses_numbers_that_are_not_finite)
{
    static const double wrong[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        AUTO_STRBUF struct strbuf out = STRBUF_INIT(4096);
        struct json_writer json = json_writer_to(&out);
        struct err err = {0};
        json_number(&json, NULL, wrong[i]);
        assert_int_equal(json_finish(&json, &err), -1);
        assert_int_equal(err.kind, ERR_DATA);
    }
}

TEST(refuses_to_grow_beyond_its_cap)
{
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(10);
    struct json_writer json = json_writer_to(&out);
    json_text(&json, NULL, "more than ten bytes");
    assert_int_equal(json_finish(&json, NULL), -1);
}

TEST(notices_what_was_left_open)
{
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(100);
    struct json_writer json = json_writer_to(&out);
    json_begin_object(&json, NULL);
    assert_int_equal(json_finish(&json, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_what_json_wants_escaped),
        cmocka_unit_test(replaces_bytes_that_are_not_utf8),
        cmocka_unit_test(puts_separators_where_they_belong),
        cmocka_unit_test(refuses_numbers_that_are_not_finite),
        cmocka_unit_test(refuses_to_grow_beyond_its_cap),
        cmocka_unit_test(notices_what_was_left_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
