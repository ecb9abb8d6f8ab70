#include "unit.h"

#include "base/lines.h"
#include "base/strbuf.h"

#include <string.h>

static void note(void *context, const char *line, size_t length)
{
    strbuf_addc(context, '[');
    strbuf_add(context, line, length);
    strbuf_addc(context, ']');
}

static void lines_are_whole_however_they_arrive(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf noted = STRBUF_INIT(1000);
    struct lines lines = {.on_line = note, .context = &noted};
    lines_take(&lines, "one\nt", 5);
    lines_take(&lines, "", 0);
    lines_take(&lines, "wo\n\n\nthree", 10);
    assert_string_equal(strbuf_text(&noted), "[one][two]");
    lines_end(&lines);
    lines_end(&lines);
    assert_string_equal(strbuf_text(&noted), "[one][two][three]");
}

static void what_a_line_has_too_much_is_dropped(void **state UNUSED)
{
    static char long_line[3 * LONGEST_LINE];
    AUTO_STRBUF struct strbuf noted = STRBUF_INIT(1 << 16);
    struct lines lines = {.on_line = note, .context = &noted};
    memset(long_line, 'x', sizeof long_line);
    lines_take(&lines, long_line, sizeof long_line);
    lines_take(&lines, "y\nnext\n", 7);
    assert_int_equal(noted.length, LONGEST_LINE + 2 + strlen("[next]"));
    assert_null(strchr(strbuf_text(&noted), 'y'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_whole_however_they_arrive),
        cmocka_unit_test(what_a_line_has_too_much_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
