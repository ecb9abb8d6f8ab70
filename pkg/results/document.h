/*
 * The result document, version 1.0 (data/schemas/v1.0/result.schema.json): one JSON file per instance, suite
 * and iteration, one line of text, so that Athena, DuckDB and Spark read it where it lies. What is not known
 * is null with its key present.
 */
#ifndef RESULTS_DOCUMENT_H
#define RESULTS_DOCUMENT_H

#include "base/digest.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "results/suite_output.h"

#include <stdbool.h>
#include <stddef.h>

#define RESULT_SCHEMA_VERSION "1.0.0"
#define RESULT_DATA_VERSION "1.0"
/* Larger files are no result documents: a suite document of 1 MiB grows by its statistics alone. */
#define RESULT_MAX_BYTES (4UL * 1024 * 1024)

struct document_state {
    const char *name; /* "launched"; each name once */
    double realtime;  /* seconds since the epoch, by the collector's clock */
};

/* What the collector knows of a measurement beside the suite's own words. A NULL string and a NAN number
 * are unknown; only run_id, instance_type, architecture, region and collection_method must be there. */
struct document_facts {
    const char *run_id;
    unsigned iteration; /* counts from 1 */
    double measured_at; /* seconds since the epoch when the suite ended, by the collector's clock */
    const char *collection_method; /* "automated", "manual", "local" or "sandbox" */
    const char *tool_version;

    const char *instance_type;
    const char *instance_family;
    const char *architecture;     /* EC2's word; what the suite says of itself must be the same */
    const char *processor_vendor; /* "intel", "amd", "graviton", "apple" */
    const char *instance_id;
    const char *ami_id;
    const char *ami_name;

    const char *region;
    const char *availability_zone;
    const char *availability_zone_id; /* "use1-az4": the same zone for every account */
    const char *tenancy;
    const char *purchase; /* "on-demand", "spot" */

    const char *image_reference;
    const char *image_digest;           /* of the index over both platforms, "sha256:…" */
    const char *image_platform_digest;  /* of the image that ran */
    const char *compiler_optimizations; /* NULL: the suite's own parameter "compiler" */

    const struct document_state *states;
    size_t state_count;
    double seconds_billed;
    double cost_usd;

    const char *identity_document;  /* of the instance (results/attestation.h), with */
    const char *identity_signature; /* its signature; verified by nobody yet */
};

/* "intel" or "amd" by what the processor says of itself ("GenuineIntel"); NULL for any other. Static. */
const char *document_processor_vendor(const char *cpu_vendor);

struct document {
    char *text; /* ends in a newline */
    size_t length;
    char sha256[SHA256_HEX_SIZE]; /* as written in it, see document_seal */
};

/* `AUTO_DOCUMENT struct document document = {0};` */
#define AUTO_DOCUMENT CLEANUP(document_free)
void document_free(struct document *document);

/* Fills document, which the caller frees. ERR_DATA: the suite ran on another architecture than the instance
 * type has, or a fact that must be there is missing. */
int document_build(const struct document_facts *facts, const struct suite_output *output,
                   struct document *document, struct err *err);

/* Prints a tree whose integrity.sha256 is a string, with the digest in its place: SHA-256 over the text's
 * bytes with that value set to 64 zeros. */
int document_seal(cJSON *tree, struct document *document, struct err *err);

/* Of a document that has met its schema: whether it was measured on the machine that it names, not on one
 * that stands for it; and whether its suite has qualified it with that word. */
bool document_is_of_ec2(const cJSON *tree);
bool document_has_flag(const cJSON *tree, const char *flag);

/* What names a measurement: run, instance, type, suite and iteration. Appended to identity. */
int document_identity(const cJSON *tree, struct strbuf *identity, struct err *err);

/* Whether the bytes have the digest that stands in them. tree is the same text parsed. ERR_DATA when not. */
int document_verify(const char *text, size_t length, const cJSON *tree, struct err *err);

#endif
