#include "orchestrator/job.h"

#include "base/digest.h"
#include "base/text.h"
#include "orchestrator/attest.h"
#include "orchestrator/launch.h"
#include "orchestrator/measure.h"
#include "orchestrator/reach.h"

#include <math.h>
#include <string.h>

/* --- saying what happens ---------------------------------------------------------------------- */

/* A terminal that was stopped (Ctrl-S), or a pipe that nobody reads, must not keep a machine running: what
 * can't be shown in time is not shown. States stand in the journal as well. */
#define SHOW_SECONDS 1.0

/* Seconds since the epoch by a clock that is not set while the run lasts: a result's states are in order, and
 * as far apart as they were. */
static double time_of_run(const struct job_context *context)
{
    return context->began + clock_monotonic(&context->clock) - context->started;
}

static void push_event(struct job *job, struct event *event)
{
    const struct job_context *context = job->context;
    event->realtime = time_of_run(context);
    event->elapsed = clock_monotonic(&context->clock) - context->started;
    event->job = job->number;
    event->state = job->state;
    event->failing = job->failing;
    snprintf(event->instance_type, sizeof event->instance_type, "%.31s", job->planned->instance_type);
    snprintf(event->instance_id, sizeof event->instance_id, "%s", job->machine.id);
    snprintf(event->suite, sizeof event->suite, "%s", job->suite ? job->suite : "");
    if (!queue_push(context->events, event, event->kind == EVENT_PROGRESS ? 0 : SHOW_SECONDS))
        free(event);
}

static struct event *new_event(enum event_kind kind, int percent, const char *text)
{
    struct event *event = calloc(1, sizeof *event);
    if (!event)
        return NULL; /* an event less; the run goes on */
    event->kind = kind;
    event->percent = percent;
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(4096);
    text_add_printable(&printable, text, strlen(text));
    snprintf(event->text, sizeof event->text, "%s", strbuf_text(&printable));
    return event;
}

int job_reach(struct job *job, enum job_state state, const char *detail, struct err *err)
{
    job->state = state;
    job->reached[state] = time_of_run(job->context);
    struct event *event = new_event(EVENT_STATE, -1, detail);
    if (event) {
        if (state == JOB_FAILED)
            event->error = job->outcome->failure;
        push_event(job, event);
    }
    return journal_state(job->context->services->journal, job->number, state, detail, err);
}

void job_note(struct job *job, const struct err *error, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct event *event = new_event(EVENT_NOTE, -1, text);
    if (!event)
        return;
    if (error)
        event->error = *error;
    push_event(job, event);
}

void job_fail(struct job *job, const struct err *err)
{
    if (job->outcome->failure.kind != ERR_NONE)
        return;
    job->outcome->failure = *err;
    job->outcome->failed_at = job->state;
    job_note(job, err, "%s", err->message);
}

void job_progress(void *context, int percent, const char *text)
{
    struct job *job = context;
    struct event *event = new_event(EVENT_PROGRESS, percent, text);
    if (event)
        push_event(job, event);
}

/* --- the whole of it -------------------------------------------------------------------------- */

static int deliver_image(struct job *job, struct err *err)
{
    const struct job_context *context = job->context;
    struct remote_limits limits = {job->launched_at + context->settings->boot_seconds,
                                   context->services->cancel, CANCEL_DRAIN};
    if (container_deliver(&job->host, &context->settings->image, job->planned->architecture, &limits,
                          &job->image, err) < 0)
        return -1;
    return job_reach(job, JOB_DELIVERED, job->image.id, err);
}

/* Not out of the time for the boot, which may be nearly over. The machine's curl gives up sooner. */
#define ATTESTATION_SECONDS 30

/* What it says only stands beside the numbers: a machine that says nothing is measured all the same. */
static void fetch_attestation(struct job *job)
{
    const struct job_context *context = job->context;
    struct remote_limits limits = {clock_monotonic(&context->clock) + ATTESTATION_SECONDS,
                                   context->services->cancel, CANCEL_DRAIN};
    struct err err = {0};
    if (!context->settings->attestation || attest_machine(&job->host, &limits, &job->attestation, &err) == 0)
        return;
    if (err.kind != ERR_CANCELLED)
        job_note(job, NULL, "its results carry no instance identity document: %s", err.message);
}

/* The machine, with all that its suites need. */
static int prepare_machine(struct job *job, struct err *err)
{
    if (reach_machine(job, err) < 0 || deliver_image(job, err) < 0)
        return -1;
    fetch_attestation(job);
    return 0;
}

/* No state of its own: a job fails in any of them. */
static void say_that_it_fails(struct job *job)
{
    job->failing = job->outcome->failure.kind != ERR_NONE && job->machine.id[0];
    if (job->failing)
        job_progress(job, -1, "");
}

static int launch_planned(struct job *job, struct err *err)
{
    *err = job->planned->refused;
    return err->kind == ERR_NONE ? launch_machine(job, err) : -1;
}

/* EC2 refused the launch for a limit of the account: while others of ours hold what there is, the job goes
 * back into the queue, and another worker may have it at once. */
static bool put_back(struct job *job, struct err *err)
{
    bool refused = err->kind == ERR_QUOTA && job->state == JOB_INTENT && !job->machine.id[0] &&
                   !job->outcome->launch_token[0];
    if (!refused)
        return false;
    if (!job_queue_must_wait(job->context->jobs, job->number)) {
        err_prepend(err, "skipped");
        return false;
    }
    job_note(job, err, "waits until another instance of its class has ended: %s", err->message);
    job_reach(job, JOB_PLANNED, "waits for the account's limit", NULL);
    *job->outcome = (struct job_outcome){0};
    job_queue_put_back(job->context->jobs, job->number);
    return true;
}

static void free_job(struct job *job)
{
    attestation_free(&job->attestation);
}

/* Dying in here loses nothing: the journal names every machine before it exists (launch_once), every result
 * before it is written (spool), and nothing is struck off before EC2 or the bucket has confirmed it. A
 * machine that is not ended here switches itself off, and is ended by the next start. */
bool job_run(const struct job_context *context, struct cloud_session *cloud, size_t number,
             struct job_outcome *outcome)
{
    CLEANUP(free_job)
    struct job job = {
        .context = context,
        .planned = &context->plan->jobs[number],
        .number = number,
        .cloud = cloud,
        .outcome = outcome,
    };
    CLEANUP(measurements_free) struct measurements measurements = {0};
    struct err err = {0};
    bool launched = launch_planned(&job, &err) == 0;
    if (!launched && put_back(&job, &err))
        return false;
    if (!launched || prepare_machine(&job, &err) < 0 || measure_suites(&job, &measurements, &err) < 0)
        job_fail(&job, &err);
    leave_machine(&job);
    say_that_it_fails(&job);
    /* What was measured is on our disk: the machine may shut down while the remote store gets it. */
    keep_measurements(&job, &measurements);
    begin_end_of_machine(&job);
    if (send_measurements(&job, &measurements, &err) < 0)
        job_fail(&job, &err);
    if (end_machine(&job, &err) < 0)
        job_fail(&job, &err);
    outcome->succeeded = outcome->failure.kind == ERR_NONE;
    if (!outcome->succeeded)
        job_reach(&job, JOB_FAILED, outcome->failure.message, NULL);
    return true;
}
