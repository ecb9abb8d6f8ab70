/*
 * What happens to a job, as events. Each transition is said once, with its time; progress, journal and the
 * timing block of the result are listeners of the same event. Workers push events into a queue; main draws
 * them.
 */
#ifndef ORCHESTRATOR_EVENT_H
#define ORCHESTRATOR_EVENT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The states of a job, in order. A job that fails goes to JOB_FAILED from any of them, and before that its
 * instance, if there is one, is terminated. */
enum job_state {
    JOB_PLANNED,
    JOB_INTENT,     /* the launch is in the journal, not yet sent */
    JOB_LAUNCHED,   /* EC2 gave an instance id */
    JOB_RUNNING,    /* EC2 says running */
    JOB_REACHABLE,  /* SSH, with the host key we gave it, and cloud-init done */
    JOB_DELIVERED,  /* the image is on the machine and of its architecture */
    JOB_MEASURED,   /* a suite has run (once for each suite and iteration) */
    JOB_STORED,     /* all results are where they belong */
    JOB_TERMINATED, /* EC2 says terminated; on this machine: nothing of it runs any more */
    JOB_FAILED,
};
#define JOB_STATE_COUNT (JOB_FAILED + 1)

/* "planned", "intent", … Static. */
const char *job_state_name(enum job_state state);
/* The state of that name; false: there is none. */
bool job_state_from_name(const char *name, enum job_state *state);

enum event_kind {
    EVENT_STATE,    /* job reached state; text says with what (an instance id, a suite) */
    EVENT_PROGRESS, /* a line from the running suite: percent and text */
    EVENT_NOTE,     /* something a person should read; error.kind is ERR_NONE for a mere remark */
};

struct event {
    enum event_kind kind;
    double realtime; /* seconds since the epoch */
    double elapsed;  /* seconds since the run began */
    size_t job;      /* index in the plan; SIZE_MAX for the run as a whole */
    char instance_type[32];
    char instance_id[32]; /* empty before the launch */
    enum job_state state; /* where the job is now, for every kind */
    bool failing;         /* its machine is being terminated, and JOB_FAILED comes next but one */
    char suite[64];       /* empty when no suite is meant */
    int percent;          /* EVENT_PROGRESS: 0 to 100, -1 unknown */
    char text[512];       /* printable, one line */
    struct err error;     /* EVENT_STATE with JOB_FAILED, EVENT_NOTE */
};

#endif
