/*
 * Whether a file is what it says: the rules that `validate` reports by name and that `process` demands before
 * a number is published.
 *
 *   json          one well-formed JSON document
 *   schema        of a version that is known, and valid against the schema of its kind
 *   checksum      integrity.sha256 is that of the bytes
 *   architecture  type, family, architecture, vendor and CPU agree with one another
 *   statistics    medians and intervals are those of the samples
 *   plausibility  no number that a machine can't reach
 *   timing        states in their order, durations that fit between them
 *   attestation   the instance identity document speaks of the machine of the result, and is signed (where
 *                 signatures are looked at)
 *
 * Those for which one document is not enough are in census.h.
 */
#ifndef RESULTS_INSPECT_H
#define RESULTS_INSPECT_H

#include "base/error.h"
#include "base/json.h"
#include "base/signed_data.h"
#include "results/processed.h"
#include "results/schema.h"

#include <stdbool.h>
#include <stddef.h>

/* Larger files are not looked into. */
#define INSPECT_MAX_BYTES (64UL * 1024 * 1024)

/* Versions of the result document that are read. */
#define RESULT_VERSIONS 1

/* The schemas that files are held to, loaded once; threads may share it. */
struct inspector {
    struct schema *results[RESULT_VERSIONS];
    struct schema *processed[PROCESSED_FILES];
    struct schema *prices;
    struct schema *period;
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

/* What a file turned out to be. */
enum inspected_kind {
    INSPECTED_UNSOUND,   /* no JSON, or a result or processed file that does not meet its schema */
    INSPECTED_OTHER,     /* JSON of another kind altogether */
    INSPECTED_RESULT,    /* a result document that meets its schema */
    INSPECTED_PROCESSED, /* a processed file that meets its schema */
    INSPECTED_FOREIGN,   /* a result of another program, see foreign.h */
};

struct inspected {
    enum inspected_kind kind;
    cJSON *document; /* the parsed tree; NULL where there is none */
};

/* `AUTO_INSPECTED struct inspected inspected = {0};` */
#define AUTO_INSPECTED CLEANUP(inspected_free)
void inspected_free(struct inspected *inspected);

/* The same for a file of any kind; fills inspected, which the caller frees. What names a processed file's
 * schema in its member "schema" is held to that, a result of another program to sense alone, everything else
 * is taken for a result document. */
size_t inspect_file(const struct inspector *inspector, const char *text, size_t length,
                    struct inspected *inspected, finding_report report, void *context);

#endif
