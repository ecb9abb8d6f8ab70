#include "base/clock.h"

#include <time.h>

static double read_clock(clockid_t id)
{
    struct timespec now = {0};
    clock_gettime(id, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double system_realtime(void *context UNUSED)
{
    return read_clock(CLOCK_REALTIME);
}

static double system_monotonic(void *context UNUSED)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int system_sleep(void *context UNUSED, double seconds, const struct cancel *cancel,
                        enum cancel_level from, struct err *err)
{
    double end = read_clock(CLOCK_MONOTONIC) + seconds;
    for (;;) {
        if (cancel && cancel_check(cancel, from, err) < 0)
            return -1;
        double left = end - read_clock(CLOCK_MONOTONIC);
        if (left <= 0)
            return 0;
        cancel_wait(-1, 0, left, cancel);
    }
}

struct clock clock_system(void)
{
    return (struct clock){system_realtime, system_monotonic, system_sleep, NULL};
}

double clock_realtime(const struct clock *clock)
{
    return clock->realtime(clock->context);
}

double clock_monotonic(const struct clock *clock)
{
    return clock->monotonic(clock->context);
}

int clock_sleep(const struct clock *clock, double seconds, const struct cancel *cancel,
                enum cancel_level from, struct err *err)
{
    return clock->sleep(clock->context, seconds, cancel, from, err);
}

static void format_time(double realtime_seconds, const char *format, char *out, size_t size)
{
    time_t whole = (time_t)realtime_seconds;
    struct tm when = {0};
    gmtime_r(&whole, &when);
    if (strftime(out, size, format, &when) == 0)
        out[0] = '\0';
}

void format_timestamp(double realtime_seconds, char out[TIMESTAMP_SIZE])
{
    format_time(realtime_seconds, "%Y-%m-%dT%H:%M:%SZ", out, TIMESTAMP_SIZE);
}

void format_date(double realtime_seconds, char out[DATE_SIZE])
{
    format_time(realtime_seconds, "%Y-%m-%d", out, DATE_SIZE);
}
