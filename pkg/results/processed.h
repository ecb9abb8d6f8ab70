/* The files that `process` writes, in the order in which they are written. */
#ifndef RESULTS_PROCESSED_H
#define RESULTS_PROCESSED_H

#include "results/aggregate.h"

struct processed_file {
    const char *name;
    const char *schema; /* SCHEMA_MEMORY_BENCHMARKS; the file names it in its member "schema" */
    cJSON *(*make)(const struct aggregate *aggregate, struct err *err);
};

#define PROCESSED_FILES 5
extern const struct processed_file processed_files[PROCESSED_FILES];

#endif
