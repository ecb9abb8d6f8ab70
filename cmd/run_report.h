/* What a run says at its end: the plan before, the table of results after, what may be left, the exit code.
 */
#ifndef CMD_RUN_REPORT_H
#define CMD_RUN_REPORT_H

#include "command.h"

#include "orchestrator/run.h"
#include "storage/store_s3.h"

/* What holds for all jobs of the plan, in a few lines on stderr, for --dry-run. */
void describe_plan(struct program *program, const struct plan *plan, const struct run_settings *settings,
                   const char *output_dir, const struct s3_location *bucket);

/* The plan as rows, for --dry-run. */
int report_plan(struct program *program, const struct plan *plan, struct err *err);

/* The results as rows on stdout: one for each job, in the order of the plan. */
int report_outcome(struct program *program, const struct plan *plan, const struct run_outcome *outcome,
                   struct err *err);

/* On stderr: how many results there are and where, with the run's id. bucket ("NAME/PREFIX") may be NULL. */
void report_whereabouts(struct program *program, const struct plan *plan, const struct run_outcome *outcome,
                        const char *directory, const char *bucket);

/* On stderr: every machine and group that is not confirmed as gone, with the command that removes them. False
 * when there is none. */
bool report_leftovers(struct program *program, const struct plan *plan, const struct run_outcome *outcome);

/* 0, 1, 3, 4, or 128 and the signal, as documented in `help run`. */
int outcome_exit_code(const struct program *program, const struct run_outcome *outcome);

#endif
