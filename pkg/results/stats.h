/*
 * What a set of samples says. Nothing is thrown away: outliers are named by their index and stay in every
 * figure, the median being the one that they do not move.
 */
#ifndef RESULTS_STATS_H
#define RESULTS_STATS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct interval {
    bool known; /* false: too few samples for a statement of 95 % */
    double low;
    double high;
};

struct summary {
    size_t count;
    double minimum;
    double maximum;
    double median; /* the mean of the two middle ones of an even number */
    double mean;
    double standard_deviation;       /* of the sample (n - 1); NAN below two samples */
    double coefficient_of_variation; /* standard deviation by mean; NAN where either fails */
    struct interval mean_interval;   /* 95 %, Student's t; from two samples on */
    struct interval median_interval; /* 95 % at least, order statistics; from six samples on */
    size_t *outliers;                /* indices into the samples, ascending */
    size_t outlier_count;
};

#define AUTO_SUMMARY CLEANUP(summary_free)
void summary_free(struct summary *summary);

/* Fills summary, which the caller frees. The samples must be finite; at least one (ERR_DATA). A sample is an
 * outlier where its modified z-score, by the median absolute deviation, is over 3.5 (Iglewicz and Hoaglin,
 * 1993); where half the samples agree exactly, the mean absolute deviation takes that one's place. */
int summarize(const double *samples, size_t count, struct summary *summary, struct err *err);

/* The median alone; values are sorted in place. count must be at least 1. */
double median_in_place(double *values, size_t count);

/* t such that P(|T| <= t) = 0.95 with so many degrees of freedom (at least 1). */
double student_t_95(size_t degrees_of_freedom);

#endif
