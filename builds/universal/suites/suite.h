/* A suite: one row of a table, one file, one function. */
#ifndef SUITES_SUITE_H
#define SUITES_SUITE_H

#include "measure/memory.h"
#include "measure/progress.h"
#include "measure/sampling.h"
#include "report/document.h"
#include "topology/machine.h"

#include <stddef.h>
#include <stdint.h>

/* What the caller may set; 0 is the default that depends on the machine. */
struct settings {
    uint64_t max_seconds;
    uint64_t max_memory;
    uint64_t threads;
    uint64_t target_ci; /* hundredths of a per cent */
    uint64_t isa;       /* 1 + a row of gemm_kernels */
};

/* Everything a suite works with. */
struct suite_run {
    const struct machine *machine;
    const struct settings *settings;
    struct memory_budget budget;
    struct progress progress;
    int64_t started;  /* stopwatch time */
    int64_t deadline; /* stopwatch time by which the document is to be ready, set-up included */
    struct document *document;
};

/* Measures and fills in the document's parameters, checks, metrics and flags. -1 when there is no result:
 * ERR_USAGE for settings that this machine can't serve, anything else for a machine that can't run it. */
typedef int suite_function(struct suite_run *run, struct err *err);

enum option_kind {
    OPTION_WHOLE,
    OPTION_SIZE,
    OPTION_PERCENT, /* kept in hundredths of a per cent, as its limits are */
    OPTION_CHOICE,  /* one of a list of names; kept as its place there, from 1 on */
};

/* A parameter: drives the parser and the help text. */
struct option {
    const char *name;
    enum option_kind kind;
    size_t offset; /* of a uint64_t in struct settings */
    uint64_t min, max;
    uint64_t initial;
    const char *default_text;
    const char *help;
    const char *(*choice)(size_t place); /* the names of a choice, from 0 on; NULL after the last */
};

struct suite {
    const char *name;
    const char *version; /* changes whenever numbers before and after can't be compared */
    const char *summary;
    const struct option *options;
    size_t options_count;
    suite_function *run;
};

extern const struct suite suites[];
extern const size_t suites_count;

/* NULL: there is none of that name. */
const struct suite *suite_find(const char *name);

/* How many threads a suite may use at once, and where: the first is on the measuring CPU. */
size_t suite_threads(const struct suite_run *run);
uint16_t suite_cpu(const struct suite_run *run, size_t thread);

/* The point in time at which this share (0 to 1) of the time allowed is over. */
int64_t suite_deadline(const struct suite_run *run, double share);

/* Samples until the settings' interval is reached or the deadline is. */
int suite_sample(struct suite_run *run, struct probe *probes, size_t count, int64_t deadline,
                 struct sampling *sampling, struct err *err);

/* Adds a metric with what the probe measured; null without measure(). */
void suite_report_probe(struct suite_run *run, const char *metric, const char *unit, enum direction direction,
                        const struct probe *probe);
/* Adds to the document how much of `bytes`, which the suite has mapped and touched, lies on huge pages. */
void suite_report_huge_pages(struct suite_run *run, uint64_t bytes);

/* Adds to the document how the sampling went. */
void suite_report_sampling(struct suite_run *run, const struct sampling *sampling);

suite_function stream_suite;
suite_function cache_suite;
suite_function numa_suite;
suite_function linpack_suite;
suite_function vector_suite;
suite_function scaling_suite;
suite_function coremark_suite; /* only where the image was built with its source */

#endif
