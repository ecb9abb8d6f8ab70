/* What earlier runs left, finished before a new one begins: the sweep (orchestrator/sweep.h) in this account.
 */
#ifndef CMD_RUN_SWEEP_H
#define CMD_RUN_SWEEP_H

#include "aws_session.h"
#include "progress.h"
#include "run_options.h"

#include "orchestrator/sweep.h"

/* Lives as long as the services do that it fills. */
struct run_sweep {
    struct program *program;
    struct aws *aws;           /* of the region of this run */
    struct progress *progress; /* with --progress json: whoever reads it can read the sweep's lines too */
    struct log log;            /* then; else the program's is used */
    struct sweep_services services;
    struct sweep_limits limits;
    struct sweep_outcome outcome;
};

int run_sweep_init(struct run_sweep *sweep, struct program *program, struct aws *aws,
                   const struct run_options *chosen, const char *state_directory, const char *account,
                   struct err *err);
void run_sweep_free(struct run_sweep *sweep);

/* On stderr: what is left of earlier runs, with the commands that finish them. False when nothing may be
 * alive. */
bool run_sweep_report(const struct run_sweep *sweep);

#endif
