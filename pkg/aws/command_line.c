#include "aws/command_line.h"

#include <stdbool.h>
#include <string.h>

/* Reading from `at`, writing behind it: a word never gets longer. */
struct splitter {
    const char *at;
    char *out;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void copy_one(struct splitter *splitter)
{
    *splitter->out++ = *splitter->at++;
}

/* What stands in quotes, up to the closing one. */
static bool copy_quoted(struct splitter *splitter)
{
    char quote = *splitter->at++;
    while (*splitter->at && *splitter->at != quote) {
        bool escapes =
            quote == '"' && splitter->at[0] == '\\' && (splitter->at[1] == '"' || splitter->at[1] == '\\');
        splitter->at += escapes;
        copy_one(splitter);
    }
    if (*splitter->at != quote)
        return false;
    splitter->at++;
    return true;
}

/* One word, which is ended with a NUL. */
static bool copy_word(struct splitter *splitter)
{
    while (*splitter->at && !is_blank(*splitter->at)) {
        if (*splitter->at == '\'' || *splitter->at == '"') {
            if (!copy_quoted(splitter))
                return false;
            continue;
        }
        if (*splitter->at == '\\') {
            splitter->at++;
            if (!*splitter->at)
                return false;
        }
        copy_one(splitter);
    }
    splitter->at += *splitter->at != '\0';
    *splitter->out++ = '\0';
    return true;
}

static int split(struct command_line *line, struct err *err)
{
    struct splitter splitter = {line->text, line->text};
    for (;;) {
        while (is_blank(*splitter.at))
            splitter.at++;
        if (!*splitter.at)
            break;
        if (line->count == COMMAND_LINE_MAX_WORDS)
            return err_set(err, ERR_CONFIG, "the command has more than %d words", COMMAND_LINE_MAX_WORDS);
        line->words[line->count++] = splitter.out;
        if (!copy_word(&splitter))
            return err_set(err, ERR_CONFIG, "the command ends within quotes or behind a backslash");
    }
    if (line->count == 0 || !*line->words[0])
        return err_set(err, ERR_CONFIG, "the command is empty");
    return 0;
}

int command_line_split(const char *text, struct command_line *line, struct err *err)
{
    *line = (struct command_line){0};
    if (strlen(text) > COMMAND_LINE_MAX_BYTES)
        return err_set(err, ERR_CONFIG, "the command is longer than %d bytes", COMMAND_LINE_MAX_BYTES);
    line->text = strdup(text);
    if (!line->text)
        return err_memory(err);
    if (split(line, err) == 0)
        return 0;
    command_line_free(line);
    return -1;
}

void command_line_free(struct command_line *line)
{
    free(line->text);
    *line = (struct command_line){0};
}
