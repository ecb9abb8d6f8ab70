/*
 * `run --local`: the suites on this machine itself, without AWS and without a container engine. The program
 * of the image is a child of ours, one suite after another. There is no launch, so the journal of such a run
 * has none either, and nothing of it can be left in an account.
 */
#ifndef ORCHESTRATOR_LOCAL_H
#define ORCHESTRATOR_LOCAL_H

#include "orchestrator/plan.h"
#include "orchestrator/remote.h"
#include "orchestrator/run.h"
#include "orchestrator/suite_talk.h"

/* The region of what is measured here, how it was collected, and the first part of the machine's name: no
 * instance type of EC2 is called so, since they all have a dot. */
#define LOCAL_WORD "local"
#define LOCAL_NAME_MAX 24 /* bytes of what stands behind "local-" */

/* EC2's word for the architecture of this machine; "unknown" where it is neither. Static. */
const char *local_architecture(void);

/* One job, this machine, called "local" or "local-NAME" (lower case, digits, dashes). name may be NULL. */
int local_plan_make(const char *name, double now, struct plan *plan, struct err *err);

/* Two at a time would measure one another. The lock is held until the descriptor is closed, by the kernel
 * too. ERR_CONFIG: another process has it. */
int local_lock(const char *state_directory, struct err *err);

/* Runs one suite of the program (image_program.h) as container_run_suite does in a container. It has our
 * rights, nothing of our environment, and no open file of ours. Errors as there. */
int local_run_suite(int program, const char *suite, const char *const *options, size_t option_count,
                    const struct suite_talk *talk, const struct remote_limits *limits, struct strbuf *output,
                    struct err *err);

/* run_execute for a plan of local_plan_make; cloud, remote and remote_store of the services are not used. */
int local_execute(const struct plan *plan, const struct run_settings *settings,
                  const struct run_services *services, run_listener listener, void *listener_context,
                  struct run_outcome *outcome, struct err *err);

#endif
