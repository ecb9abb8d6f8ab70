#include "unit.h"

#include "aws/command_line.h"

#include <stdlib.h>
#include <string.h>

/* The words, joined with '|'. */
static void assert_words(const char *text, const char *wanted)
{
    struct err err;
    struct command_line line;
    char joined[512] = "";
    size_t length = 0;
    assert_succeeds(command_line_split(text, &line, &err), err);
    for (size_t i = 0; i < line.count; i++)
        length +=
            (size_t)snprintf(joined + length, sizeof joined - length, "%s%s", i ? "|" : "", line.words[i]);
    assert_string_equal(joined, wanted);
    assert_null(line.words[line.count]);
    command_line_free(&line);
}

static void assert_refused(const char *text)
{
    struct err err;
    struct command_line line;
    assert_fails(command_line_split(text, &line, &err), err, ERR_CONFIG);
    assert_null(line.text);
}

static void words_are_parted_by_blanks(void **state UNUSED)
{
    assert_words("/bin/echo", "/bin/echo");
    assert_words("  a\tb   c ", "a|b|c");
}

static void quotes_hold_blanks_and_backslashes_escape(void **state UNUSED)
{
    assert_words("'a b' \"c d\" e\\ f", "a b|c d|e f");
    assert_words("--x='1 2'3\"4\"", "--x=1 234");
    assert_words("\"a\\\"b\\\\c\\d\" 'e\\f'", "a\"b\\c\\d|e\\f");
    assert_words("a '' \"\" b", "a|||b");
}

static void nothing_of_a_shell_is_expanded(void **state UNUSED)
{
    assert_words("a $HOME ~ * `b` $(c) ; d | e > f & #g", "a|$HOME|~|*|`b`|$(c)|;|d|||e|>|f|&|#g");
}

static void malformed_commands_are_refused(void **state UNUSED)
{
    static const char *const malformed[] = {"", "  \t", "''", "a 'b", "a \"b", "a\\", "a \"b\\\""};
    for (size_t i = 0; i < ARRAY_LENGTH(malformed); i++)
        assert_refused(malformed[i]);
}

static void the_caps_hold(void **state UNUSED)
{
    char *text = malloc(COMMAND_LINE_MAX_BYTES + 2);
    memset(text, 'a', COMMAND_LINE_MAX_BYTES + 1);
    text[COMMAND_LINE_MAX_BYTES + 1] = '\0';
    assert_refused(text);
    for (size_t i = 0; i < 2 * (COMMAND_LINE_MAX_WORDS + 1); i++)
        text[i] = i % 2 ? ' ' : 'a';
    text[2 * (COMMAND_LINE_MAX_WORDS + 1)] = '\0';
    assert_refused(text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_parted_by_blanks),
        cmocka_unit_test(quotes_hold_blanks_and_backslashes_escape),
        cmocka_unit_test(nothing_of_a_shell_is_expanded),
        cmocka_unit_test(malformed_commands_are_refused),
        cmocka_unit_test(the_caps_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
