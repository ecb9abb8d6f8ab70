/* Which measurements have been read, so that a copy counts once and a forgery of the same name does not pass.
 */
#ifndef RESULTS_SEEN_H
#define RESULTS_SEEN_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct seen_entry;

struct seen {
    struct seen_entry *entries; /* open addressing; a power of two of them */
    size_t capacity;
    size_t count;
};

enum seen_verdict { SEEN_FAILED = -1, SEEN_NEW, SEEN_SAME, SEEN_OTHER };

/* Notes that the measurement `identity` has content with this hexadecimal digest. SEEN_SAME, SEEN_OTHER: it
 * was noted before, with the same or with another. SEEN_FAILED: out of memory. */
enum seen_verdict seen_note(struct seen *seen, const char *identity, const char *digest, struct err *err);

/* The same, and tells by whom: *origin is the caller's number of the one that notes, and afterwards that of
 * the one that was first. */
enum seen_verdict seen_note_from(struct seen *seen, const char *identity, const char *digest,
                                 uint32_t *origin, struct err *err);

void seen_free(struct seen *seen);

#endif
