/*
 * Results of the older program in Go that this one takes the place of, in both of its layouts:
 *
 *   {"metadata": {"instance_type", …}, "performance_data": {"stream", …}, "system_info", …}
 *   {"schema_version", "metadata": {"instanceType", "processorArchitecture", …},
 *    "performance": {"memory": {"stream", …}}, "system_info", "validation"}
 *
 * They have neither samples nor a digest of their own bytes, and enter nothing that is published; but what
 * they say can be held against sense.
 */
#ifndef RESULTS_FOREIGN_H
#define RESULTS_FOREIGN_H

#include "base/json.h"
#include "results/inspect.h"

#include <stdbool.h>

struct foreign {
    const char *instance_type;
    const cJSON *performance; /* what was measured, an object; both belong to the document */
};

/* The one place that knows such a document, by its shape: something measured at its top, a type, and nothing
 * that only this program's results have. */
bool foreign_read(const cJSON *document, struct foreign *foreign);

/* The rules architecture, plausibility, statistics and checksum, as far as they can be held to it. */
void check_foreign(const cJSON *document, const struct foreign *foreign,
                   const char *(*architecture_of)(const char *instance_type), finding_report report,
                   void *context);

#endif
