#include "orchestrator/run.h"

#include "orchestrator/job.h"
#include "orchestrator/lease.h"
#include "orchestrator/local.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define EVENT_QUEUE_LENGTH 1024
#define TICK_SECONDS 0.2
#define WORKER_STACK_BYTES (512UL << 10) /* a thousand workers fit in a small machine */
#define PREPARE_SECONDS 60.0

/* Everything that lives as long as the run. */
struct run {
    struct job_context context;
    struct queue events;
    struct ssh_key user_key;
    char security_group_id[32];
    struct run_outcome *outcome;
    struct job_queue jobs;
    atomic_size_t working; /* workers that have not ended */
    pthread_t *workers;
    size_t worker_count;
};

void run_outcome_free(struct run_outcome *outcome)
{
    free(outcome->jobs);
    *outcome = (struct run_outcome){0};
}

/* --- workers ---------------------------------------------------------------------------------- */

static void skip_job(struct job_outcome *outcome, enum err_kind kind, const char *reason)
{
    err_set(&outcome->failure, kind, "not begun: %s", reason);
    outcome->failed_at = JOB_PLANNED;
}

/* Takes the next job until none is left. */
static void work(struct run *run, struct cloud_session *cloud)
{
    size_t number = 0;
    while (job_queue_take(&run->jobs, &number)) {
        bool over = true;
        if (cancel_requested(run->context.services->cancel))
            skip_job(&run->outcome->jobs[number], ERR_CANCELLED, "the run was interrupted");
        else
            over = job_run(&run->context, cloud, number, &run->outcome->jobs[number]);
        if (over)
            job_queue_done(&run->jobs, number);
    }
}

static void end_of_worker(struct run *run)
{
    if (atomic_fetch_sub(&run->working, 1) == 1)
        queue_close(&run->events);
}

static void *worker_main(void *argument)
{
    struct run *run = argument;
    const struct cloud *cloud = &run->context.services->cloud;
    struct err err = {0};
    struct cloud_session *session = cloud->ops->open(cloud->context, &err);
    if (session) {
        work(run, session);
        cloud->ops->close(session);
    } else {
        log_line(run->context.services->log, LOG_ERROR, "a worker could not start: %s", err.message);
    }
    end_of_worker(run);
    return NULL;
}

/* At least one worker, else -1. */
static int start_workers(struct run *run, struct err *err)
{
    size_t wanted = run->context.settings->max_concurrency;
    if (wanted > run->context.plan->job_count)
        wanted = run->context.plan->job_count;
    run->workers = calloc(wanted, sizeof *run->workers);
    if (!run->workers)
        return err_memory(err);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
    atomic_store(&run->working, wanted);
    for (size_t i = 0; i < wanted; i++) {
        if (pthread_create(&run->workers[run->worker_count], &attributes, worker_main, run) == 0)
            run->worker_count++;
        else
            end_of_worker(run);
    }
    pthread_attr_destroy(&attributes);
    if (run->worker_count == 0)
        return err_set(err, ERR_INTERNAL, "could not start a single worker thread");
    return 0;
}

void run_relay_events(struct queue *events, run_listener listener, void *listener_context)
{
    while (!queue_drained(events)) {
        struct event *event = queue_pop(events, TICK_SECONDS);
        listener(listener_context, event);
        free(event);
    }
}

static void join_workers(struct run *run)
{
    for (size_t i = 0; i < run->worker_count; i++)
        pthread_join(run->workers[i], NULL);
    free(run->workers);
    for (size_t number = 0; job_queue_take(&run->jobs, &number); job_queue_done(&run->jobs, number))
        skip_job(&run->outcome->jobs[number], ERR_INTERNAL, "no worker could be started");
}

/* --- what is made for the run and removed after it -------------------------------------------- */

static int choose_user_key(struct run *run, struct err *err)
{
    const char *own = run->context.settings->ssh_private_key;
    if (ssh_key_generate(&run->user_key, err) < 0)
        return -1;
    run->context.user_key = &run->user_key;
    run->context.private_key = own ? own : run->user_key.private_key;
    return 0;
}

/* Dying between "to be made" and "made" leaves a group without an id in the journal: it carries the run's tag
 * from the moment it exists, and is found by that (sweep_machines.c). */
static int open_access(struct run *run, struct cloud_session *session, struct err *err)
{
    const struct plan *plan = run->context.plan;
    const struct run_services *services = run->context.services;
    run->context.security_group_id = run->security_group_id;
    snprintf(run->security_group_id, sizeof run->security_group_id, "%s", plan->security_group_id);
    if (plan->security_group_id[0])
        return 0;
    if (journal_resource(services->journal, "security_group", plan->run_id, "to be made", err) < 0)
        return -1;
    struct cloud_patience patience = {clock_monotonic(&run->context.clock) + PREPARE_SECONDS, CANCEL_ABANDON};
    const struct access_order order = {plan->run_id, plan->vpc_id, plan->ssh_cidr,
                                       run->context.settings->ssh_port, run->context.settings->lease_seconds};
    if (services->cloud.ops->open_access(session, &order, &patience, run->security_group_id, err) < 0) {
        if (!run->security_group_id[0] && cloud_has_refused(err->kind) && err->kind != ERR_CANCELLED)
            journal_resource(services->journal, "security_group", plan->run_id, "removed", NULL);
        return -1;
    }
    return journal_resource(services->journal, "security_group", run->security_group_id, "made", err);
}

