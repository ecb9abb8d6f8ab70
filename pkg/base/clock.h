/* Time behind a seam, so that a test can hand in its own; deadlines are absolute monotonic times. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/cancel.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct clock {
    /* Seconds since the epoch, with fraction. */
    double (*realtime)(void *context);
    /* Seconds of a clock that never steps. */
    double (*monotonic)(void *context);
    /* Sleeps; returns -1 with ERR_CANCELLED as soon as cancel (may be NULL) reaches the level `from`. */
    int (*sleep)(void *context, double seconds, const struct cancel *cancel, enum cancel_level from,
                 struct err *err);
    void *context;
};

/* The machine's own clocks. */
struct clock clock_system(void);

double clock_realtime(const struct clock *clock);
double clock_monotonic(const struct clock *clock);
int clock_sleep(const struct clock *clock, double seconds, const struct cancel *cancel,
                enum cancel_level from, struct err *err);

/* "2026-11-20T15:30:45Z" */
#define TIMESTAMP_SIZE 21
void format_timestamp(double realtime_seconds, char out[TIMESTAMP_SIZE]);
/* "2026-11-20" */
#define DATE_SIZE 11
void format_date(double realtime_seconds, char out[DATE_SIZE]);

#endif
