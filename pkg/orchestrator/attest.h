/* What a machine's own metadata service says of it, with AWS's signature: asked on the machine, since it
 * answers nobody else, and outside of the benchmark's container, which has no network. */
#ifndef ORCHESTRATOR_ATTEST_H
#define ORCHESTRATOR_ATTEST_H

#include "orchestrator/container.h"
#include "results/attestation.h"

/* Fills attestation, which the caller frees. Nothing of it is verified, but it has the shape of an instance
 * identity document and of a signature. ERR_REMOTE where the machine gives no such thing (no curl, no
 * metadata service), ERR_NETWORK, ERR_CANCELLED. */
int attest_machine(const struct container_host *host, const struct remote_limits *limits,
                   struct attestation *attestation, struct err *err);

#endif
