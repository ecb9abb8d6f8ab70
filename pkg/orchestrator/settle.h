/*
 * The first words with a machine that is logged in to: its first boot is waited for, it makes itself a host
 * key that nobody else ever had, and says what it is. One script, since each costs a round trip.
 */
#ifndef ORCHESTRATOR_SETTLE_H
#define ORCHESTRATOR_SETTLE_H

#include "base/error.h"
#include "orchestrator/container.h"
#include "orchestrator/hostkey.h"

struct settled {
    unsigned char host_blob[SSH_ED25519_BLOB_SIZE]; /* the host key that sshd shows from now on */
    int first_boot;                                 /* cloud-init's exit code; 0 without cloud-init */
};

/* The host key that user data gave is replaced by one that the machine makes; whoever could read the user
 * data can't pass for it any more. given_line is the public half of the first one. Also finds the engine and
 * the architecture, into host. ERR_REMOTE when the key can't be replaced (no root, no OpenSSH) or there is no
 * engine. */
int settle_machine(struct container_host *host, const char *given_line, const struct remote_limits *limits,
                   struct settled *settled, struct err *err);

#endif
