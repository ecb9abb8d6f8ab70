/* From a planned job to a machine that runs: placement after placement, each launch written down before it is
 * sent. */
#ifndef ORCHESTRATOR_LAUNCH_H
#define ORCHESTRATOR_LAUNCH_H

#include "orchestrator/job.h"
#include "results/attestation.h"

/* A job under way; its worker's thread owns it. */
struct job {
    const struct job_context *context;
    const struct planned_job *planned;
    size_t number;
    struct cloud_session *cloud;
    struct job_outcome *outcome;
    enum job_state state;
    double reached[JOB_STATE_COUNT]; /* seconds since the epoch; 0: not reached */
    double launched_at;              /* monotonic */
    struct ssh_key host_key;
    struct machine machine; /* id is empty while there is none */
    bool failing;           /* its machine is to end before all is measured */
    bool end_requested;     /* the cloud has accepted that it is to end */
    const struct placement *placement;
    const int *program; /* the image's program, where its suites run on this machine itself; NULL: in a
                           container on the host */
    struct container_host host;
    struct container_image image;
    struct attestation attestation; /* of the machine, for each of its results */
    const char *suite;              /* under way, or NULL */
};

/* Says that the job has reached a state: event, journal, time stamp. */
int job_reach(struct job *job, enum job_state state, const char *detail, struct err *err);
void job_note(struct job *job, const struct err *error, const char *format, ...) PRINTF_LIKE(3, 4);

/* Says why the job has failed. The first failure counts; of further ones nothing is said. */
void job_fail(struct job *job, const struct err *err);

/* Ends with a machine that EC2 calls running, in the first placement that has capacity. On failure
 * job->machine.id may be set (there is a machine to end), or outcome->launch_token (there may be one). */
int launch_machine(struct job *job, struct err *err);

/* Asks for the end of the job's machine, if there is one, without waiting for it: what is still to be done
 * needs no machine. A failure is left to end_machine. */
void begin_end_of_machine(struct job *job);

/* Ends the job's machine, if there is or may be one, and waits until that is confirmed. Goes on under a first
 * cancellation. -1: not confirmed; outcome->may_be_alive is set. */
int end_machine(struct job *job, struct err *err);

#endif
