/*
 * What an instance says of itself and AWS has signed: the instance identity document (JSON) with the
 * signature that the metadata service calls rsa2048, PKCS#7 over RSA-2048 and SHA-256, the strongest of the
 * three that AWS makes.
 */
#ifndef RESULTS_ATTESTATION_H
#define RESULTS_ATTESTATION_H

#include "base/error.h"
#include "base/json.h"
#include "base/signed_data.h"
#include "results/inspect.h"

#include <stddef.h>

/* Bytes of a document; AWS's have some 500. */
#define IDENTITY_MAX_BYTES 16384

/* A machine's, as fetched. Both are NULL where there is none. */
struct attestation {
    char *document;  /* word for word */
    char *signature; /* Base64, without line ends */
};

void attestation_free(struct attestation *attestation);

/* The document as a tree, which the caller cJSON_Delete()s. ERR_DATA where it is no JSON object, or lacks one
 * of what a result is compared with. */
cJSON *identity_parse(const char *document, size_t length, struct err *err);

/* The rule "attestation": the result's type, region, AMI, instance, zone and architecture are those of its
 * identity document, where it has one. With signers it must have one, signed by one of them. The document
 * has met its schema. */
void check_attestation(const cJSON *document, const struct signers *signers, finding_report report,
                       void *context);

#endif
