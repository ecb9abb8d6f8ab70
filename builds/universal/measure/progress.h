/*
 * Lines "progress PERCENT TEXT" on stderr. They come from the measuring thread itself between two pieces of
 * work, never from a timer: silence means that work stands still.
 */
#ifndef MEASURE_PROGRESS_H
#define MEASURE_PROGRESS_H

#include "base/attributes.h"

#include <stdbool.h>
#include <stdint.h>

struct progress {
    int64_t started;   /* stopwatch time */
    int64_t limit;     /* stopwatch time that counts as 100 % */
    int64_t last_line; /* stopwatch time of the last line */
    char phase[64];
};

/* Starts the count: 100 % is max_seconds from now. */
void progress_start(struct progress *progress, double max_seconds);

/* Names what happens from now on and says so. */
void progress_phase(struct progress *progress, const char *format, ...) PRINTF_LIKE(2, 3);

/* Says the phase again when the last line is two seconds old. To be called at least every second. */
void progress_tick(struct progress *progress);

/* Work that may take long: it stops by itself at the deadline, and ticks on the way. */
struct pace {
    struct progress *progress; /* NULL: someone else ticks */
    int64_t deadline;          /* stopwatch time */
};

/* Ticks; false from the deadline on. */
bool pace_allows(const struct pace *pace);

#endif
