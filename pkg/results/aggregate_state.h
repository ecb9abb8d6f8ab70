/* What aggregate.c gathers and the makers of the processed files read (listing.h). No one else includes this.
 */
#ifndef RESULTS_AGGREGATE_STATE_H
#define RESULTS_AGGREGATE_STATE_H

#include "results/aggregate.h"
#include "results/billed.h"
#include "results/gathered.h"
#include "results/published.h"
#include "results/seen.h"
#include "results/words.h"

#define TIMESTAMP_TEXT_SIZE 32

/* What makes results of one type differ beside chance: one type comes with several CPUs. */
struct stratum {
    char *model; /* of the CPU; "" where it is hidden */
    char *region;
    char *suite_version;
    size_t documents;
};

/* A document, as its values refer to it. */
struct run {
    char *name; /* RUN-ITERATION, as in the document's key */
    uint32_t stratum;
    int32_t day; /* since 1970-01-01, UTC */
};

/* What one file has of one type. */
struct type_results {
    char name[48];
    /* Of the newest document. */
    char family[48];
    char architecture[16];
    char vendor[16];
    char newest[TIMESTAMP_TEXT_SIZE];
    char newest_digest[65]; /* decides between two of the same second */
    struct run *runs;
    size_t documents;
    struct stratum *strata;
    size_t stratum_count;
    struct words models;
    struct words regions;
    struct words methods;
    struct words flags;
    struct gathered fields[PUBLISHED_FIELD_COUNT];
};

/* Results that may stand side by side in a file. */
struct pool {
    struct type_results **types; /* sorted by name */
    size_t count;
    /* metadata, performance_data, system_info and execution_context of the newest stream result, or NULL. */
    cJSON *newest_stream;
    char newest_stream_time[TIMESTAMP_TEXT_SIZE];
    char newest_stream_digest[65];
};

enum pool_kind {
    POOL_EC2,   /* measured on the type that is named */
    POOL_OTHER, /* sandbox and local results, where asked for: never mixed with the former */
    POOL_COUNT,
};

enum left_out_reason {
    LEFT_OUT_SANDBOX,
    LEFT_OUT_LOCAL,
    LEFT_OUT_FAILED_CHECK,
    LEFT_OUT_EMULATED,
    LEFT_OUT_CACHE_RESIDENT,
    LEFT_OUT_SUITE,
    LEFT_OUT_UNIT,
    LEFT_OUT_COPY,
    LEFT_OUT_COUNT,
};

/* The reason's name in metadata.json. Static. */
const char *left_out_name(enum left_out_reason reason);

struct aggregate {
    struct aggregate_options options;
    struct pool pools[PUBLISHED_FILES][POOL_COUNT];
    struct seen seen;
    struct words methods; /* of all that were used */
    struct billed billed[POOL_COUNT];
    size_t used;
    size_t left_out[LEFT_OUT_COUNT];
    char newest[TIMESTAMP_TEXT_SIZE]; /* of all that were used, or empty */
};

#endif
