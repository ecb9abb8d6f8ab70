/* What every fuzz target includes: the entry point, a check that stops the fuzzer, and its input as text. */
#ifndef FUZZ_H
#define FUZZ_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool holds)
{
    if (!holds)
        abort();
}

/* The call succeeded; else its message is the fuzzer's last word. */
static inline void require_success(int result, const struct err *err)
{
    if (result == 0)
        return;
    fprintf(stderr, "%s\n", err->message);
    abort();
}

/* A copy that ends in a NUL, at its exact size, so that a byte read beyond it is found. The caller free()s
 * it.
 */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    require(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* Cuts the next line off the text that *at points into; NULL at its end. */
static inline char *fuzz_line(char **at)
{
    char *line = *at;
    if (!line)
        return NULL;
    char *end = strchr(line, '\n');
    *at = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return line;
}

#endif
