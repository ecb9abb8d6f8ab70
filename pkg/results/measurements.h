/* The two shapes in which a document carries what was measured: medians by path for consumers, every sample
 * with its statistics for those who doubt them. */
#ifndef RESULTS_MEASUREMENTS_H
#define RESULTS_MEASUREMENTS_H

#include "base/error.h"
#include "base/json.h"
#include "results/stats.h"
#include "results/suite_output.h"

/* {"stream": {"triad": {"bandwidth": 41.9, "unit": "GB/s"}, …}}: the median of each metric at its path, and
 * in each object the units of its numbers, joined by '|' in the order of the metrics. Counts and numbers
 * whose name ends in their unit ("latency_ns") add none. The caller cJSON_Delete()s it. */
cJSON *performance_data_of(const struct suite_output *output, struct err *err);

/* The "measurements" array. The caller cJSON_Delete()s it. */
cJSON *measurements_of(const struct suite_output *output, struct err *err);

/* Adds n, median, …, outliers to a measurement; summary NULL: of what the hardware lacks. */
int add_summary(cJSON *measurement, const struct summary *summary, struct err *err);

/* [low, high], or null where it is not known. */
int add_interval(cJSON *object, const char *name, struct interval interval, struct err *err);

#endif
