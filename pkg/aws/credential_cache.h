/*
 * The credentials of an account, shared by all threads. Those that can be had anew are, well before they
 * expire: by whoever needs some then, while all others go on with the old ones. What can't be had anew stays
 * in use as long as AWS takes it.
 */
#ifndef AWS_CREDENTIAL_CACHE_H
#define AWS_CREDENTIAL_CACHE_H

#include "aws/aws.h"
#include "aws/credentials.h"

struct credential_cache;

/* Empty; profile as in aws_options, copied. aws is borrowed and may be incomplete yet. */
struct credential_cache *credential_cache_new(struct aws *aws, const char *profile, struct err *err);
/* Wipes it. NULL is allowed. */
void credential_cache_free(struct credential_cache *cache);

/* Credentials for one request, and which they are: a number that grows with every change. */
struct leased_credentials {
    struct credentials credentials; /* owned */
    unsigned number;
};

/* Those there are, after having renewed them where that is due. The policy says how long that may take and
 * what stops it. -1: there are none, or those there were have expired and could not be renewed: the error
 * says why (its kind is the provider's). The caller frees the credentials. */
int credential_cache_get(struct credential_cache *cache, const struct aws_policy *policy,
                         struct leased_credentials *leased, struct err *err);

/* AWS calls the credentials of that number expired: 0 when there are others now. -1: there are none, the
 * error says why. Providers are not asked again in the first moments after they were in vain. */
int credential_cache_renew(struct credential_cache *cache, const struct aws_policy *policy, unsigned rejected,
                           struct err *err);

/* See aws_reserve_credentials and aws_credentials_end. */
void credential_cache_reserve(struct credential_cache *cache, double seconds);
void credential_cache_end(struct credential_cache *cache, struct aws_credentials_end *end);

#endif
