/* The few statistics that decide when to stop; the collector makes its own from the samples. */
#ifndef MEASURE_STATISTICS_H
#define MEASURE_STATISTICS_H

#include <stddef.h>

/* The most values that the functions below take. */
#define STATISTICS_MAX 1024

/* The middle value (the mean of the two middle ones); count is at least 1. */
double median_of(const double *values, size_t count);

/* Half the width of a robust 95 % interval of the median, as a fraction of the median:
 * 1.25 * t(0.975, n - 1) * 1.4826 * n / (n - 0.8) * MAD / sqrt(n) / median. The efficiency of the median
 * against the mean is 1 / 1.25 in standard errors, and 1.4826 MAD estimates the standard deviation, both for
 * normal samples; n / (n - 0.8) makes up for the MAD of few samples being too small (Croux and Rousseeuw,
 * Time-efficient algorithms for two highly robust estimators of scale, 1992). Infinite for fewer than two
 * values. */
double relative_interval(const double *values, size_t count);

/* The two-sided 95 % quantile of Student's t, by Cornish and Fisher's expansion: within 1 % from 4 degrees of
 * freedom on (Abramowitz and Stegun, 26.7.5). */
double student_t95(size_t degrees_of_freedom);

#endif
