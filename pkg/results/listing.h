/* Which of the gathered types a processed file lists, and what every file begins with. For the makers of
 * processed files; no one else includes this. */
#ifndef RESULTS_LISTING_H
#define RESULTS_LISTING_H

#include "results/aggregate_state.h"

bool is_complete(const struct type_results *type, enum published_file file);

/* The names of the fields that keep a type out of the file. */
int missing_fields(const struct type_results *type, enum published_file file, struct words *missing,
                   struct err *err);

/* Walks both pools of a file at once in the order of the names: `struct type_walk walk = {aggregate, file};`.
 * Where both have a type, EC2's results stand for it unless they are incomplete and the others are not. */
struct type_walk {
    const struct aggregate *aggregate;
    enum published_file file;
    size_t at[POOL_COUNT];
};

/* NULL at the end. */
const struct type_results *next_type(struct type_walk *walk);

/* The complete types of a file, sorted by name, the values of their fields in order. */
struct listed {
    enum published_file file;
    const struct type_results **types;
    size_t count;
};

#define AUTO_LISTED CLEANUP(listed_free)
void listed_free(struct listed *listed);
int list_complete(const struct aggregate *aggregate, enum published_file file, struct listed *listed,
                  struct err *err);

/* A file's tree with notice, schema, version, time and methods; the caller cJSON_Delete()s it. NULL: out of
 * memory. */
cJSON *new_processed_file(const struct aggregate *aggregate, const char *schema, struct err *err);

#endif
