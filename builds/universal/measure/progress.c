#include "measure/progress.h"

#include "measure/stopwatch.h"

#include <stdarg.h>

#define LINE_EVERY (2 * (int64_t)NANOSECONDS)

static void print_line(struct progress *progress, int64_t now)
{
    int64_t percent = (now - progress->started) * 100 / (progress->limit - progress->started);
    progress->last_line = now;
    fprintf(stderr, "progress %d %s\n", percent > 99 ? 99 : (int)percent, progress->phase);
}

void progress_start(struct progress *progress, double max_seconds)
{
    int64_t now = stopwatch_now();
    *progress = (struct progress){.started = now, .limit = now + (int64_t)(max_seconds * NANOSECONDS)};
}

void progress_phase(struct progress *progress, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(progress->phase, sizeof progress->phase, format, args);
    va_end(args);
    print_line(progress, stopwatch_now());
}

void progress_tick(struct progress *progress)
{
    int64_t now = stopwatch_now();
    if (now - progress->last_line >= LINE_EVERY)
        print_line(progress, now);
}

bool pace_allows(const struct pace *pace)
{
    if (pace->progress)
        progress_tick(pace->progress);
    return stopwatch_now() < pace->deadline;
}
