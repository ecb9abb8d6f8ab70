#include "orchestrator/lease.h"

#include "base/cancel.h"
#include "base/clock.h"

#include <math.h>
#include <pthread.h>

#define RENEWALS_IN_A_LEASE 3      /* so that one may fail, and another */
#define LONGEST_RENEWAL_SECONDS 30 /* the run's end must not wait for an answer that does not come */

struct lease_keeper {
    struct lease lease;
    struct clock clock;
    struct cancel stop; /* the thread's own: a run that drains is still at work */
    pthread_t thread;
};

/* Of several failures in a row the first is said. */
static void renew(struct lease_keeper *keeper, struct cloud_session *session, double interval, bool *failing)
{
    const struct lease *lease = &keeper->lease;
    const struct cloud_patience patience = {
        clock_monotonic(&keeper->clock) + fmin(interval, LONGEST_RENEWAL_SECONDS), CANCEL_ABANDON};
    struct err err = {0};
    int result =
        lease->cloud->ops->renew_lease(session, lease->run_id, lease->group, lease->seconds, &patience, &err);
    if (result < 0)
        log_line(lease->log, *failing ? LOG_DEBUG : LOG_WARNING,
                 "the lease of run %s could not be renewed (tried again every %.0f s; cleanup elsewhere may "
                 "take it for a dead run's): %s",
                 lease->run_id, interval, err.message);
    *failing = result < 0;
}

static void *keep(void *argument)
{
    struct lease_keeper *keeper = argument;
    const struct cloud *cloud = keeper->lease.cloud;
    double interval = keeper->lease.seconds / RENEWALS_IN_A_LEASE;
    bool failing = false;
    struct err err = {0};
    struct cloud_session *session = cloud->ops->open(cloud->context, &err);
    if (!session)
        log_line(keeper->lease.log, LOG_WARNING, "the lease can't be renewed: %s", err.message);
    while (session && clock_sleep(&keeper->clock, interval, &keeper->stop, CANCEL_DRAIN, NULL) == 0)
        renew(keeper, session, interval, &failing);
    if (session)
        cloud->ops->close(session);
    return NULL;
}

struct lease_keeper *lease_keep(const struct lease *lease, struct err *err)
{
    struct lease_keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper) {
        err_memory(err);
        return NULL;
    }
    *keeper = (struct lease_keeper){.lease = *lease, .clock = clock_system()};
    if (cancel_init(&keeper->stop, err) < 0) {
        free(keeper);
        return NULL;
    }
    if (pthread_create(&keeper->thread, NULL, keep, keeper) != 0) {
        err_set(err, ERR_INTERNAL, "could not start the thread that keeps the lease");
        cancel_destroy(&keeper->stop);
        free(keeper);
        return NULL;
    }
    return keeper;
}

void lease_stop(struct lease_keeper *keeper)
{
    if (!keeper)
        return;
    cancel_request(&keeper->stop, CANCEL_DRAIN, 0);
    pthread_join(keeper->thread, NULL);
    cancel_destroy(&keeper->stop);
    free(keeper);
}