/* Dying before "removed" is on the disk only has the group removed once more, which is a success. */
static void close_access(struct run *run, struct cloud_session *session)
{
    const struct run_services *services = run->context.services;
    if (run->context.plan->security_group_id[0] || !run->security_group_id[0])
        return;
    struct err err = {0};
    double deadline = clock_monotonic(&run->context.clock) + run->context.settings->teardown_seconds;
    struct cloud_patience patience = {deadline, CANCEL_ABANDON};
    if (services->cloud.ops->close_access(session, run->security_group_id, &patience, &err) == 0) {
        journal_resource(services->journal, "security_group", run->security_group_id, "removed", NULL);
        return;
    }
    log_line(services->log, LOG_ERROR, "%s", err.message); /* it names the group */
    snprintf(run->outcome->security_group_left, sizeof run->outcome->security_group_left, "%s",
             run->security_group_id);
}

/* --- the run ---------------------------------------------------------------------------------- */

static int run_polled_jobs(struct run *run, run_listener listener, void *listener_context, struct err *err)
{
    const struct run_services *services = run->context.services;
    run->context.poller =
        poller_start(&services->cloud, run->context.plan->run_id, services->cancel, services->log, err);
    if (!run->context.poller)
        return -1;
    int result = queue_init(&run->events, EVENT_QUEUE_LENGTH, err);
    if (result == 0) {
        run->context.events = &run->events;
        result = start_workers(run, err);
        if (result == 0)
            run_relay_events(&run->events, listener, listener_context);
        join_workers(run);
        queue_destroy(&run->events, free);
    }
    poller_stop(run->context.poller);
    return result;
}

static int run_jobs(struct run *run, run_listener listener, void *listener_context, struct err *err)
{
    if (job_queue_init(&run->jobs, run->context.plan, run->context.services->cancel, err) < 0)
        return -1;
    run->context.jobs = &run->jobs;
    int result = run_polled_jobs(run, listener, listener_context, err);
    job_queue_destroy(&run->jobs);
    return result;
}

/* What the run makes is its own for as long as the keeper lives. */
static struct lease_keeper *keep_lease(struct run *run, struct err *err)
{
    const struct run_services *services = run->context.services;
    const struct lease lease = {
        .cloud = &services->cloud,
        .run_id = run->context.plan->run_id,
        .group = run->context.plan->security_group_id[0] ? "" : run->security_group_id,
        .seconds = run->context.settings->lease_seconds,
        .log = services->log,
    };
    return lease_keep(&lease, err);
}

static void overlook(void *context, const struct machine *machine)
{
    (void)context;
    (void)machine;
}

/* Without the permission to look at instances nobody would see them run, or end: that is found out before
 * there is one. What may pass is no reason to give up: the poller asks again. */
static int check_sight(struct run *run, struct cloud_session *session, struct err *err)
{
    struct cloud_patience patience = {clock_monotonic(&run->context.clock) + PREPARE_SECONDS, CANCEL_ABANDON};
    const struct cloud_ops *ops = run->context.services->cloud.ops;
    if (ops->list(session, run->context.plan->run_id, &patience, overlook, NULL, err) == 0)
        return 0;
    if (err->kind == ERR_AUTH || err->kind == ERR_CANCELLED)
        return err_prepend(err, "looking at instances");
    err_clear(err);
    return 0;
}

static int run_leased(struct run *run, struct cloud_session *session, run_listener listener,
                      void *listener_context, struct err *err)
{
    if (check_sight(run, session, err) < 0 || open_access(run, session, err) < 0)
        return -1;
    struct lease_keeper *keeper = keep_lease(run, err);
    int result = keeper ? run_jobs(run, listener, listener_context, err) : -1;
    lease_stop(keeper);
    return result;
}

int run_execute(const struct plan *plan, const struct run_settings *settings,
                const struct run_services *services, run_listener listener, void *listener_context,
                struct run_outcome *outcome, struct err *err)
{
    if (settings->local_program)
        return local_execute(plan, settings, services, listener, listener_context, outcome, err);
    struct run run = {
        .context = {.plan = plan, .settings = settings, .services = services, .clock = clock_system()},
        .outcome = outcome};
    *outcome = (struct run_outcome){.jobs = calloc(plan->job_count, sizeof *outcome->jobs)};
    run.context.started = clock_monotonic(&run.context.clock);
    run.context.began = clock_realtime(&run.context.clock);
    if (!outcome->jobs)
        return err_memory(err);
    outcome->job_count = plan->job_count;
    struct cloud_session *session = services->cloud.ops->open(services->cloud.context, err);
    if (!session)
        return -1;
    int result = choose_user_key(&run, err);
    if (result == 0)
        result = run_leased(&run, session, listener, listener_context, err);
    close_access(&run, session);
    services->cloud.ops->close(session);
    ssh_key_forget(&run.user_key);
    outcome->seconds = clock_monotonic(&run.context.clock) - run.context.started;
    return result;
}
