/* A schema made ready, as schema_load.c leaves it to schema_check.c. No one else includes this. */
#ifndef RESULTS_SCHEMA_NODE_H
#define RESULTS_SCHEMA_NODE_H

#include "base/json.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

enum schema_type {
    SCHEMA_NULL = 1 << 0,
    SCHEMA_BOOLEAN = 1 << 1,
    SCHEMA_INTEGER = 1 << 2, /* also a number without a fraction, as the draft has it */
    SCHEMA_NUMBER = 1 << 3,
    SCHEMA_STRING = 1 << 4,
    SCHEMA_ARRAY = 1 << 5,
    SCHEMA_OBJECT = 1 << 6,
};

/* Indexed by the bit of enum schema_type; ends in NULL. */
extern const char *const schema_type_names[];

struct schema_group {
    const struct schema_node **nodes;
    size_t count;
};

struct schema_property {
    const char *name; /* belongs to the schema's tree */
    const struct schema_node *node;
};

struct schema_limits {
    size_t min;
    size_t max;
};

/* One schema or subschema. What a keyword that is absent would hold accepts everything. */
struct schema_node {
    struct schema_node *next; /* in struct schema, for freeing */
    bool never;               /* the schema `false` */
    unsigned types;           /* bits of enum schema_type; 0: any */
    const cJSON *constant;
    const cJSON *choices;
    double minimum;
    double maximum;
    double above;
    double below;
    struct schema_limits length; /* of strings, in code points */
    struct schema_limits items;
    struct schema_limits members;
    const char *pattern; /* NULL: none */
    regex_t compiled_pattern;
    const cJSON *required; /* array of names */
    struct schema_property *properties;
    size_t property_count;
    const struct schema_node *additional;
    const struct schema_node *names;
    const struct schema_node *item;
    const struct schema_node *reference;
    struct schema_group all_of;
    struct schema_group any_of;
    struct schema_group one_of;
};

struct schema {
    cJSON *tree; /* the nodes point into it */
    struct schema_node *nodes;
    struct schema_property *definitions; /* of $defs */
    size_t definition_count;
    const struct schema_node *root;
};

#endif
