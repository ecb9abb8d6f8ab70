/* One job: a machine is launched, reached, measured, and ended. Runs in one worker's thread. */
#ifndef ORCHESTRATOR_JOB_H
#define ORCHESTRATOR_JOB_H

#include "base/clock.h"
#include "base/queue.h"
#include "orchestrator/job_queue.h"
#include "orchestrator/poller.h"
#include "orchestrator/run.h"

/* What all jobs share. Nothing here changes while they run. */
struct job_context {
    const struct plan *plan;
    const struct run_settings *settings;
    const struct run_services *services;
    struct clock clock;
    struct poller *poller;
    struct job_queue *jobs; /* all of the run's; the one that runs has been taken from it */
    struct queue *events;   /* of struct event *, owned by whoever pops them */
    const struct ssh_key *user_key;
    const char *private_key; /* PEM of the key that logs in */
    const char *security_group_id;
    double started; /* monotonic */
    double began;   /* realtime of the same moment */
};

/* Runs the plan's job of that number in this thread, through `cloud`, which is this thread's own. false: a
 * limit of the account is in its way, it has been put back into the queue. */
bool job_run(const struct job_context *context, struct cloud_session *cloud, size_t number,
             struct job_outcome *outcome);

#endif
