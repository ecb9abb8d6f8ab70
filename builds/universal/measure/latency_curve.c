#include "measure/latency_curve.h"

#include "measure/latency.h"
#include "measure/statistics.h"

#include <math.h>

#define TRIAL_STEPS ((size_t)32 * CHASE_STEPS)
#define WALKS 5
#define WALK_NANOSECONDS 2e5

/* Once at least, however large it is; a few milliseconds' worth of what is small. */
#define WARM_FOR_POINT 1, 3 * (NANOSECONDS / 1000)

double curve_point_least(const struct curve_point *point)
{
    double least = point->values[0];
    for (size_t i = 1; i < point->count; i++)
        least = fmin(least, point->values[i]);
    return least;
}

/* The median of a few short walks. */
static int measure_point(struct chase *chase, double *nanoseconds, struct err *err)
{
    double walks[WALKS];
    double trial;
    if (latency_of_walk(chase, TRIAL_STEPS, &trial, err) < 0)
        return -1;
    size_t steps = ((size_t)(WALK_NANOSECONDS / trial) / CHASE_STEPS + 1) * CHASE_STEPS;
    for (size_t i = 0; i < WALKS; i++)
        if (latency_of_walk(chase, steps, &walks[i], err) < 0)
            return -1;
    *nanoseconds = median_of(walks, WALKS);
    return 0;
}

/* 2^n and 1.5 * 2^n by turns. */
static size_t size_of_point(size_t index)
{
    size_t octave = CURVE_BYTES_MIN << index / 2;
    return index % 2 == 0 ? octave : octave + octave / 2;
}

int latency_curve_pass(struct latency_curve *curve, struct chase *chase, size_t most, memory_kernel *reader,
                       struct random *random, const struct pace *pace, struct err *err)
{
    chase_begin(chase);
    for (size_t i = 0; i < CURVE_POINTS_MAX && size_of_point(i) <= most; i++) {
        struct curve_point *point = &curve->points[i];
        size_t bytes = size_of_point(i);
        chase_grow(chase, bytes / chase->spacing, random, pace);
        if (chase->nodes < bytes / chase->spacing || !pace_allows(pace))
            return 0;
        read_into_caches(reader, chase->base, bytes, WARM_FOR_POINT);
        if (point->count == CURVE_PASSES || measure_point(chase, &point->values[point->count], err) < 0)
            return point->count == CURVE_PASSES ? 0 : -1;
        point->bytes = bytes;
        point->count++;
        if (curve->count <= i)
            curve->count = i + 1;
    }
    return 0;
}
