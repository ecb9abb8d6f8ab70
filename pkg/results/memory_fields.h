/* What memory-benchmarks.json holds of each type: which metric of which suite becomes which field. */
#ifndef RESULTS_MEMORY_FIELDS_H
#define RESULTS_MEMORY_FIELDS_H

#include <stddef.h>

enum field_kind {
    FIELD_NEEDED,   /* a type is not listed without a number there */
    FIELD_MAY_LACK, /* a number, or null for what the hardware lacks; a type is not listed without either */
    FIELD_EXTRA,    /* there when it was measured */
};

struct memory_field {
    const char *suite;
    const char *metric;
    const char *unit;  /* as the suite must report it */
    const char *place; /* dotted path in instances[type] */
    enum field_kind kind;
};

struct memory_unit {
    const char *place; /* of the object whose "unit" it is */
    const char *unit;
};

#define MEMORY_FIELD_COUNT 19
extern const struct memory_field memory_fields[MEMORY_FIELD_COUNT];

#define MEMORY_UNIT_COUNT 8
extern const struct memory_unit memory_units[MEMORY_UNIT_COUNT];

/* Indices of what the rankings are made of. */
#define FIELD_TRIAD_BANDWIDTH 3
#define FIELD_MEMORY_LATENCY 10

#endif
