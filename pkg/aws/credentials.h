/*
 * Credentials and the chain of providers that find them, asked in the order that users of AWS's tools know:
 *
 *   environment         AWS_ACCESS_KEY_ID, …; set aside by --profile           provider_environment.c
 *   assumed role        the profile's role_arn with source_profile or
 *                       credential_source, through AWS STS                      provider_role.c
 *   web identity        a token file (EKS, CI services), through AWS STS        provider_web_identity.c
 *   single sign-on      left to the AWS command line, which this says           provider_sso.c
 *   credentials file    keys in ~/.aws/credentials                              provider_files.c
 *   credential process  a program that the profile names                        provider_process.c
 *   config file         keys in ~/.aws/config                                   provider_files.c
 *   container role      ECS and EKS                                             provider_container.c
 *   instance role       EC2's metadata service, version 2                       provider_instance.c
 *
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "aws/profile.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct aws_client;

/* Secrets; owned. */
struct credentials {
    char *access_key_id;
    char *secret_access_key;
    char *session_token; /* NULL: long-lived keys */
    int64_t expires;     /* seconds since the epoch; 0: not told */
    bool renewable;      /* the provider, asked again, gives new ones before these expire … */
    int64_t last_end;    /* … until what it makes them from has expired itself; 0: not told, or never */
    const char *source;  /* the provider's name, for people. Static. */
};

/* For whom credentials are looked for. Everything is borrowed. */
struct credential_search {
    struct aws_client
        *client; /* asks STS and the metadata services; its account need not have credentials yet */
    const struct profile *profile;
    bool profile_given; /* by --profile, or as a source_profile: it sets the environment's keys aside */
    const struct credential_search *role_of; /* the profile whose source_profile this is, or NULL */
};

/* ERR_AUTH when no provider has credentials, when they are incomplete or not printable, or when they have to
 * be fetched in a way that this program leaves to others; the message says what to do. ERR_NETWORK and others
 * when a service that gives them could not be asked. */
int credentials_find(const struct credential_search *search, struct credentials *credentials,
                     struct err *err);

/* The same among the providers that a source_profile may name: those of files, processes and roles. */
int credentials_find_in_profile(const struct credential_search *search, struct credentials *credentials,
                                struct err *err);

/* What one provider found, copied after it was checked. expiration: "2026-11-20T15:30:45Z", also with an
 * offset in place of the Z; NULL or empty: not told. where: for the message. ERR_AUTH for half a key, for
 * characters that no key has, and for a malformed expiration. */
struct credential_texts {
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token;
    const char *expiration;
};
int credentials_set(struct credentials *credentials, const struct credential_texts *texts, const char *where,
                    struct err *err);

int credentials_copy(struct credentials *copy, const struct credentials *from, struct err *err);
bool credentials_are_same(const struct credentials *a, const struct credentials *b);
/* Wipes them. Zeroed credentials may be freed. */
void credentials_free(struct credentials *credentials);

#endif
