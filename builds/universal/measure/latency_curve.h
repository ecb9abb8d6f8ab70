/*
 * The latency of a pointer chase against the size of the memory that it goes through: flat as long as that
 * fits a cache, and rising where it no longer does (Saavedra and Smith, Measuring Cache and TLB Performance
 * and Their Effect on Benchmark Runtimes, 1995). Every line is visited once a lap, in random order, so that
 * neither a prefetcher nor another word of a line in hand can shorten a step.
 *
 * A cycle that grows (chase.h) is linked once for all sizes of a pass, so that a pass costs little more than
 * linking its largest size.
 */
#ifndef MEASURE_LATENCY_CURVE_H
#define MEASURE_LATENCY_CURVE_H

#include "kernels/memory_kernels.h"
#include "measure/chase.h"

#define CURVE_BYTES_MIN ((size_t)4 << 10)
#define CURVE_POINTS_MAX 64
#define CURVE_PASSES 3

struct curve_point {
    size_t bytes;
    size_t count;                /* of passes that have come so far */
    double values[CURVE_PASSES]; /* nanoseconds a step: the median of a burst */
};

/* By ascending size, two to an octave: 4 KiB, 6 KiB, 8 KiB, 12 KiB, ... Begins as {0}. */
struct latency_curve {
    size_t count;
    struct curve_point points[CURVE_POINTS_MAX];
};

/* One pass over all sizes up to `most` bytes: a value more for each, of which CURVE_PASSES have room. The
 * chase (base, spacing and word are set) is linked anew and ends with as many nodes as the largest size has;
 * the pass ends early when the pace says so. -1 when the clock stood or stepped back. */
int latency_curve_pass(struct latency_curve *curve, struct chase *chase, size_t most, memory_kernel *reader,
                       struct random *random, const struct pace *pace, struct err *err);

/* The least of a point's passes, of which it has one at least: all that can happen to a walk makes it slower.
 */
double curve_point_least(const struct curve_point *point);

#endif
