/* `run --resume`: an earlier run taken up again, from its journal. */
#ifndef CMD_RUN_RESUME_H
#define CMD_RUN_RESUME_H

#include "run_options.h"

#include "orchestrator/journal.h"
#include "orchestrator/journal_read.h"

struct resumed_run {
    struct journal *journal; /* held open: the run is live from here on */
    struct run_history history;
    struct run_options options; /* the run's own, and over them those of this command line */
};

void resumed_run_free(struct resumed_run *resumed);

/* Takes over the run that the options name, with its options and its region. ERR_USAGE: no such run, one that
 * is live, one that another region was asked for, one that had not begun. */
int resumed_run_open(struct program *program, const struct run_options *typed, const char *state_directory,
                     struct resumed_run *resumed, struct err *err);

/* ERR_USAGE when the run is not of this account or endpoint. */
int resumed_run_check(const struct resumed_run *resumed, const char *account, const char *endpoint,
                      struct err *err);

/* Whether the plan's types, suites and iterations all have a result, as far as that can be told from names
 * alone, before anything is planned. */
bool resumed_run_is_complete(const struct resumed_run *resumed);

/* Leaves in the plan what has no result yet; the plan becomes one of that run. */
int resumed_run_reduce(const struct resumed_run *resumed, struct plan *plan, struct err *err);

#endif
