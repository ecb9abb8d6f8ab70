/*
 * The sizes of the caches as a latency curve shows them, held against what sysfs or the CPU itself says. A
 * hypervisor may tell the size of a cache that its guest gets a part of, or hide all of them.
 */
#ifndef SUITES_CACHE_PLATEAUS_H
#define SUITES_CACHE_PLATEAUS_H

#include "topology/caches.h"

#include <stdbool.h>
#include <stddef.h>

#define PLATEAUS_MAX 8

/* A size of memory and what a step through it takes. */
struct size_latency {
    size_t bytes;
    double nanoseconds;
};

/* Sizes between which the latency hardly changes. */
struct plateau {
    size_t first_bytes, last_bytes;
    size_t capacity_bytes; /* the last size at which the latency is nearer to this plateau's than to the next
                              one's, as ratios; of the last plateau its last size */
    double nanoseconds;    /* the median of its points */
};

struct plateaus {
    size_t count;
    struct plateau rows[PLATEAUS_MAX];
};

/*
 * Finds the plateaus of a curve of ascending sizes, two to an octave; the last is memory's if the curve goes
 * that far. Taken are stretches of three points or more (an octave) in which the latency, after a running
 * median of three that no single outlier passes, stays within a factor of 1.28; stretches that follow one
 * another directly at less than 1.6 times the latency are one plateau (a slow rise is the TLB's or the
 * network's between the cores), and so are those with a gap between them at less than 1.28 times. The
 * latencies of neighbouring levels are a factor of two and more apart on every CPU of the last decade.
 */
void plateaus_find(const struct size_latency *points, size_t count, struct plateaus *plateaus);

/* What came of comparing the curve with what was told. */
struct cache_verdict {
    struct caches caches; /* to work with; no rows: neither says anything */
    size_t seen[3];       /* capacities of the first, second and third level as the curve shows them; 0: it
                             doesn't */
    size_t flat[3];       /* up to where it is flat; 0: unknown. It ends before the capacity where a cache is
                             shared, or its sets are filled unevenly since small pages lie anywhere */
    bool disputed;        /* the curve shows another number of levels, or a capacity not within a factor of
                             two of what is told */
    uint64_t last_level_bytes; /* the larger one of what is told and seen of the last level */
};

/*
 * A size that is told is taken where the curve shows one within a factor of two, or can't show any (its end
 * is not four times as large); where they differ, the smaller one, so that what is meant to lie in a level
 * does. Without anything told the curve decides alone, and its last plateau is taken for memory.
 */
void cache_verdict_reach(const struct caches *told, const struct plateaus *plateaus, size_t curve_end,
                         struct cache_verdict *verdict);

#endif
