/*
 * Ed25519 key pairs for SSH, made in memory: one per run for the user, one per instance for its host. The
 * host's is handed over in user data and compared before we authenticate, so that no stranger is ever
 * trusted.
 */
#ifndef ORCHESTRATOR_HOSTKEY_H
#define ORCHESTRATOR_HOSTKEY_H

#include "base/error.h"

#include <stddef.h>

#define SSH_ED25519_BLOB_SIZE 51 /* RFC 8709: string "ssh-ed25519", string of 32 bytes */

struct ssh_key {
    unsigned char blob[SSH_ED25519_BLOB_SIZE]; /* the public key as SSH sends it */
    char public_line[128];                     /* "ssh-ed25519 AAAA…", without a newline */
    char private_key[512];                     /* PEM, "OPENSSH PRIVATE KEY", not encrypted */
};

/* Makes a new pair. ERR_INTERNAL when OpenSSL can't. */
int ssh_key_generate(struct ssh_key *key, struct err *err);

/* Reads a public key as it stands in a file, "ssh-ed25519 AAAA…"; nothing may trail. ERR_DATA. */
int ssh_public_key_parse(const char *line, unsigned char blob[SSH_ED25519_BLOB_SIZE], struct err *err);

/* Overwrites the secret; the public key stays. */
void ssh_key_forget_private(struct ssh_key *key);
void ssh_key_forget(struct ssh_key *key);

#endif
