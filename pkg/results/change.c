#include "results/change.h"

#include <math.h>

enum movement movement_between(const struct summary *before, const struct summary *now)
{
    if (before->count < 2 || now->count < 2)
        return MOVEMENT_UNKNOWN;
    const double difference = fabs(now->mean - before->mean);
    const double one = before->standard_deviation * before->standard_deviation / (double)before->count;
    const double other = now->standard_deviation * now->standard_deviation / (double)now->count;
    const double variance = one + other;
    if (variance <= 0)
        return difference > 0 ? MOVEMENT_MOVED : MOVEMENT_NONE;
    const double freedom =
        variance * variance /
        (one * one / (double)(before->count - 1) + other * other / (double)(now->count - 1));
    const double bound = student_t_95((size_t)fmax(1, floor(freedom))) * sqrt(variance);
    return difference > bound ? MOVEMENT_MOVED : MOVEMENT_NONE;
}

double theil_sen_slope(const double *x, const double *y, size_t count, double *scratch)
{
    size_t slopes = 0;
    if (count < 3)
        return NAN;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            scratch[slopes++] = (y[j] - y[i]) / (x[j] - x[i]);
    return median_in_place(scratch, slopes);
}
