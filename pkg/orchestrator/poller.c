#include "orchestrator/poller.h"

#include "orchestrator/complaint.h"

#include <math.h>
#include <string.h>

#define SHORTEST_INTERVAL                                                                                    \
    0.1 /* seconds; ten filtered DescribeInstances a second are half of what EC2 refills */
#define LONGEST_INTERVAL 5.0
#define PATIENCE 30.0 /* seconds for one question */
#define STEP 1.1      /* so that news is late by at most a tenth of the time that was waited for it */

struct poller {
    struct clock clock;
    const struct cloud *cloud;
    const struct cancel *cancel;
    struct log *log;
    char run_id[64];
    pthread_t thread;

    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t changed;
    struct machine *machines;
    size_t count;
    size_t capacity;
    size_t waiters;
    double wanted_until; /* monotonic: when the last of the waiters goes; nobody wants an answer after that */
    double interval;
    bool stop;
};

static struct machine *find(struct poller *poller, const char *id)
{
    for (size_t i = 0; i < poller->count; i++)
        if (strcmp(poller->machines[i].id, id) == 0)
            return &poller->machines[i];
    return NULL;
}

static struct machine *append(struct poller *poller)
{
    if (poller->count == poller->capacity) {
        size_t capacity = poller->capacity ? 2 * poller->capacity : 16;
        struct machine *machines = realloc(poller->machines, capacity * sizeof *machines);
        if (!machines)
            return NULL;
        poller->machines = machines;
        poller->capacity = capacity;
    }
    return &poller->machines[poller->count++];
}

/* What the cloud says now replaces what it said before. Once ended, always ended: an answer that is late
 * can't bring a machine back. */
static void take_answer(void *context, const struct machine *machine)
{
    struct poller *poller = context;
    pthread_mutex_lock(&poller->lock);
    struct machine *known = find(poller, machine->id);
    bool ended = known && known->state == MACHINE_TERMINATED;
    bool news = !known || (!ended && known->state != machine->state);
    if (!known)
        known = append(poller);
    if (known && !ended)
        *known = *machine;
    if (news) {
        poller->interval = SHORTEST_INTERVAL;
        pthread_cond_broadcast(&poller->changed);
    }
    pthread_mutex_unlock(&poller->lock);
}

static struct timespec later(double seconds)
{
    struct timespec when;
    clock_gettime(CLOCK_MONOTONIC, &when);
    double sum = (double)when.tv_nsec * 1e-9 + seconds;
    when.tv_sec += (time_t)floor(sum);
    when.tv_nsec = (long)((sum - floor(sum)) * 1e9);
    return when;
}

/* Sleeps between two questions, and for as long as nobody waits. False: the thread is to end. */
static bool wait_for_turn(struct poller *poller)
{
    pthread_mutex_lock(&poller->lock);
    struct timespec until = later(poller->interval);
    poller->interval = fmin(poller->interval * STEP, LONGEST_INTERVAL);
    while (!poller->stop &&
           (poller->waiters == 0 ||
            clock_monotonic(&poller->clock) < (double)until.tv_sec + (double)until.tv_nsec * 1e-9)) {
        if (poller->waiters == 0)
            pthread_cond_wait(&poller->changed, &poller->lock);
        else
            pthread_cond_timedwait(&poller->changed, &poller->lock, &until);
    }
    bool go_on = !poller->stop;
    pthread_mutex_unlock(&poller->lock);
    return go_on;
}

static double question_deadline(struct poller *poller)
{
    pthread_mutex_lock(&poller->lock);
    double deadline = fmin(clock_monotonic(&poller->clock) + PATIENCE, poller->wanted_until);
    pthread_mutex_unlock(&poller->lock);
    return deadline;
}

static void ask(struct poller *poller, struct cloud_session *session, struct complaint *complaint)
{
    struct err err = {0};
    struct cloud_patience patience = {question_deadline(poller), CANCEL_ABANDON};
    if (poller->cloud->ops->list(session, poller->run_id, &patience, take_answer, poller, &err) < 0) {
        if (complaint_is_due(complaint, &err, clock_monotonic(&poller->clock)))
            log_line(poller->log, LOG_WARNING, "could not ask about the run's instances: %s", err.message);
    } else if (complaint_is_over(complaint)) {
        log_line(poller->log, LOG_INFO, "the run's instances can be asked about again");
    }
}

static void *poll_cloud(void *argument)
{
    struct poller *poller = argument;
    struct complaint complaint = {0};
    struct err err = {0};
    struct cloud_session *session = poller->cloud->ops->open(poller->cloud->context, &err);
    if (!session)
        log_line(poller->log, LOG_ERROR, "the poller could not be opened: %s", err.message);
    while (session && wait_for_turn(poller))
        ask(poller, session, &complaint);
    if (session)
        poller->cloud->ops->close(session);
    return NULL;
}

struct poller *poller_start(const struct cloud *cloud, const char *run_id, const struct cancel *cancel,
                            struct log *log, struct err *err)
{
    struct poller *poller = calloc(1, sizeof *poller);
    if (!poller) {
        err_memory(err);
        return NULL;
    }
    *poller = (struct poller){
        .clock = clock_system(), .cloud = cloud, .cancel = cancel, .log = log, .interval = SHORTEST_INTERVAL};
    snprintf(poller->run_id, sizeof poller->run_id, "%s", run_id);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&poller->lock, NULL);
    pthread_cond_init(&poller->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&poller->thread, NULL, poll_cloud, poller) != 0) {
        err_set(err, ERR_INTERNAL, "could not start the poller's thread");
        free(poller);
        return NULL;
    }
    return poller;
}

void poller_stop(struct poller *poller)
{
    if (!poller)
        return;
    pthread_mutex_lock(&poller->lock);
    poller->stop = true;
    pthread_cond_broadcast(&poller->changed);
    pthread_mutex_unlock(&poller->lock);
    pthread_join(poller->thread, NULL);
    pthread_cond_destroy(&poller->changed);
    pthread_mutex_destroy(&poller->lock);
    free(poller->machines);
    free(poller);
}

/* Called with the lock held. */
static bool reached(struct poller *poller, const char *id, enum machine_state state, struct machine *machine)
{
    const struct machine *known = find(poller, id);
    if (!known)
        return false;
    *machine = *known;
    return known->state == state || known->state == MACHINE_TERMINATED ||
           (state == MACHINE_RUNNING && (known->ending || known->state == MACHINE_STOPPED));
}

int poller_wait(struct poller *poller, const char *id, enum machine_state state,
                const struct cloud_patience *patience, struct machine *machine, struct err *err)
{
    int result = 0;
    pthread_mutex_lock(&poller->lock);
    poller->wanted_until =
        poller->waiters ? fmax(poller->wanted_until, patience->deadline) : patience->deadline;
    poller->waiters++;
    poller->interval = SHORTEST_INTERVAL;
    pthread_cond_broadcast(&poller->changed);
    while (!reached(poller, id, state, machine)) {
        result = cancel_check(poller->cancel, patience->cancel_from, err);
        double left = patience->deadline - clock_monotonic(&poller->clock);
        if (result == 0 && left <= 0)
            result = err_set(err, ERR_NETWORK, "instance %s was not %s in the time it had", id,
                             state == MACHINE_TERMINATED ? "terminated" : "running");
        if (result < 0)
            break;
        /* short, because a cancellation does not signal the condition */
        struct timespec until = later(fmin(left, 0.25));
        pthread_cond_timedwait(&poller->changed, &poller->lock, &until);
    }
    poller->waiters--;
    pthread_mutex_unlock(&poller->lock);
    return result;
}
