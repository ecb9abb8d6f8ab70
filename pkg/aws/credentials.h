/* Where credentials come from: a chain of providers, asked in the order that users of AWS's tools know. */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "aws/profile.h"
#include "base/error.h"

#include <stdbool.h>

/* Secrets; owned. */
struct credentials {
    char *access_key_id;
    char *secret_access_key;
    char *session_token; /* NULL: long-lived keys */
    const char *source;  /* the provider's name, for people. Static. */
};

struct credential_search {
    const struct profile *profile;
    bool profile_given; /* by --profile: it sets the environment's keys aside */
};

/* ERR_AUTH when no provider has credentials, when they are incomplete or not printable, or when they have to
 * be fetched in a way that this program does not know yet; the message says what to do. */
int credentials_find(const struct credential_search *search, struct credentials *credentials,
                     struct err *err);

int credentials_copy(struct credentials *copy, const struct credentials *from, struct err *err);
/* Wipes them. Zeroed credentials may be freed. */
void credentials_free(struct credentials *credentials);

#endif
