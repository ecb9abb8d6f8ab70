/* What stands behind the figures of one type in a processed file. For the makers of processed files; no one
 * else includes this. */
#ifndef RESULTS_TYPE_STATISTICS_H
#define RESULTS_TYPE_STATISTICS_H

#include "results/aggregate_state.h"
#include "results/stats.h"

/* The medians of a figure's results, which there must be, summed up; the caller frees it. */
int summarize_medians(const struct gathered *gathered, struct summary *summary, struct err *err);

/* {place: {results, samples, median, …, grade}} of every figure that has a value; the caller cJSON_Delete()s
 * it. NULL: out of memory. */
cJSON *type_statistics(const struct type_results *type, enum published_file file, struct err *err);

/* [{cpuModel, region, suiteVersion, results, medians: {place: value}}]: the same figures of results that are
 * alike in all three, in the order of these; the caller cJSON_Delete()s it. NULL: out of memory. */
cJSON *type_strata(const struct type_results *type, enum published_file file, struct err *err);

/* {letter: rule}; the caller cJSON_Delete()s it. NULL: out of memory. */
cJSON *grades_json(struct err *err);

#endif
