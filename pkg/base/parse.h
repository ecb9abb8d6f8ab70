/*
 * Numbers, durations and sizes out of text nobody trusts: the whole text must be the value, nothing may
 * trail, nothing may overflow. Each returns 0, or -1 with ERR_DATA and a message that quotes the text and
 * says the range.
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value, struct err *err);
int parse_double(const char *text, double min, double max, double *value, struct err *err);

/* "90", "90s", "15m", "2h", "7d" in seconds. */
int parse_duration(const char *text, uint64_t min_seconds, uint64_t max_seconds, uint64_t *seconds,
                   struct err *err);

/* "4096", "512K", "512KiB", "1G", "1GiB" (powers of 1024), "1GB" (powers of 1000) in bytes. */
int parse_size(const char *text, uint64_t min, uint64_t max, uint64_t *bytes, struct err *err);

/* "2026-11-20T15:30:45Z", also with a fraction of a second, which is cut: seconds since the epoch. */
int parse_timestamp(const char *text, int64_t *seconds, struct err *err);

/* A bounded cursor for grammars: it never reads past end. */
struct cursor {
    const char *at;
    const char *end;
};

struct cursor cursor_over(const char *text);
bool cursor_done(const struct cursor *cursor);
bool cursor_skip(struct cursor *cursor, char c);
/* Digits into a number below 2^32; false, the cursor unmoved, where there are none or too many. */
bool cursor_number(struct cursor *cursor, uint32_t *value);
/* Steps over characters for which accept() holds; returns how many. */
size_t cursor_while(struct cursor *cursor, bool (*accept)(char c));

bool is_digit(char c);
bool is_lower(char c);

#endif
