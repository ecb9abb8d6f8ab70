/*
 * Whether a file is what it says: the rules that `validate` reports by name and that `process` demands before
 * a number is published.
 *
 *   json          one well-formed JSON document
 *   schema        valid against the schema of its kind
 *   checksum      integrity.sha256 is that of the bytes
 *   architecture  type, family, architecture, vendor and CPU agree with one another
 *   statistics    medians and intervals are those of the samples
 *   plausibility  no number that a machine can't reach
 *   attestation   the instance identity document speaks of the machine of the result, and is signed (where
 *                 signatures are looked at)
 */
#ifndef RESULTS_INSPECT_H
#define RESULTS_INSPECT_H

#include "base/error.h"
#include "base/json.h"
#include "base/signed_data.h"
#include "results/published.h"
#include "results/schema.h"

#include <stdbool.h>
#include <stddef.h>

/* Larger files are not looked into. */
#define INSPECT_MAX_BYTES (64UL * 1024 * 1024)

/* The schemas that files are held to, loaded once; threads may share it. */
struct inspector {
    struct schema *result;
    struct schema *files[PUBLISHED_FILES];
    struct schema *metadata;
    /* EC2's word for the architecture of an instance type, NULL where the name does not tell it. NULL: nobody
     * here knows; type and architecture are then not compared. */
    const char *(*architecture_of)(const char *instance_type);
    /* By one of whom the instance identity document of every result must be signed; the caller's. NULL:
     * signatures are not looked at. */
    const struct signers *signers;
};

#define AUTO_INSPECTOR CLEANUP(inspector_free)
int inspector_init(struct inspector *inspector, struct err *err);
void inspector_free(struct inspector *inspector);

#define INSPECT_MAX_FINDINGS 20

typedef void (*finding_report)(void *context, const char *rule, const char *message);

/* A result document. Reports what is wrong with it (at most INSPECT_MAX_FINDINGS of it) and returns how many
 * findings that were; *document is the
 * parsed tree, which the caller cJSON_Delete()s, or NULL where there is none. */
size_t inspect_result(const struct inspector *inspector, const char *text, size_t length, cJSON **document,
                      finding_report report, void *context);

/* Whether a member is there that this program's documents have: else it is of another kind altogether. */
bool inspect_is_ours(const cJSON *document);

/* The same for a file of any kind: what names a processed file's schema in its member "schema" is held to
 * that, everything else is taken for a result document. */
size_t inspect_file(const struct inspector *inspector, const char *text, size_t length, cJSON **document,
                    finding_report report, void *context);

#endif
