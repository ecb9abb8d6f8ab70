/* The rules of inspect.h that no schema can hold. Each reads a document that has met its schema. */
#ifndef RESULTS_SENSE_H
#define RESULTS_SENSE_H

#include "base/json.h"
#include "results/inspect.h"

#include <stdbool.h>

void check_architecture(const cJSON *document, const char *(*architecture_of)(const char *instance_type),
                        finding_report report, void *context);

void check_statistics(const cJSON *document, finding_report report, void *context);

void check_plausibility(const cJSON *document, finding_report report, void *context);

void check_timing(const cJSON *document, finding_report report, void *context);

/* What the rules share, also with those for foreign documents. */

/* One printable line: what the document says may be in it. */
void say_finding(finding_report report, void *context, const char *rule, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Whether a type is of a family, where one is stated (not NULL). */
void check_family(const char *type, const char *family, finding_report report, void *context);

/* No DRAM answers faster, and a figure below was measured in a cache: a column that is open already takes 13
 * to 14 ns in every generation (JEDEC JESD79-4 and -5, tAA), before the way through controller, caches and
 * core and back. */
#define LEAST_DRAM_NS 20

/* A share of what there is, with room for a clock that changes between what is divided. */
#define MOST_EFFICIENCY 1.25

/* Beyond the memory of any machine that EC2 has, in GB/s. */
double most_memory_gbs(void);

#endif
