/* Running another program for what it prints: no shell, and limits on time and size. */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include "base/cancel.h"
#include "base/error.h"
#include "base/strbuf.h"

#include <stdbool.h>

struct child_limits {
    double seconds;
    const struct cancel *cancel; /* may be NULL */
    enum cancel_level from;      /* the level that ends it */
};

/* Runs words[0], looked for in PATH, with an empty standard input, in a process group of its own, and waits
 * for its end. What it writes to its standard output and its standard error is appended to the buffers, whose
 * limits hold; more on standard error is dropped. *status is that of waitpid. -1, the whole group killed:
 * ERR_CONFIG (it can't be started), ERR_DATA (more on standard output than the buffer takes), ERR_NETWORK (it
 * took too long), ERR_CANCELLED. */
int child_run(char *const *words, const struct child_limits *limits, struct strbuf *out,
              struct strbuf *errors, int *status, struct err *err);

/* A program that is at hand as an open file rather than by a name. */
struct child_order {
    int program;              /* executed, and open in the child as descriptor 3 */
    char *const *words;       /* its arguments, from its name on, ended by NULL */
    char *const *environment; /* ended by NULL */
    /* Called for what it writes to standard error, in the pieces in which that comes. -1 with err ends it. */
    int (*hear)(void *context, const char *bytes, size_t length, struct err *err);
    void *context;
};

/* The same for such a program. Nothing of its process group outlives it. -1 also when hear() said so. */
int child_run_file(const struct child_order *order, const struct child_limits *limits, struct strbuf *out,
                   int *status, struct err *err);

#endif
