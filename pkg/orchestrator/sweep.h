/*
 * Finishing what earlier runs left, by their journals: machines are ended and confirmed, a temporary security
 * group is removed, results that are only on this disk are sent. A run that another process is at work on is
 * left alone, and so is one of another account or endpoint. Everything here may be done twice, or be cut off
 * anywhere and done again: each step is asked of the cloud first and written into the run's journal after.
 */
#ifndef ORCHESTRATOR_SWEEP_H
#define ORCHESTRATOR_SWEEP_H

#include "base/cancel.h"
#include "base/log.h"
#include "orchestrator/cloud.h"
#include "orchestrator/journal.h"
#include "orchestrator/journal_read.h"
#include "storage/store.h"

/* One region of the account. */
struct sweep_region {
    struct cloud cloud;
    const char *endpoint; /* of EC2 */
    void *handle;         /* the opener's own */
};

struct sweep_services {
    const char *state_directory;
    const char *account;
    /* The region is left when the sweep of a run is over. */
    int (*enter)(void *context, const char *region, struct sweep_region *entered, struct err *err);
    void (*leave)(void *context, struct sweep_region *entered);
    /* A bucket ("NAME/PREFIX") as a store, until the deadline (monotonic seconds). */
    int (*open_bucket)(struct sweep_region *region, const char *bucket, double deadline, struct store *store,
                       void **connection, struct err *err);
    void (*close_bucket)(struct store *store, void *connection);
    void *context;
    /* The first request is said and changes nothing but that no further result is sent; CANCEL_ABANDON stops
     * all waiting. */
    const struct cancel *cancel;
    struct log *log;
};

struct sweep_limits {
    double teardown_seconds; /* for all machines and groups */
    double store_seconds;    /* for all results */
    double lookup_seconds;   /* after its launch, for which EC2 may not know a machine yet */
};

/* A run that could not be finished. */
struct sweep_left {
    char run_id[RUN_ID_SIZE];
    char region[32];
    size_t machines; /* that are not confirmed as terminated, or as never made */
    size_t groups;
    size_t unsent; /* results */
};

struct sweep_outcome {
    size_t runs;     /* in which there was something to do */
    size_t machines; /* that were ended */
    size_t sent;     /* results */
    struct sweep_left *left;
    size_t left_count;
};
void sweep_outcome_free(struct sweep_outcome *outcome);
/* Whether a machine or a group may be left. */
bool sweep_may_be_alive(const struct sweep_outcome *outcome);

/* All runs of the state directory that are not settled. What goes wrong is said in the log and stands in
 * outcome->left. */
void sweep_all(const struct sweep_services *services, const struct sweep_limits *limits,
               struct sweep_outcome *outcome);

/* One run, whose journal the caller has open. history is brought up to date. */
void sweep_run(const struct sweep_services *services, const struct sweep_limits *limits,
               struct journal *journal, struct run_history *history, struct sweep_outcome *outcome);

#endif
