/*
 * Many result documents into the files that are published. Documents may come in any order: the same set
 * gives the same bytes. Between documents of one type the median of their medians counts.
 */
#ifndef RESULTS_AGGREGATE_H
#define RESULTS_AGGREGATE_H

#include "base/error.h"
#include "base/json.h"
#include "results/period.h"
#include "results/published.h"

#include <stdbool.h>
#include <stddef.h>

/* Which results beside those of EC2 may enter; the files then say so at their top. */
struct aggregate_options {
    bool include_sandbox; /* its prices, too */
    bool include_local;
    const cJSON *prices; /* from price_table_read, borrowed; NULL: none are known */
};

struct aggregate;

#define AUTO_AGGREGATE CLEANUP(aggregate_auto)
void aggregate_auto(struct aggregate **aggregate);
/* NULL: ERR_USAGE where the prices are a sandbox's and no such may enter. The caller frees it. */
struct aggregate *aggregate_new(const struct aggregate_options *options, struct err *err);
void aggregate_free(struct aggregate *aggregate);

enum aggregate_verdict {
    AGGREGATE_FAILED = -1, /* ERR_DATA: a measurement that is there already, with other content */
    AGGREGATE_USED,
    AGGREGATE_LEFT_OUT, /* a sound document that must not be published; reason says why */
};

/* Takes in a document that has passed inspect_result. *reason is static text for AGGREGATE_LEFT_OUT. */
enum aggregate_verdict aggregate_add(struct aggregate *aggregate, const cJSON *document, const char **reason,
                                     struct err *err);

/* How many documents were left out that aggregate_options would have let in. */
struct aggregate_excluded {
    size_t sandbox;
    size_t local;
};
struct aggregate_excluded aggregate_excluded(const struct aggregate *aggregate);

/* A file that lists types, instance-rankings.json and metadata.json, as trees. The caller cJSON_Delete()s
 * them; NULL: out of memory. A type is listed only when every field that the consumer reads is there;
 * metadata names the others with what they lack. */
cJSON *aggregate_benchmark_file(const struct aggregate *aggregate, enum published_file file, struct err *err);
cJSON *aggregate_rankings(const struct aggregate *aggregate, struct err *err);
cJSON *aggregate_metadata(const struct aggregate *aggregate, struct err *err);

/* price-performance.json, likewise: the types that have a price and the figures that their costs are made of.
 * Without prices it lists none, and says so at its top. */
cJSON *aggregate_price_file(const struct aggregate *aggregate, struct err *err);

/* The weeks or months in which listed types were measured, ascending; the caller free()s the array. NULL: out
 * of memory. */
int32_t *aggregate_periods(const struct aggregate *aggregate, enum period_kind kind, size_t *count,
                           struct err *err);
/* The summary of one of them; the caller cJSON_Delete()s it. NULL: out of memory. */
cJSON *aggregate_period(const struct aggregate *aggregate, enum period_kind kind, int32_t period,
                        struct err *err);

/* "YYYY-MM-DD" of the newest result that was used; "" where there is none. */
void aggregate_date(const struct aggregate *aggregate, char date[PERIOD_NAME_SIZE]);

#endif
