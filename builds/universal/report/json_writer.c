#include "report/json_writer.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct json_writer json_writer_to(struct strbuf *out)
{
    return (struct json_writer){.out = out};
}

/* The bytes of the next character of UTF-8, or 0 where there is none. */
static size_t character_length(const char *text, size_t left)
{
    for (size_t length = 1; length <= 4 && length <= left; length++)
        if (text_is_utf8(text, length))
            return length;
    return 0;
}

static void add_character(struct strbuf *out, const char *text, size_t length)
{
    if (length == 0)
        strbuf_adds(out, "\\ufffd");
    else if (*text == '"' || *text == '\\')
        strbuf_addf(out, "\\%c", *text);
    else if ((unsigned char)*text < 0x20)
        strbuf_addf(out, "\\u%04x", (unsigned)*text);
    else
        strbuf_add(out, text, length);
}

static void add_quoted(struct strbuf *out, const char *text)
{
    size_t left = strlen(text);
    strbuf_addc(out, '"');
    while (left > 0) {
        size_t length = character_length(text, left);
        add_character(out, text, length);
        size_t step = length ? length : 1;
        text += step;
        left -= step;
    }
    strbuf_addc(out, '"');
}

static void begin_value(struct json_writer *json, const char *key)
{
    if (json->separator_due)
        strbuf_addc(json->out, ',');
    if (key) {
        add_quoted(json->out, key);
        strbuf_addc(json->out, ':');
    }
    json->separator_due = true;
}

static void begin_group(struct json_writer *json, const char *key, char bracket)
{
    begin_value(json, key);
    strbuf_addc(json->out, bracket);
    json->separator_due = false;
    json->depth++;
}

static void end_group(struct json_writer *json, char bracket)
{
    strbuf_addc(json->out, bracket);
    json->separator_due = true;
    json->depth--;
}

void json_begin_object(struct json_writer *json, const char *key)
{
    begin_group(json, key, '{');
}

void json_end_object(struct json_writer *json)
{
    end_group(json, '}');
}

void json_begin_array(struct json_writer *json, const char *key)
{
    begin_group(json, key, '[');
}

void json_end_array(struct json_writer *json)
{
    end_group(json, ']');
}

void json_text(struct json_writer *json, const char *key, const char *text)
{
    begin_value(json, key);
    add_quoted(json->out, text);
}

void json_whole(struct json_writer *json, const char *key, uint64_t number)
{
    begin_value(json, key);
    strbuf_addf(json->out, "%" PRIu64, number);
}

void json_optional(struct json_writer *json, const char *key, struct optional_u64 number)
{
    if (number.known)
        json_whole(json, key, number.value);
    else
        json_null(json, key);
}

void json_number(struct json_writer *json, const char *key, double number)
{
    begin_value(json, key);
    if (isfinite(number))
        strbuf_addf(json->out, "%.9g", number);
    else
        json->bad_number = true;
}

void json_bool(struct json_writer *json, const char *key, bool value)
{
    begin_value(json, key);
    strbuf_adds(json->out, value ? "true" : "false");
}

void json_null(struct json_writer *json, const char *key)
{
    begin_value(json, key);
    strbuf_adds(json->out, "null");
}

int json_finish(const struct json_writer *json, struct err *err)
{
    if (json->bad_number)
        return err_set(err, ERR_DATA, "a result is not a finite number");
    if (json->depth > 0)
        return err_set(err, ERR_INTERNAL, "the document was left open");
    return strbuf_ok(json->out, "the document", err);
}
