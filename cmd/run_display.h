/* Carrying a plan out in front of somebody: progress, log lines, and what is said of an interruption. */
#ifndef CMD_RUN_DISPLAY_H
#define CMD_RUN_DISPLAY_H

#include "command.h"

#include "orchestrator/run.h"

/* run_execute, shown as the common options want it. services->log is replaced by one that does not tear the
 * display. */
int execute_visibly(struct program *program, const struct plan *plan, const struct run_settings *settings,
                    const struct run_services *services, struct run_outcome *outcome, struct err *err);

#endif
