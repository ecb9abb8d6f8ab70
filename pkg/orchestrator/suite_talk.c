#include "orchestrator/suite_talk.h"

#include "base/parse.h"
#include "base/text.h"

#include <string.h>

/* "progress 40 text" gives 40 and moves *text; anything else gives -1. */
static int progress_percent(const char **text)
{
    if (!text_starts_with(*text, "progress "))
        return -1;
    struct cursor cursor = cursor_over(*text + strlen("progress "));
    uint32_t percent = 0;
    if (!cursor_number(&cursor, &percent) || percent > 100)
        return -1;
    cursor_skip(&cursor, ' ');
    *text = cursor.at;
    return (int)percent;
}

void suite_hear_line(void *context, const char *line, size_t length)
{
    struct suite_listener *listener = context;
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(8192);
    text_add_printable(&printable, line, length);
    const char *text = strbuf_text(&printable);
    int percent = progress_percent(&text);
    if (percent < 0)
        snprintf(listener->last_words, sizeof listener->last_words, "%s", text);
    if (listener->talk && listener->talk->progress)
        listener->talk->progress(listener->talk->context, percent, text);
}

int suite_explain_exit(const char *suite, int exit_code, const char *last_words, struct err *err)
{
    const char *what = "failed";
    if (exit_code == 1)
        what = "did not pass its own check";
    else if (exit_code == 2)
        what = "does not know the suite or one of its options";
    else if (exit_code == 3)
        what = "can't run on this machine";
    else if (exit_code > 128)
        what = "was killed";
    return err_set(err, ERR_REMOTE, "suite %s %s (exit code %d)%s%s", suite, what, exit_code,
                   *last_words ? ": " : "", last_words);
}
