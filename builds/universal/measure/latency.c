#include "measure/latency.h"

#include "measure/stopwatch.h"

#define TRIAL_STEPS ((size_t)64 * CHASE_STEPS)
#define SAMPLE_SECONDS 1e-3

static size_t whole_steps(size_t steps)
{
    return (steps + CHASE_STEPS - 1) / CHASE_STEPS * CHASE_STEPS;
}

static int time_walk(struct latency *latency, size_t steps, double *seconds, struct err *err)
{
    int64_t start = stopwatch_now();
    chase_walk(&latency->chase, steps);
    return stopwatch_seconds(start, stopwatch_now(), seconds, err);
}

/* Times a walk of the length that the one before it suggests; the next is to take about a millisecond. */
static int take_sample(struct latency *latency, double *nanoseconds, struct err *err)
{
    double seconds;
    size_t steps = latency->sample_steps ? latency->sample_steps : TRIAL_STEPS;
    if (latency->warm_kernel)
        read_into_caches(latency->warm_kernel, latency->chase.base, latency->warm_bytes);
    if (time_walk(latency, steps, &seconds, err) < 0)
        return -1;
    latency->sample_steps = whole_steps((size_t)((double)steps * SAMPLE_SECONDS / seconds) + 1);
    *nanoseconds = seconds / (double)steps * 1e9;
    return 0;
}

int latency_measure(void *context, struct burst *burst, struct err *err)
{
    struct latency *latency = context;
    double nanoseconds;
    if (latency->sample_steps == 0 && take_sample(latency, &nanoseconds, err) < 0)
        return -1;
    while (burst_wants_more(burst)) {
        if (take_sample(latency, &nanoseconds, err) < 0)
            return -1;
        burst_add(burst, nanoseconds);
    }
    return 0;
}
