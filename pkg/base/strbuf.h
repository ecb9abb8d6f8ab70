/*
 * Text of unknown length, built in a buffer with a cap. Failure is sticky: append freely, check once at the
 * end with strbuf_ok or strbuf_take. The text always ends in a NUL that length does not count.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct strbuf {
    char *data;
    size_t length;
    size_t capacity;
    size_t limit; /* most bytes it may hold, without the NUL */
    bool failed;  /* out of memory, or over the limit */
    bool secret;  /* overwritten wherever it leaves memory */
};

#define STRBUF_INIT(limit_bytes) ((struct strbuf){.limit = (limit_bytes)})
#define STRBUF_SECRET(limit_bytes) ((struct strbuf){.limit = (limit_bytes), .secret = true})
/* `AUTO_STRBUF struct strbuf text = STRBUF_INIT(4096);` */
#define AUTO_STRBUF CLEANUP(strbuf_free)

void strbuf_free(struct strbuf *buffer);
void strbuf_reset(struct strbuf *buffer);

void strbuf_add(struct strbuf *buffer, const void *bytes, size_t length);
void strbuf_adds(struct strbuf *buffer, const char *text);
void strbuf_addc(struct strbuf *buffer, char c);
void strbuf_addf(struct strbuf *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/* 0 while nothing failed, else -1 with "WHAT is longer than N bytes" or out of memory. */
int strbuf_ok(const struct strbuf *buffer, const char *what, struct err *err);

/* The text so far, never NULL. It belongs to the buffer. */
const char *strbuf_text(const struct strbuf *buffer);

/* Hands the text to the caller, who free()s it; NULL and err when anything had failed. The buffer is empty
 * then. */
char *strbuf_take(struct strbuf *buffer, const char *what, struct err *err);

#endif
