#include "aws/ini.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <string.h>

#define MAX_LINE 16384 /* a session token has a few thousand characters */
#define MAX_SECTION 256

struct reader {
    ini_visit visit;
    void *context;
    unsigned line_number;
    bool in_section;
    bool in_property;
    size_t property_indent;
    char section[MAX_SECTION];
    char line[MAX_LINE];
};

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static char *trim(char *text)
{
    while (is_white(*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && is_white(text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

static void lower_case(char *text)
{
    for (; *text; text++) {
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text + ('a' - 'A'));
    }
}

/* A comment begins where white space comes before the sign: secrets may hold the sign itself. */
static void cut_comment(char *text)
{
    for (char *at = text; *at; at++) {
        if ((*at == '#' || *at == ';') && (at == text || is_white(at[-1]))) {
            *at = '\0';
            return;
        }
    }
}

static int malformed(const struct reader *reader, const char *what, struct err *err)
{
    return err_set(err, ERR_CONFIG, "line %u %s", reader->line_number, what);
}

static int read_section(struct reader *reader, char *text, struct err *err)
{
    char *end = strchr(text, ']');
    if (!end || *trim(end + 1) != '\0')
        return malformed(reader, "begins a section without ending it in ']'", err);
    *end = '\0';
    const char *name = trim(text + 1);
    size_t length = strlen(name);
    if (length == 0 || length >= sizeof reader->section)
        return malformed(reader, "has an empty section name, or one that is too long", err);
    memcpy(reader->section, name, length + 1);
    reader->in_section = true;
    reader->in_property = false;
    return 0;
}

static int read_property(struct reader *reader, char *text, size_t indent, struct err *err)
{
    char *equals = strchr(text, '=');
    if (!equals)
        return malformed(reader, "is neither a section, nor NAME = VALUE, nor a comment", err);
    if (!reader->in_section)
        return malformed(reader, "stands before the first [section]", err);
    *equals = '\0';
    char *key = trim(text);
    if (!*key)
        return malformed(reader, "has no name before the '='", err);
    lower_case(key);
    reader->in_property = true;
    reader->property_indent = indent;
    return reader->visit(reader->context, reader->section, key, trim(equals + 1), err);
}

static int read_line(struct reader *reader, struct err *err)
{
    char *text = reader->line;
    size_t indent = 0;
    while (is_white(text[indent]))
        indent++;
    cut_comment(text);
    text = trim(text);
    if (!*text || (reader->in_property && indent > reader->property_indent))
        return 0;
    return *text == '[' ? read_section(reader, text, err) : read_property(reader, text, indent, err);
}

static int read_lines(struct reader *reader, const char *text, size_t length, struct err *err)
{
    const char *end = text + length;
    while (text < end) {
        const char *line_end = memchr(text, '\n', (size_t)(end - text));
        size_t line_length = (size_t)((line_end ? line_end : end) - text);
        reader->line_number++;
        if (line_length >= sizeof reader->line || memchr(text, '\0', line_length))
            return malformed(reader, "is too long or not text", err);
        memcpy(reader->line, text, line_length);
        reader->line[line_length] = '\0';
        if (read_line(reader, err) < 0)
            return -1;
        text += line_length + 1;
    }
    return 0;
}

int ini_parse(const char *text, size_t length, ini_visit visit, void *context, struct err *err)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    if (length > INI_MAX_BYTES)
        return err_set(err, ERR_CONFIG, "the file is larger than %u bytes", INI_MAX_BYTES);
    if (length >= 3 && memcmp(text, byte_order_mark, 3) == 0) {
        text += 3;
        length -= 3;
    }
    struct reader reader = {.visit = visit, .context = context};
    int result = read_lines(&reader, text, length, err);
    OPENSSL_cleanse(reader.line, sizeof reader.line);
    return result;
}
