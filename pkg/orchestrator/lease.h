/*
 * The lease of a run: a time stamp on everything that it has in the account, always a little ahead, which
 * says that somebody is at work. `cleanup` on another machine leaves such things alone. A thread renews it;
 * when the process is gone, whatever the reason, the lease runs out by itself.
 */
#ifndef ORCHESTRATOR_LEASE_H
#define ORCHESTRATOR_LEASE_H

#include "base/error.h"
#include "base/log.h"
#include "orchestrator/cloud.h"

/* What is borrowed here must outlive the keeper. */
struct lease {
    const struct cloud *cloud;
    const char *run_id;
    const char *group; /* the temporary security group; empty: there is none */
    double seconds;    /* of each renewal; a third of it is between two */
    struct log *log;
};

struct lease_keeper;

/* Starts the thread. What is made meanwhile must come with a lease of its own. A renewal that fails is a
 * warning and tried again. NULL: ERR_INTERNAL. */
struct lease_keeper *lease_keep(const struct lease *lease, struct err *err);
/* Ends it; the lease runs on until it is over. NULL is allowed. */
void lease_stop(struct lease_keeper *keeper);

#endif
