#include "base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void release(const struct strbuf *buffer)
{
    if (buffer->secret && buffer->data)
        explicit_bzero(buffer->data, buffer->capacity);
    free(buffer->data);
}

void strbuf_free(struct strbuf *buffer)
{
    release(buffer);
    *buffer = (struct strbuf){.limit = buffer->limit, .secret = buffer->secret};
}

void strbuf_reset(struct strbuf *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
    if (buffer->data)
        buffer->data[0] = '\0';
}

/* realloc() would leave a copy where the text was. */
static char *move_secret(const struct strbuf *buffer, size_t capacity)
{
    char *data = malloc(capacity);
    if (!data)
        return NULL;
    if (buffer->data)
        memcpy(data, buffer->data, buffer->length + 1);
    release(buffer);
    return data;
}

/* Makes room for `more` bytes and the NUL. */
static bool reserve(struct strbuf *buffer, size_t more)
{
    if (buffer->failed)
        return false;
    if (more > buffer->limit - buffer->length) {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->length + more + 1;
    if (needed <= buffer->capacity)
        return true;
    size_t capacity = buffer->capacity ? buffer->capacity : 64;
    while (capacity < needed)
        capacity *= 2;
    char *data = buffer->secret ? move_secret(buffer, capacity) : realloc(buffer->data, capacity);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void strbuf_add(struct strbuf *buffer, const void *bytes, size_t length)
{
    if (!reserve(buffer, length))
        return;
    if (length)
        memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
    buffer->data[buffer->length] = '\0';
}

void strbuf_adds(struct strbuf *buffer, const char *text)
{
    strbuf_add(buffer, text, strlen(text));
}

void strbuf_addc(struct strbuf *buffer, char c)
{
    strbuf_add(buffer, &c, 1);
}

void strbuf_addf(struct strbuf *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        buffer->failed = true;
    } else if (reserve(buffer, (size_t)length)) {
        vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
        buffer->length += (size_t)length;
    }
    va_end(again);
}

int strbuf_ok(const struct strbuf *buffer, const char *what, struct err *err)
{
    if (!buffer->failed)
        return 0;
    return err_set(err, ERR_DATA, "%s is longer than %zu bytes, or memory ran out", what, buffer->limit);
}

const char *strbuf_text(const struct strbuf *buffer)
{
    return buffer->data ? buffer->data : "";
}

char *strbuf_take(struct strbuf *buffer, const char *what, struct err *err)
{
    strbuf_add(buffer, "", 0); /* an empty text is a string too */
    if (strbuf_ok(buffer, what, err) < 0) {
        strbuf_free(buffer);
        return NULL;
    }
    char *text = TAKE(buffer->data);
    strbuf_free(buffer);
    return text;
}
