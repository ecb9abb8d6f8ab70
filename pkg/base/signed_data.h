/*
 * PKCS#7 signed data (RFC 2315), as AWS signs instance identity documents: whether a text was signed with the
 * key of one of the certificates that the caller names. Those are trusted for themselves: there is no chain
 * to follow, since AWS's are signed by nobody else, and no date to look at, since what was signed once stays
 * signed. Certificates that come along with the data count for nothing.
 */
#ifndef BASE_SIGNED_DATA_H
#define BASE_SIGNED_DATA_H

#include "base/error.h"

#include <stddef.h>

/* Longer signatures, in Base64, are not looked into. AWS's have some 1700 characters. */
#define SIGNED_DATA_MAX 16384

/* Certificates. Threads may share them once the last is added. */
struct signers;

struct signers *signers_new(struct err *err);
/* NULL is allowed. */
void signers_free(struct signers *signers);

/* `AUTO_SIGNERS struct signers *signers = signers_new(err);` */
#define AUTO_SIGNERS CLEANUP(signers_auto)
void signers_auto(struct signers **signers);

/* Adds every certificate of a text in PEM form. ERR_DATA where there is none, or one can't be read. */
int signers_add(struct signers *signers, const char *pem, size_t length, struct err *err);

/* Whether the signature, signed data in DER or BER as Base64, holds exactly this text and was made by one of
 * the signers and nobody beside it. ERR_DATA when not, saying which of the two. */
int signed_data_verify(const struct signers *signers, const char *signature, const char *text, size_t length,
                       struct err *err);

#endif
