/* Whether a figure has moved from one period to the next by more than its noise, and where it is going. */
#ifndef RESULTS_CHANGE_H
#define RESULTS_CHANGE_H

#include "results/stats.h"

enum movement {
    MOVEMENT_UNKNOWN, /* a period has fewer than two results: nobody knows its noise */
    MOVEMENT_NONE,
    MOVEMENT_MOVED,
};

/* By Welch's t-test of the two means, two-sided, at 95 % (B. L. Welch, Biometrika 34, 1947). */
enum movement movement_between(const struct summary *before, const struct summary *now);

/* The median of the slopes between all pairs of points (P. K. Sen, JASA 63, 1968), in units of y by units of
 * x; NAN below three points. x ascends. scratch: room for count * (count - 1) / 2. */
double theil_sen_slope(const double *x, const double *y, size_t count, double *scratch);

#endif
