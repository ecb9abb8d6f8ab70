/* Text: UTF-8, what may reach a terminal, likeness of words. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/* Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates) without NUL. */
bool text_is_utf8(const char *text, size_t length);

/* Appends remote text made safe for a terminal: control characters, DEL and what is not UTF-8 become '?'; a
 * line end becomes a space. */
void text_add_printable(struct strbuf *out, const char *text, size_t length);

/* Columns that well-formed UTF-8 takes on a terminal, counting one for each code point. */
size_t text_columns(const char *text, size_t length);

/* Damerau-Levenshtein distance (optimal string alignment) of two short words; words over 63 bytes are far
 * apart. */
size_t text_distance(const char *a, const char *b);

/* The candidate nearest to word when it is near enough to be meant by it; without such a one the only
 * candidate that begins with word; else NULL. */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);

/* Shell-style wildcards '*' and '?' over the whole text. */
bool text_matches(const char *pattern, const char *text);

/* "0:05", "12:34", "1:02:03" */
void text_add_elapsed(struct strbuf *out, double seconds);

#endif
