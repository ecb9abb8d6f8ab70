/* A sorted set of words. */
#ifndef RESULTS_WORDS_H
#define RESULTS_WORDS_H

#include "base/error.h"
#include "base/json.h"

#include <stddef.h>

struct words {
    char **items;
    size_t count;
};

void words_free(struct words *words);

/* Adds a copy of word unless it is there. NULL and "" are no words. */
int words_add(struct words *words, const char *word, struct err *err);
int words_add_all(struct words *words, const struct words *others, struct err *err);

/* An array of them; the caller cJSON_Delete()s it. NULL: out of memory. */
cJSON *words_json(const struct words *words);

#endif
