#include "orchestrator/local.h"

#include "base/fs.h"
#include "orchestrator/container.h"
#include "orchestrator/job.h"
#include "orchestrator/launch.h"
#include "orchestrator/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/utsname.h>

#define LOCK_NAME "local.lock"
#define EVENT_QUEUE_LENGTH 1024

/* --- the plan --------------------------------------------------------------------------------- */

const char *local_architecture(void)
{
    struct utsname machine;
    return uname(&machine) == 0 ? container_architecture(machine.machine) : "unknown";
}

static uint64_t memory_mib(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page >> 20 : 0;
}

int local_plan_make(const char *name, double now, struct plan *plan, struct err *err)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    *plan = (struct plan){0};
    if (run_id_make(now, plan->run_id, err) < 0)
        return -1;
    plan->jobs = calloc(1, sizeof *plan->jobs);
    if (!plan->jobs)
        return err_memory(err);
    plan->job_count = 1;
    struct planned_job *job = plan->jobs;
    snprintf(plan->region, sizeof plan->region, LOCAL_WORD);
    snprintf(plan->collection_method, sizeof plan->collection_method, LOCAL_WORD);
    snprintf(job->instance_type, sizeof job->instance_type, LOCAL_WORD "%s%.*s", name ? "-" : "",
             LOCAL_NAME_MAX, name ? name : "");
    snprintf(job->architecture, sizeof job->architecture, "%s", local_architecture());
    job->vcpus = cpus > 0 ? (uint32_t)cpus : 0;
    job->memory_mib = memory_mib();
    return 0;
}

int local_lock(const char *state_directory, struct err *err)
{
    AUTO_FREE char *path = fs_join(state_directory, LOCK_NAME, err);
    if (!path || fs_make_directories(state_directory, 0700, err) < 0)
        return -1;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return err_errno(err, "could not open '%s'", path);
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
        return file;
    close(file);
    return err_set(
        err, ERR_CONFIG,
        "another `run --local` is at work on this machine, and two would measure one another: wait "
        "for its end (`status` shows it)");
}

/* --- the run ---------------------------------------------------------------------------------- */

struct local_run {
    struct job_context context;
    struct queue events;
    struct job_outcome *outcome;
};

static void name_image(struct job *job)
{
    const struct image_archive *archive = job->context->settings->image.archive;
    const struct image_platform *platform = image_archive_platform(archive, job->planned->architecture);
    snprintf(job->image.index_digest, sizeof job->image.index_digest, "%s", archive->index_digest);
    snprintf(job->image.platform_digest, sizeof job->image.platform_digest, "%s",
             platform ? platform->manifest_digest : "");
}

/* The states of a job on EC2 as far as there are such here: the image is at hand, measured, stored; and
 * "terminated" when nothing of it runs any more, which child.c has seen to. */
static void measure_here(struct local_run *run)
{
    struct job job = {
        .context = &run->context,
        .planned = run->context.plan->jobs,
        .program = run->context.settings->local_program,
        .outcome = run->outcome,
    };
    CLEANUP(measurements_free) struct measurements measurements = {0};
    struct err err = {0};
    name_image(&job);
    if (job_reach(&job, JOB_DELIVERED, job.image.platform_digest, &err) < 0 ||
        measure_suites(&job, &measurements, &err) < 0)
        job_fail(&job, &err);
    keep_measurements(&job, &measurements);
    if (send_measurements(&job, &measurements, &err) < 0)
        job_fail(&job, &err);
    run->outcome->seconds = clock_monotonic(&run->context.clock) - run->context.started;
    run->outcome->succeeded = run->outcome->failure.kind == ERR_NONE;
    if (run->outcome->succeeded)
        job_reach(&job, JOB_TERMINATED, "nothing of it runs any more", NULL);
    else
        job_reach(&job, JOB_FAILED, run->outcome->failure.message, NULL);
}

static void *work(void *argument)
{
    struct local_run *run = argument;
    measure_here(run);
    queue_close(&run->events);
    return NULL;
}

int local_execute(const struct plan *plan, const struct run_settings *settings,
                  const struct run_services *services, run_listener listener, void *listener_context,
                  struct run_outcome *outcome, struct err *err)
{
    struct local_run run = {
        .context = {.plan = plan, .settings = settings, .services = services, .clock = clock_system()}};
    pthread_t worker;
    run.context.started = clock_monotonic(&run.context.clock);
    run.context.began = clock_realtime(&run.context.clock);
    *outcome = (struct run_outcome){.jobs = calloc(plan->job_count, sizeof *outcome->jobs),
                                    .job_count = plan->job_count};
    if (!outcome->jobs)
        return err_memory(err);
    run.outcome = outcome->jobs;
    if (queue_init(&run.events, EVENT_QUEUE_LENGTH, err) < 0)
        return -1;
    run.context.events = &run.events;
    int failed = pthread_create(&worker, NULL, work, &run);
    if (!failed) {
        run_relay_events(&run.events, listener, listener_context);
        pthread_join(worker, NULL);
    }
    queue_destroy(&run.events, free);
    outcome->seconds = clock_monotonic(&run.context.clock) - run.context.started;
    return failed ? err_set(err, ERR_INTERNAL, "could not start the worker thread") : 0;
}
