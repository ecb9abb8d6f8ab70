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

static struct progress *start_progress(struct program *program, const struct plan *plan,
                                       const struct run_settings *settings, struct err *err)
{
    AUTO_FREE const char **names = calloc(plan->job_count, sizeof *names);
    if (!names) {
        err_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < plan->job_count; i++)
        names[i] = plan->jobs[i].instance_type;
    struct progress_settings shown = {
        .mode = progress_mode(program),
        .instance_types = names,
        .job_count = plan->job_count,
        .measurements = settings->suite_count * settings->iterations,
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
