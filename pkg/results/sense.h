/* The rules of inspect.h that no schema can hold. Each reads a document that has met its schema. */
#ifndef RESULTS_SENSE_H
#define RESULTS_SENSE_H

#include "base/json.h"
#include "results/inspect.h"

void check_architecture(const cJSON *document, const char *(*architecture_of)(const char *instance_type),
                        finding_report report, void *context);

void check_statistics(const cJSON *document, finding_report report, void *context);

void check_plausibility(const cJSON *document, finding_report report, void *context);

#endif
