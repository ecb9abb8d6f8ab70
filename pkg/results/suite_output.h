/*
 * What a benchmark container printed (docs/container-protocol.md), read and checked. The text comes from a
 * machine that nobody trusts: it is capped, held to data/schemas/v1.0/suite-output.schema.json, and every
 * string that goes further is made printable.
 */
#ifndef RESULTS_SUITE_OUTPUT_H
#define RESULTS_SUITE_OUTPUT_H

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>

#define SUITE_OUTPUT_MAX_BYTES (1024UL * 1024)

#define SUITE_NAME_SIZE 64
#define METRIC_NAME_SIZE 96
#define METRIC_UNIT_SIZE 24

enum metric_direction { METRIC_HIGHER_IS_BETTER, METRIC_LOWER_IS_BETTER };

/* One thing that was measured, with every sample in the order taken. */
struct metric {
    char name[METRIC_NAME_SIZE]; /* dotted path, "triad.bandwidth" */
    char unit[METRIC_UNIT_SIZE];
    enum metric_direction direction;
    double *samples; /* NULL: the hardware lacks the thing */
    size_t count;    /* at least 1 where samples is not NULL */
};

struct suite_output {
    char suite[SUITE_NAME_SIZE];
    char version[32];
    bool passed;                  /* the suite's own verdict, and that of each of its checks */
    char started[TIMESTAMP_SIZE]; /* by the instance's clock */
    double duration_seconds;
    struct metric *metrics; /* no name twice, none the beginning of another's path */
    size_t metric_count;
    cJSON *checks;       /* array of {name, passed, detail} */
    cJSON *flags;        /* array of words, "cache_resident" */
    cJSON *parameters;   /* object of text, numbers, truth values and nulls */
    cJSON *disturbances; /* object of counts and nulls: what took CPU time meanwhile; NULL: not counted */
    cJSON *machine;      /* "system", an object: the machine as the program saw it, from inside */
};

/* `AUTO_SUITE_OUTPUT struct suite_output output = {0};` */
#define AUTO_SUITE_OUTPUT CLEANUP(suite_output_free)
void suite_output_free(struct suite_output *output);

/* Fills output, which the caller frees, also after a failure. ERR_DATA: over the cap, not the document that
 * the protocol describes, a number that can't be (not finite, a bandwidth that is not positive), a check that
 * failed under "passed": true, or another suite than wanted (NULL: any will do). A document with
 * "passed": false is read like any other. */
int suite_output_parse(const char *text, size_t length, const char *wanted_suite, struct suite_output *output,
                       struct err *err);

/* NULL when there is no metric of that name. */
const struct metric *suite_output_metric(const struct suite_output *output, const char *name);

/* Whether the suite qualified its document with this word. */
bool suite_output_has_flag(const struct suite_output *output, const char *flag);

#endif
