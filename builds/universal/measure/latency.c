#include "measure/latency.h"

#include "measure/stopwatch.h"

#define TRIAL_STEPS ((size_t)64 * CHASE_STEPS)
#define SAMPLE_NANOSECONDS 1e6

static size_t whole_steps(size_t steps)
{
    return (steps + CHASE_STEPS - 1) / CHASE_STEPS * CHASE_STEPS;
}

int latency_of_walk(struct chase *chase, size_t steps, double *nanoseconds, struct err *err)
{
    double seconds;
    int64_t start = stopwatch_now();
    chase_walk(chase, steps);
    if (stopwatch_seconds(start, stopwatch_now(), &seconds, err) < 0)
        return -1;
    *nanoseconds = seconds / (double)steps * 1e9;
    return 0;
}

/* Times a walk of the length that the one before it suggests; the next is to take about a millisecond. */
static int take_sample(struct latency *latency, double *nanoseconds, struct err *err)
{
    size_t steps = latency->sample_steps ? latency->sample_steps : TRIAL_STEPS;
    if (latency->reader)
        read_into_caches(latency->reader, latency->chase.base, latency->warm_bytes, WARM_FOR_SAMPLE);
    if (latency_of_walk(&latency->chase, steps, nanoseconds, err) < 0)
        return -1;
    latency->sample_steps = whole_steps((size_t)(SAMPLE_NANOSECONDS / *nanoseconds) + 1);
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
