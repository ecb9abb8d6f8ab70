/*
 * When to measure what: every probe once a round, in random order, a burst each (burst.h), until all are done
 * (stopping.h) or the time is up. A burst in which a measuring thread lost its CPU for a while is discarded
 * and taken again, a few times.
 */
#ifndef MEASURE_SAMPLING_H
#define MEASURE_SAMPLING_H

#include "measure/burst.h"
#include "measure/progress.h"

#define SAMPLES_MAX 200 /* of a probe at most, so that a document stays small */
#define PROBES_MAX 1024

/* One thing to measure. Without measure() there is nothing to measure, and no samples. */
struct probe {
    const char *name;
    burst_measure *measure;
    void *context;
    /* Probes of a group other than 0 are done together: their samples are combined round by round. */
    unsigned group;
    int64_t burst_time; /* nanoseconds; 0: BURST_TIME */
    /* filled in: */
    double samples[SAMPLES_MAX]; /* one for each round it took part in, which are the first ones */
    size_t count;
    double interval; /* relative, as statistics.h has it */
    bool wanted;     /* in this round */
};

/* How long, and how well. */
struct sampling_rule {
    int64_t deadline;       /* stopwatch time */
    double interval_wanted; /* half the width of each probe's interval, as a fraction */
    const char *root;       /* of /proc, see topology/system_file.h */
    struct progress *progress;
    size_t samples_max; /* of each probe; 0, and more than SAMPLES_MAX, count as that */
};

struct sampling {
    size_t rounds_begun;    /* a probe that was done early took part in fewer */
    size_t samples;         /* of all probes */
    size_t discarded;       /* bursts, disturbed */
    size_t disturbed;       /* samples that are kept although they were, for want of a better burst */
    bool often_disturbed;   /* more than one sample in ten */
    double widest_interval; /* relative, over all probes */
    size_t unsettled;       /* probes whose interval is wider than wanted */
    bool unstable;          /* some interval is still wider than it should be by far */
};

/* Measures until done or until the next round would pass the deadline; the first round is always finished.
 * -1 with what the probe says, or with ERR_DATA for a value that can't be. */
int sampling_run(struct probe *probes, size_t count, const struct sampling_rule *rule,
                 struct sampling *sampling, struct err *err);

#endif
