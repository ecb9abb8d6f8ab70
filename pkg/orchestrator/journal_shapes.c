#include "orchestrator/journal_shapes.h"

#include "base/text.h"
#include "orchestrator/journal_read.h"

#include <limits.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define HEX DIGITS "abcdef"
#define LETTERS LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool consists_of(const char *text, const char *allowed, size_t longest)
{
    size_t length = strlen(text);
    return length > 0 && length <= longest && strspn(text, allowed) == length;
}

bool history_is_run_id(const char *text)
{
    return consists_of(text, LETTERS DIGITS "-", RUN_ID_SIZE - 1) && text[0] != '-';
}

static bool is_id(const char *text, const char *prefix)
{
    return text_starts_with(text, prefix) && consists_of(text + strlen(prefix), LOWER DIGITS, 26);
}

bool shape_is_instance_id(const char *text)
{
    return is_id(text, "i-");
}

bool shape_is_group_id(const char *text)
{
    return is_id(text, "sg-");
}

bool shape_is_token(const char *text)
{
    return consists_of(text, LETTERS DIGITS "-", 64);
}

bool shape_is_region(const char *text)
{
    return consists_of(text, LOWER DIGITS "-", 31);
}

bool shape_is_account(const char *text)
{
    return consists_of(text, DIGITS, 15);
}

bool shape_is_instance_type(const char *text)
{
    return consists_of(text, LOWER DIGITS "-.", 47);
}

bool shape_is_sha256(const char *text)
{
    return strlen(text) == 64 && consists_of(text, HEX, 64);
}

/* One line of at most so many bytes that may be shown. */
static bool is_plain(const char *text, size_t longest)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return length > 0 && length <= longest;
}

bool shape_is_word(const char *text)
{
    return is_plain(text, 15);
}

bool shape_is_endpoint(const char *text)
{
    return is_plain(text, 255);
}

bool shape_is_bucket(const char *text)
{
    return is_plain(text, 639);
}

bool shape_is_absolute_path(const char *text)
{
    return text[0] == '/' && is_plain(text, PATH_MAX);
}

int shape_take(const cJSON *record, const char *name, bool (*has_shape)(const char *text), char *out,
               size_t size, struct err *err)
{
    const char *text = NULL;
    if (json_get_string(record, name, &text, err) < 0)
        return -1;
    if (!has_shape(text) || strlen(text) >= size)
        return err_set(err, ERR_DATA, "'%.64s' can't be the %s", text, name);
    memcpy(out, text, strlen(text) + 1);
    return 0;
}
