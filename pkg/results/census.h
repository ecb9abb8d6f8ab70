/*
 * The rules of inspect.h for which one document is not enough:
 *
 *   duplicate  no two documents of one run, instance, suite and iteration with different content
 *   copied     no samples that another measurement has as well, digit for digit
 *
 * Of what was taken in, digests and the files' names are kept, no document: tens of bytes for each metric.
 */
#ifndef RESULTS_CENSUS_H
#define RESULTS_CENSUS_H

#include "results/inspect.h"
#include "results/seen.h"

#include <stddef.h>
#include <stdint.h>

struct census {
    struct seen documents; /* by identity, the bytes */
    struct seen samples;   /* by the samples of a metric or of a whole document, the document's identity */
    struct seen numbers;   /* by the numbers of a foreign result, its type */
    char **files;
    uint32_t count;
    uint32_t capacity;
};

#define AUTO_CENSUS CLEANUP(census_free)
void census_free(struct census *census);

/* Takes in a result document that meets its schema; digest is any that its bytes have and others have not,
 * file names it to people. Reports what is wrong with it beside those taken in before: of two, the later one
 * is at fault, and the message names the earlier one. The same bytes once more are no fault. Returns how many
 * findings that were, -1 with ERR_INTERNAL when memory runs out. */
int census_take(struct census *census, const char *file, const cJSON *document, const char *digest,
                finding_report report, void *context, struct err *err);

/* The same for a result of another program (foreign.h), of which only numbers are known: "copied" is what
 * stands under another type as well. */
int census_take_foreign(struct census *census, const char *file, const cJSON *document, finding_report report,
                        void *context, struct err *err);

#endif
