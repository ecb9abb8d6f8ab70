/*
 * The benchmark program's own latency of memory, alone and for any size, with the time that it takes in all:
 * its regions, its fully random chase, its bursts and their median. Prints "ns VALUE" and "seconds VALUE".
 *
 *   latency_alone BYTES
 */
#include "base/parse.h"
#include "measure/latency.h"
#include "measure/memory.h"
#include "measure/sampling.h"
#include "measure/statistics.h"
#include "measure/stopwatch.h"

#include <stdio.h>

/* As the cache suite's random chase: every line. */
#define SPACING 64

#define BURSTS 4
#define STEPS_TIME (NANOSECONDS / 100) /* of a burst: fifty thousand steps */
#define LIMIT_SECONDS 60

static int measure(struct chase *chase, double *nanoseconds, struct err *err)
{
    struct latency latency = {.chase = *chase};
    double medians[BURSTS];
    for (size_t i = 0; i < BURSTS; i++) {
        struct burst burst = {.end = stopwatch_now() + STEPS_TIME};
        if (latency_measure(&latency, &burst, err) < 0)
            return -1;
        medians[i] = median_of(burst.values, burst.count);
    }
    *nanoseconds = median_of(medians, BURSTS);
    return 0;
}

static int run(const char *size, struct err *err)
{
    int64_t start = stopwatch_now();
    struct memory_budget budget = {.limit = UINT64_MAX};
    struct memory_region region;
    struct progress progress;
    uint64_t bytes;
    double nanoseconds;
    progress_start(&progress, LIMIT_SECONDS);
    if (parse_size(size, 4 * SPACING, UINT64_C(1) << 40, &bytes, err) < 0 ||
        memory_map(&budget, bytes, &region, err) < 0)
        return -1;
    struct random random = {1};
    struct pace pace = {&progress, start + LIMIT_SECONDS * (int64_t)NANOSECONDS};
    struct chase chase = {.base = region.base, .spacing = SPACING, .nodes = bytes / SPACING};
    chase_link_random(&chase, &random, &pace);
    if (measure(&chase, &nanoseconds, err) < 0)
        return -1;
    printf("ns %.6g\nseconds %.6g\n", nanoseconds, (double)(stopwatch_now() - start) / NANOSECONDS);
    return 0;
}

int main(int count, char **arguments)
{
    struct err err = {0};
    if (count == 2 && run(arguments[1], &err) == 0)
        return 0;
    fprintf(stderr, "latency_alone: %s\n", count == 2 ? err.message : "usage: latency_alone BYTES");
    return 2;
}
