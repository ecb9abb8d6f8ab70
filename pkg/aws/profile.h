/*
 * One profile of the files that all AWS tools share: ~/.aws/config ("[profile NAME]") and ~/.aws/credentials
 * ("[NAME]"), or where AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE point. Holds secrets.
 */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include "base/error.h"

#include <stdbool.h>

/* The settings that this program knows. */
enum profile_key {
    PROFILE_ACCESS_KEY_ID,
    PROFILE_SECRET_ACCESS_KEY,
    PROFILE_SESSION_TOKEN,
    PROFILE_REGION,
    PROFILE_ENDPOINT_URL,
    PROFILE_CA_BUNDLE,
    PROFILE_ROLE_ARN,
    PROFILE_SOURCE_PROFILE,
    PROFILE_CREDENTIAL_SOURCE,
    PROFILE_WEB_IDENTITY_TOKEN_FILE,
    PROFILE_SSO_SESSION,
    PROFILE_SSO_START_URL,
    PROFILE_LOGIN_SESSION,
    PROFILE_CREDENTIAL_PROCESS,
    PROFILE_ROLE_SESSION_NAME,
    PROFILE_EXTERNAL_ID,
    PROFILE_DURATION_SECONDS,
    PROFILE_MFA_SERIAL,
    PROFILE_METADATA_SERVICE_ENDPOINT,
    PROFILE_METADATA_SERVICE_ENDPOINT_MODE,
};
#define PROFILE_KEY_COUNT (PROFILE_METADATA_SERVICE_ENDPOINT_MODE + 1)

/* What one of the files says of the profile; NULL: nothing. */
struct profile_file {
    char *values[PROFILE_KEY_COUNT];
    bool found;
};

struct profile {
    char *name;
    bool asked_for; /* by --profile or AWS_PROFILE, so that it must exist */
    struct profile_file credentials;
    struct profile_file config;
};

/* The profile of that name; NULL: AWS_PROFILE, AWS_DEFAULT_PROFILE, else "default", which need not exist.
 * ERR_CONFIG: a file can't be read or is malformed, or neither has a profile that was asked for. */
int profile_load(struct profile *profile, const char *name, struct err *err);
/* Wipes it. A zeroed profile may be freed. */
void profile_free(struct profile *profile);

/* The setting, from the credentials file first, or NULL. It belongs to the profile. */
const char *profile_get(const struct profile *profile, enum profile_key key);

/* The variable's value, or NULL where it is unset or empty. */
const char *environment(const char *variable);

/* Frees a text that held a secret, after overwriting it. NULL is allowed. */
void secret_free(char *text);

#endif
