/* The two halves of sweep.c: what costs money, then what has been measured. */
#ifndef ORCHESTRATOR_SWEEP_PARTS_H
#define ORCHESTRATOR_SWEEP_PARTS_H

#include "base/clock.h"
#include "orchestrator/sweep.h"

/* The sweep of one run. */
struct sweep {
    const struct sweep_services *services;
    const struct sweep_limits *limits;
    struct clock clock;
    struct sweep_region region;
    struct journal *journal;
    struct run_history *history;
    double deadline;   /* monotonic */
    bool unwritten;    /* a record could not be written: the run is not settled */
    bool interrupted;  /* that has been said */
    char warning[512]; /* the last one */
    size_t ended;      /* machines */
    size_t sent;       /* results */
    /* what a damaged journal does not name: what is there, or may be, as long as the cloud has not said no */
    size_t stray_machines;
    size_t stray_groups;
};

/* The seconds that are left until an absence is believed of what was begun at `since` (seconds since the
 * epoch). A clock that was set back makes it no longer than the limit. */
double sweep_doubt(const struct sweep *sweep, int64_t since);

/* Waits before EC2 is asked again. False: the deadline has passed, or a second Ctrl-C has come. */
bool sweep_wait(struct sweep *sweep);

/* A warning, unless it is the last one once more. */
void sweep_warn(struct sweep *sweep, const char *format, ...) PRINTF_LIKE(2, 3);

/* Remembers when a record could not be written: result is what writing it returned. */
void sweep_written(struct sweep *sweep, int result, const struct err *err);

/* Ends every machine of the run; after that, removes its groups. What is left is left in the history. */
void sweep_machines(struct sweep *sweep, struct cloud_session *session);
void sweep_groups(struct sweep *sweep, struct cloud_session *session);

/* Looks for results whose fate is unknown, and sends those that the bucket does not have. */
void sweep_results(struct sweep *sweep);

#endif
