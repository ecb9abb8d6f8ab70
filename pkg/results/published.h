/* The processed files that list instance types: which metric of which suite becomes which field of which
 * file, and what the types are ranked by. A suite belongs to one file. */
#ifndef RESULTS_PUBLISHED_H
#define RESULTS_PUBLISHED_H

#include <stdbool.h>
#include <stddef.h>

enum published_file { FILE_MEMORY, FILE_CPU, PUBLISHED_FILES };

struct published_file_row {
    const char *schema;         /* SCHEMA_MEMORY_BENCHMARKS */
    bool carries_newest_stream; /* beside the types, for readers that take the file for one result */
};
extern const struct published_file_row published_files[PUBLISHED_FILES];

enum field_kind {
    FIELD_NEEDED,   /* a type is not listed without a number there */
    FIELD_MAY_LACK, /* a number, or null for what the hardware lacks; a type is not listed without either */
    FIELD_IF_HAD,   /* there where the hardware has it; a type is not listed without one of these, if the file
                       has any */
    FIELD_OR_NULL,  /* a number, or null where it was not measured */
    FIELD_EXTRA,    /* there when it was measured */
};

struct published_field {
    enum published_file file;
    const char *suite;
    const char *metric;
    const char *unit;  /* as the suite must report it */
    const char *place; /* dotted path in instances[type] */
    enum field_kind kind;
};

#define PUBLISHED_FIELD_COUNT 53
extern const struct published_field published_fields[PUBLISHED_FIELD_COUNT];

/* An object's "unit". */
struct published_unit {
    enum published_file file;
    const char *place;
    const char *unit;
};

#define PUBLISHED_UNIT_COUNT 8
extern const struct published_unit published_units[PUBLISHED_UNIT_COUNT];

struct published_ranking {
    enum published_file file;
    const char *name;
    size_t field; /* index in published_fields */
    const char *value_name;
    bool highest_first;
    const char *best_name; /* in the summary */
    const char *unit;
};

#define PUBLISHED_RANKING_COUNT 4
extern const struct published_ranking published_rankings[PUBLISHED_RANKING_COUNT];

#endif
