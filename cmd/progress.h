/*
 * What a run's events look like to a person or a program, on stderr: a live table on a terminal, a line for
 * each transition elsewhere, or one JSON object a line. One thread, main's, hands in events and ticks; any
 * thread may log.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include "command.h"
#include "terminal.h"

#include "base/clock.h"
#include "base/log.h"
#include "orchestrator/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct progress_job {
    const char *instance_type;
    size_t measurements; /* to be made: its suites times its iterations, less what a resumed run has */
};

struct progress_settings {
    enum progress_choice mode;       /* not PROGRESS_AUTO */
    const struct progress_job *jobs; /* of the plan, in its order; copied */
    size_t job_count;
    FILE *out;
    bool colour;
    struct clock clock;
    /* Asked at each draw, so that a resized window is noticed without a signal. NULL: the terminal is asked.
     */
    struct terminal_size (*size)(FILE *out);
};

struct progress;

/* The mode that the common options ask for: auto becomes tty or plain, and none with --quiet. */
enum progress_choice progress_mode(const struct program *program);

/* NULL: ERR_INTERNAL, memory. */
struct progress *progress_start(const struct progress_settings *settings, struct err *err);

void progress_event(struct progress *progress, const struct event *event);

/* Redraws the live table; to be called a few times a second. */
void progress_tick(struct progress *progress);

/* A sink for base/log.h, whose context is the struct progress *: lines stand above the live table, whole. */
void progress_log(void *context, enum log_level level, const char *line);

/* Takes the live table away, says how many jobs ended how, and frees. NULL is allowed. */
void progress_finish(struct progress *progress);

#endif
