/*
 * When to measure what, and when to stop. Passes that follow one another are alike, so a handful of them says
 * little about the machine: they are taken in bursts of about 30 ms, every probe once a round in random
 * order, and the median of a burst is one sample. A burst in which a measuring thread lost its CPU for a
 * while is discarded and taken again, a few times. Rounds go on until every probe's 95 % interval is narrow
 * or the time is up.
 */
#ifndef MEASURE_SAMPLING_H
#define MEASURE_SAMPLING_H

#include "base/error.h"
#include "measure/progress.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAMPLES_MAX 200 /* rounds at most, so that a document stays small */
#define BURST_MAX 64
#define PROBES_MAX 16

/* The values of one burst. */
struct burst {
    int64_t end; /* stopwatch time */
    double lost; /* share of the time in which a thread beside the caller did not run; the worst one's */
    size_t count;
    double values[BURST_MAX];
};

/* True while the burst has time and room for another value; the first is always wanted. */
bool burst_wants_more(const struct burst *burst);
void burst_add(struct burst *burst, double value);

/* One thing to measure. measure() adds values to a burst; each must be positive and finite. Without measure()
 * there is nothing to measure, and no samples. */
struct probe {
    const char *name;
    int (*measure)(void *context, struct burst *burst, struct err *err);
    void *context;
    double samples[SAMPLES_MAX]; /* filled in: one for each round */
};

/* How long, and how well. */
struct sampling_rule {
    int64_t deadline;       /* stopwatch time */
    double interval_wanted; /* half the width of each probe's interval, as a fraction */
    const char *root;       /* of /proc, see topology/system_file.h */
    struct progress *progress;
};

struct sampling {
    size_t rounds;
    size_t samples;         /* of all probes */
    size_t discarded;       /* bursts, disturbed */
    size_t disturbed;       /* samples that are kept although they were, for want of a better burst */
    bool often_disturbed;   /* more than one sample in ten */
    double widest_interval; /* relative, over all probes */
    bool unstable;          /* some interval is still wider than it should be by far */
};

/* Measures until done or until the next round would pass the deadline; the first round is always finished.
 * -1 with what the probe says, or with ERR_DATA for a value that can't be. */
int sampling_run(struct probe *probes, size_t count, const struct sampling_rule *rule,
                 struct sampling *sampling, struct err *err);

#endif
