#include "unit.h"

#include "aws/uri.h"

static void assert_encodes(const char *text, bool keep_slash, const char *wanted)
{
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(1024);
    uri_encode(&out, text, keep_slash);
    assert_string_equal(strbuf_text(&out), wanted);
}

static void assert_normalises(const char *path, const char *wanted)
{
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(1024);
    uri_normalise_path(&out, path);
    assert_string_equal(strbuf_text(&out), wanted);
}

static void encodes_all_but_the_unreserved(void **state UNUSED)
{
    assert_encodes("aZ09-._~", false, "aZ09-._~");
    assert_encodes("a b+c*%", false, "a%20b%2Bc%2A%25");
    assert_encodes("a/b=c", true, "a/b%3Dc");
    assert_encodes("a/b", false, "a%2Fb");
    assert_encodes("\xE1\x88\xB4\x7f\n", false, "%E1%88%B4%7F%0A");
}

static void normalises_dots_and_double_slashes_away(void **state UNUSED)
{
    assert_normalises("/", "/");
    assert_normalises("", "/");
    assert_normalises("//", "/");
    assert_normalises("/./", "/");
    assert_normalises("/./example", "/example");
    assert_normalises("//example//", "/example/");
    assert_normalises("/example/..", "/");
    assert_normalises("/a/b/../..", "/");
    assert_normalises("/a/b/..", "/a/");
    assert_normalises("/../../a", "/a");
    assert_normalises("/a/.", "/a/");
    assert_normalises("/.a/..b/c..", "/.a/..b/c..");
}

static void normalising_never_eats_what_was_there_before(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(64);
    strbuf_adds(&out, "GET\n/x");
    uri_normalise_path(&out, "/../..");
    assert_string_equal(strbuf_text(&out), "GET\n/x/");
}

static void queries_are_sorted_by_encoded_name_then_value(void **state UNUSED)
{
    struct err err;
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(1024);
    const struct uri_param params[] = {
        {"b", "2"}, {"a", "z"}, {"a", "b c"}, {"A", ""}, {"a-b", "1"}, {"\xE1\x88\xB4", "v&="},
    };
    assert_succeeds(uri_canonical_query(&out, params, ARRAY_LENGTH(params), &err), err);
    assert_string_equal(strbuf_text(&out), "%E1%88%B4=v%26%3D&A=&a=b%20c&a=z&a-b=1&b=2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_all_but_the_unreserved),
        cmocka_unit_test(normalises_dots_and_double_slashes_away),
        cmocka_unit_test(normalising_never_eats_what_was_there_before),
        cmocka_unit_test(queries_are_sorted_by_encoded_name_then_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
