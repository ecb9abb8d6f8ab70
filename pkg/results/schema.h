/*
 * JSON Schema, the part of draft 2020-12 that our schemas use: type, enum, const, properties, required,
 * additionalProperties, propertyNames, minProperties, maxProperties, items, minItems, maxItems, minLength,
 * maxLength, pattern, minimum, maximum, exclusiveMinimum, exclusiveMaximum, allOf, anyOf, oneOf, and $ref to
 * #/$defs/NAME. A schema with any other keyword (annotations apart) does not load, so that nothing is
 * silently unchecked. Patterns are those that read the same in ECMA-262 and in POSIX extended syntax.
 */
#ifndef RESULTS_SCHEMA_H
#define RESULTS_SCHEMA_H

#include "base/error.h"
#include "base/json.h"

#include <stddef.h>

#define SCHEMA_RESULT "data/schemas/v1.0/result.schema.json"
#define SCHEMA_SUITE_OUTPUT "data/schemas/v1.0/suite-output.schema.json"
#define SCHEMA_MEMORY_BENCHMARKS "data/schemas/v1.0/memory-benchmarks.schema.json"
#define SCHEMA_CPU_BENCHMARKS "data/schemas/v1.0/cpu-benchmarks.schema.json"
#define SCHEMA_INSTANCE_RANKINGS "data/schemas/v1.0/instance-rankings.schema.json"
#define SCHEMA_PERIOD_SUMMARY "data/schemas/v1.0/period-summary.schema.json"
#define SCHEMA_PRICE_PERFORMANCE "data/schemas/v1.0/price-performance.schema.json"
#define SCHEMA_PRICES "data/schemas/v1.0/prices.schema.json"
#define SCHEMA_METADATA "data/schemas/v1.0/metadata.schema.json"

/* A schema made ready; never changed after, so threads may share it. */
struct schema;

#define AUTO_SCHEMA CLEANUP(schema_auto)
void schema_auto(struct schema **schema);
void schema_free(struct schema *schema);

/* From text, or from a file that the program carries (SCHEMA_RESULT). The caller frees it. NULL: ERR_DATA
 * where the schema is not one that we can check in full. */
struct schema *schema_parse(const char *text, size_t length, struct err *err);
struct schema *schema_load(const char *embedded_name, struct err *err);

/* One thing that breaks the schema: where, as a JSON pointer ("/metadata/region", "" for the whole), and
 * what. */
typedef void (*schema_report)(void *context, const char *pointer, const char *message);

/* Reports everything in the tree that breaks the schema and returns how many that were. */
size_t schema_check(const struct schema *schema, const cJSON *tree, schema_report report, void *context);

/* The same for those whom the first is enough: 0, or -1 with ERR_DATA "POINTER: message". */
int schema_require(const struct schema *schema, const cJSON *tree, struct err *err);

#endif
