/*
 * The JSON documents in which programs and services hand out credentials. Pure functions of text that nobody
 * trusts, for anyone to fuzz: capped in size and depth, strict about what must be there.
 */
#ifndef AWS_CREDENTIAL_DOCUMENT_H
#define AWS_CREDENTIAL_DOCUMENT_H

#include "aws/credentials.h"

#include <stddef.h>

#define CREDENTIAL_DOCUMENT_MAX (64u << 10)

/* All of them: ERR_AUTH, where says in the message whose document it is; nothing of its text gets there. The
 * caller frees the credentials. */

/* What a credential_process prints: {"Version": 1, "AccessKeyId", "SecretAccessKey", "SessionToken",
 * "Expiration"}. */
int credential_document_of_process(const char *text, size_t length, const char *where,
                                   struct credentials *credentials, struct err *err);

/* What the agents of ECS and EKS answer: {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}. */
int credential_document_of_container(const char *text, size_t length, const char *where,
                                     struct credentials *credentials, struct err *err);

/* What EC2's metadata service answers: the same with {"Code": "Success"}. */
int credential_document_of_instance(const char *text, size_t length, const char *where,
                                    struct credentials *credentials, struct err *err);

#endif
