#include "base/text.h"

#include <fnmatch.h>
#include <stdint.h>
#include <string.h>

/* Whether these first two bytes begin an overlong form, a surrogate, or a point beyond U+10FFFF. */
static bool is_forbidden(unsigned char first, unsigned char second)
{
    bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    bool surrogate = first == 0xED && second > 0x9F;
    bool beyond = first == 0xF4 && second > 0x8F;
    return overlong || surrogate || beyond;
}

/* Bytes of the well-formed sequence at text, or 0. */
static size_t sequence_length(const unsigned char *text, size_t left)
{
    unsigned char first = text[0];
    if (first < 0x80)
        return first ? 1 : 0;
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80)
            return 0;
    return is_forbidden(first, text[1]) ? 0 : length;
}

bool text_is_utf8(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        size_t step = sequence_length((const unsigned char *)text + at, length - at);
        if (!step)
            return false;
        at += step;
    }
    return true;
}

static bool is_control(const unsigned char *text, size_t length)
{
    bool c0 = length == 1 && (text[0] < 0x20 || text[0] == 0x7F);
    bool c1 = length == 2 && text[0] == 0xC2 && text[1] < 0xA0;
    return c0 || c1;
}

void text_add_printable(struct strbuf *out, const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        const unsigned char *here = (const unsigned char *)text + at;
        size_t step = sequence_length(here, length - at);
        if (*here == '\n' || *here == '\t')
            strbuf_addc(out, ' ');
        else if (!step || is_control(here, step))
            strbuf_addc(out, '?');
        else
            strbuf_add(out, here, step);
        at += step ? step : 1;
    }
}

size_t text_columns(const char *text, size_t length)
{
    size_t columns = 0;
    for (size_t i = 0; i < length; i++)
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t text_distance(const char *a, const char *b)
{
    size_t rows = strlen(a);
    size_t columns = strlen(b);
    if (rows > 63 || columns > 63)
        return SIZE_MAX;
    size_t cost[64][64];
    for (size_t i = 0; i <= rows; i++)
        cost[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            size_t change = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            cost[i][j] = smaller(change, 1 + smaller(cost[i - 1][j], cost[i][j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = smaller(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[rows][columns];
}

/* The only candidate that begins with the word; NULL when there is none or more. */
static const char *only_completion(const char *word, const char *const *candidates, size_t count)
{
    const char *completion = NULL;
    for (size_t i = 0; word[0] && i < count; i++) {
        if (!text_starts_with(candidates[i], word))
            continue;
        if (completion)
            return NULL;
        completion = candidates[i];
    }
    return completion;
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t nearest = count;
    size_t best = strlen(word) / 3 + 2; /* one slip in a short word, a few in a long one */
    for (size_t i = 0; i < count; i++) {
        size_t distance = text_distance(word, candidates[i]);
        if (distance < best) {
            best = distance;
            nearest = i;
        }
    }
    return nearest < count ? candidates[nearest] : only_completion(word, candidates, count);
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t suffix_length = strlen(suffix);
    return length >= suffix_length && strcmp(text + length - suffix_length, suffix) == 0;
}

bool text_matches(const char *pattern, const char *text)
{
    return fnmatch(pattern, text, 0) == 0;
}

void text_add_elapsed(struct strbuf *out, double seconds)
{
    unsigned long whole = seconds > 0 ? (unsigned long)seconds : 0;
    if (whole >= 3600)
        strbuf_addf(out, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
    else
        strbuf_addf(out, "%lu:%02lu", whole / 60, whole % 60);
}
