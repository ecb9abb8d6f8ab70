#include "run_display.h"

#include "progress.h"

/* What a run shows of itself while it lasts. Log lines go through the progress display, so that they don't
 * tear it. */
struct display {
    struct progress *progress;
    struct log log;
    const struct cancel *cancel;
    bool local;
    bool interruption_told;
};

static void tell_of_interruption(struct display *display)
{
    if (display->interruption_told || !cancel_requested(display->cancel))
        return;
    display->interruption_told = true;
    if (display->local)
        log_line(&display->log, LOG_WARNING, "interrupted: the suite under way is ended");
    else
        log_line(&display->log, LOG_WARNING,
                 "interrupted: nothing new is begun, and all that was launched is being terminated; "
                 "interrupt again to stop waiting for that");
}

static void show_event(void *context, const struct event *event)
{
    struct display *display = context;
    tell_of_interruption(display);
    if (event)
        progress_event(display->progress, event);
    progress_tick(display->progress);
}

/* Of what the run wants of each type, what this job has still to measure. */
static size_t missing_measurements(const struct planned_job *job, size_t wanted)
{
    size_t missing = wanted;
    for (size_t i = 0; job->done && i < wanted; i++)
        missing -= job->done[i];
    return missing;
}

static struct progress *start_progress(struct program *program, const struct plan *plan,
                                       const struct run_settings *settings, struct err *err)
{
    AUTO_FREE struct progress_job *jobs = calloc(plan->job_count, sizeof *jobs);
    if (!jobs) {
        err_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < plan->job_count; i++) {
        size_t wanted = settings->suite_count * settings->iterations;
        jobs[i].instance_type = plan->jobs[i].instance_type;
        jobs[i].measurements = missing_measurements(&plan->jobs[i], wanted);
    }
    struct progress_settings shown = {
        .mode = progress_mode(program),
        .jobs = jobs,
        .job_count = plan->job_count,
        .out = program->talk,
        .colour = program->colour_talk,
        .clock = program->clock,
    };
    return progress_start(&shown, err);
}

int execute_visibly(struct program *program, const struct plan *plan, const struct run_settings *settings,
                    const struct run_services *services, struct run_outcome *outcome, struct err *err)
{
    struct display display = {.progress = start_progress(program, plan, settings, err),
                              .cancel = &program->cancel,
                              .local = settings->local_program != NULL};
    if (!display.progress)
        return -1;
    log_init(&display.log, program->log.level, progress_log, display.progress);
    struct run_services shown = *services;
    shown.log = &display.log;
    int result = run_execute(plan, settings, &shown, show_event, &display, outcome, err);
    progress_finish(display.progress);
    log_destroy(&display.log);
    return result;
}
