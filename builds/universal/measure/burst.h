/*
 * Passes that follow one another are alike, so a handful of them says little about the machine: they are
 * taken in bursts of about 30 ms, or less where they are very much alike, and one burst gives one sample, its
 * median.
 */
#ifndef MEASURE_BURST_H
#define MEASURE_BURST_H

#include "base/error.h"
#include "measure/stopwatch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BURST_MAX 64

/* How long a burst takes if nothing else is said, in nanoseconds. */
#define BURST_TIME (30 * (int64_t)NANOSECONDS / 1000)

/* The values of one burst. */
struct burst {
    int64_t end; /* stopwatch time */
    double lost; /* share of the time in which a measuring thread did not run; the worst one's */
    size_t count;
    double values[BURST_MAX];
};

/* Adds values to a burst, each positive and finite, and the share that was lost by threads beside the caller.
 * -1 when there is nothing to be had. */
typedef int burst_measure(void *context, struct burst *burst, struct err *err);

/* True while the burst has time and room for another value; the first is always wanted. */
bool burst_wants_more(const struct burst *burst);
void burst_add(struct burst *burst, double value);

/* Takes a burst of so many nanoseconds; burst->lost is then the largest of what measure() said, what the
 * calling thread lost, and what /proc under root says was stolen. -1 with what measure() says, or with
 * ERR_DATA for a value that can't be. */
int burst_take(burst_measure *measure, void *context, int64_t nanoseconds, const char *root,
               struct burst *burst, struct err *err);

/* Whether too much was lost for the burst to say something about the machine: over 2 %. */
bool burst_is_disturbed(const struct burst *burst);

/* Its sample: the median. */
double burst_sample(const struct burst *burst);

#endif
