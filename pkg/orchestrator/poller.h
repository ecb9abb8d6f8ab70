/* One thread that asks the cloud about all machines of the run at once and wakes the workers that wait for a
 * change. */
#ifndef ORCHESTRATOR_POLLER_H
#define ORCHESTRATOR_POLLER_H

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "orchestrator/cloud.h"

#include <pthread.h>

struct poller;

/* Starts the thread; it asks only while somebody waits. NULL: ERR_INTERNAL, or the cloud could not be opened.
 */
struct poller *poller_start(const struct cloud *cloud, const char *run_id, const struct cancel *cancel,
                            struct log *log, struct err *err);
void poller_stop(struct poller *poller);

/* Waits until the cloud says that the machine has the state (or has gone past it: a machine that ended will
 * not run). -1: ERR_NETWORK when the deadline (monotonic seconds) has passed, ERR_CANCELLED. *machine is what
 * was last said, also on failure. */
int poller_wait(struct poller *poller, const char *id, enum machine_state state,
                const struct cloud_patience *patience, struct machine *machine, struct err *err);

#endif
