/* How long instances were paid for, to see what a result costs. Each document says how much of its instance's
 * time had gone by when it was made: the last one of an instance stands for all. */
#ifndef RESULTS_BILLED_H
#define RESULTS_BILLED_H

#include "base/error.h"
#include "base/json.h"

#include <stddef.h>

struct billed_machine {
    char *instance_type;
    char *id;
    double seconds;
    size_t results;
};

struct billed {
    struct billed_machine *machines; /* sorted by type, then by id */
    size_t count;
};

void billed_free(struct billed *billed);

/* Takes in a result document. One that knows of no instance, or of no time, says nothing. */
int billed_note(struct billed *billed, const cJSON *document, struct err *err);

/* Seconds for each result of the type; NAN where nothing is known. */
double billed_seconds(const struct billed *billed, const char *instance_type);

#endif
