#include "unit.h"

#include "aws/ini.h"
#include "base/strbuf.h"

#include <string.h>

static int note(void *context, const char *section, const char *key, const char *value,
                struct err *err UNUSED)
{
    strbuf_addf(context, "%s|%s|%s\n", section, key, value);
    return 0;
}

static void assert_reads(const char *text, const char *wanted)
{
    struct err err;
    AUTO_STRBUF struct strbuf seen = STRBUF_INIT(65536);
    assert_succeeds(ini_parse(text, strlen(text), note, &seen, &err), err);
    assert_string_equal(strbuf_text(&seen), wanted);
}

static void assert_refuses(const char *text, size_t length, const char *why)
{
    struct err err;
    AUTO_STRBUF struct strbuf seen = STRBUF_INIT(65536);
    assert_fails(ini_parse(text, length, note, &seen, &err), err, ERR_CONFIG);
    if (!strstr(err.message, why))
        fail_msg("'%s' does not say '%s'", err.message, why);
    if (strstr(err.message, "SECRET"))
        fail_msg("the message gives a secret away: %s", err.message);
}

static void properties_come_with_their_section(void **state UNUSED)
{
    assert_reads("[default]\naws_access_key_id = AKIA\n\n[profile x]\nRegion=eu-west-1\n[default]\nb=\n",
                 "default|aws_access_key_id|AKIA\nprofile x|region|eu-west-1\ndefault|b|\n");
    assert_reads("", "");
    assert_reads("[only section]", "");
}

static void white_space_and_line_ends_do_not_matter(void **state UNUSED)
{
    assert_reads("\xEF\xBB\xBF[ default ]\r\n\tkey\t=\tvalue with = and [brackets]\t\r\n",
                 "default|key|value with = and [brackets]\n");
}

static void comments_are_dropped_but_secrets_with_their_sign_stay(void **state UNUSED)
{
    assert_reads("# a\n; b\n[s] ; c\n  # d\nk = v#w;x # comment\nl = ;all\n", "s|k|v#w;x\ns|l|\n");
}

static void nested_settings_are_passed_over(void **state UNUSED)
{
    assert_reads("[default]\ns3 =\n  addressing_style = path\n  aws_access_key_id = WRONG\nregion = a\n"
                 "text = one\n\n   two\nlast = 1",
                 "default|s3|\ndefault|region|a\ndefault|text|one\ndefault|last|1\n");
}

static void a_section_indented_as_a_whole_is_read(void **state UNUSED)
{
    assert_reads("[a]\n  k = 1\n  l = 2\n[b]\n  m = 3\n", "a|k|1\na|l|2\nb|m|3\n");
}

static void malformed_lines_are_named_by_number_alone(void **state UNUSED)
{
    assert_refuses("[a]\nSECRET\n", 11, "line 2");
    assert_refuses("SECRET = 1\n", 11, "before the first");
    assert_refuses("[a]\n = SECRET\n", 14, "line 2");
    assert_refuses("[SECRET\n", 8, "line 1");
    assert_refuses("[a] SECRET\n", 11, "line 1");
    assert_refuses("[]\n", 3, "line 1");
    assert_refuses("[a]\nb = c\0d\n", 12, "line 2");
}

static void lines_and_names_have_a_longest_length(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(4u << 20);
    strbuf_adds(&text, "[");
    for (int i = 0; i < 300; i++)
        strbuf_addc(&text, 'x');
    strbuf_adds(&text, "]\n");
    assert_refuses(strbuf_text(&text), text.length, "line 1");
    strbuf_reset(&text);
    strbuf_adds(&text, "[a]\nk = ");
    for (int i = 0; i < 20000; i++)
        strbuf_addc(&text, 'x');
    assert_refuses(strbuf_text(&text), text.length, "line 2");
    for (int i = 0; i < (int)INI_MAX_BYTES; i++)
        strbuf_addc(&text, '\n');
    assert_refuses(strbuf_text(&text), text.length, "larger than");
}

static int stop(void *context, const char *section UNUSED, const char *key UNUSED, const char *value UNUSED,
                struct err *err)
{
    ++*(int *)context;
    return err_set(err, ERR_INTERNAL, "enough");
}

static void a_visitor_can_stop(void **state UNUSED)
{
    struct err err;
    int calls = 0;
    assert_fails(ini_parse("[a]\nb=1\nc=2\n", 12, stop, &calls, &err), err, ERR_INTERNAL);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties_come_with_their_section),
        cmocka_unit_test(white_space_and_line_ends_do_not_matter),
        cmocka_unit_test(comments_are_dropped_but_secrets_with_their_sign_stay),
        cmocka_unit_test(nested_settings_are_passed_over),
        cmocka_unit_test(a_section_indented_as_a_whole_is_read),
        cmocka_unit_test(malformed_lines_are_named_by_number_alone),
        cmocka_unit_test(lines_and_names_have_a_longest_length),
        cmocka_unit_test(a_visitor_can_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
