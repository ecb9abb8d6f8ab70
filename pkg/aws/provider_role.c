#include "aws/account.h"
#include "aws/provider.h"
#include "aws/sts.h"
#include "base/parse.h"

#include <stdio.h>
#include <string.h>

#define MAX_PROFILES 5 /* that get their credentials from one another */
#define SESSION_NAME_SIZE 65

static const char *get(const struct credential_search *search, enum profile_key key)
{
    return profile_get(search->profile, key);
}

static bool has_keys(const struct profile *profile)
{
    return profile_get(profile, PROFILE_ACCESS_KEY_ID) && profile_get(profile, PROFILE_SECRET_ACCESS_KEY);
}

static int from_files(const struct credential_search *search, struct credentials *credentials,
                      struct err *err)
{
    if (provide_from_credentials_file(search, credentials, err) == PROVIDER_FOUND ||
        provide_from_config_file(search, credentials, err) == PROVIDER_FOUND)
        return 0;
    return -1;
}

/* A profile whose source is itself means its own keys; any other circle has no beginning. */
static int check_chain(const struct credential_search *search, const char *source, bool own_keys,
                       struct err *err)
{
    unsigned count = 1;
    if (own_keys && strcmp(search->profile->name, source) == 0)
        return 0;
    for (const struct credential_search *at = search; at; at = at->role_of, count++) {
        if (strcmp(at->profile->name, source) == 0)
            return err_set(err, ERR_CONFIG, "source_profile '%s' leads back to itself", source);
    }
    if (count > MAX_PROFILES)
        return err_set(err, ERR_CONFIG, "more than %d profiles take their credentials from one another",
                       MAX_PROFILES);
    return 0;
}

/* Keys in the source profile come before whatever else it says. */
static int from_source_profile(const struct credential_search *search, const char *source,
                               struct credentials *credentials, struct err *err)
{
    CLEANUP(profile_free) struct profile profile = {0};
    if (profile_load(&profile, source, err) < 0)
        return -1;
    const struct credential_search nested = {search->client, &profile, true, search};
    if (check_chain(search, source, has_keys(&profile), err) < 0)
        return -1;
    if (has_keys(&profile))
        return from_files(&nested, credentials, err);
    return credentials_find_in_profile(&nested, credentials, err);
}

static int from_credential_source(const struct credential_search *search, const char *source,
                                  struct credentials *credentials, struct err *err)
{
    static const struct {
        const char *name;
        provide *provide;
    } sources[] = {
        {"Environment", provide_from_environment},
        {"EcsContainer", provide_from_container},
        {"Ec2InstanceMetadata", provide_from_instance},
    };
    const struct credential_search plain = {search->client, search->profile, false, search};
    for (size_t i = 0; i < ARRAY_LENGTH(sources); i++) {
        if (strcmp(source, sources[i].name) != 0)
            continue;
        enum provider_answer answer = sources[i].provide(&plain, credentials, err);
        if (answer == PROVIDER_NOT_MINE)
            return err_set(err, ERR_AUTH, "credential_source %s has no credentials here", source);
        return answer == PROVIDER_FOUND ? 0 : -1;
    }
    return err_set(err, ERR_CONFIG,
                   "credential_source '%.40s' is none of Environment, EcsContainer, Ec2InstanceMetadata",
                   source);
}

static int find_principal(const struct credential_search *search, struct credentials *principal,
                          struct err *err)
{
    const char *profile = get(search, PROFILE_SOURCE_PROFILE);
    const char *source = get(search, PROFILE_CREDENTIAL_SOURCE);
    if (!profile == !source)
        return err_set(err, ERR_CONFIG, "role_arn needs %s source_profile %s credential_source",
                       profile ? "only one of" : "either", profile ? "and" : "or");
    return profile ? from_source_profile(search, profile, principal, err)
                   : from_credential_source(search, source, principal, err);
}

static int read_role(const struct credential_search *search, char session_name[SESSION_NAME_SIZE],
                     struct sts_role *role, struct err *err)
{
    const char *duration = get(search, PROFILE_DURATION_SECONDS);
    const char *name = get(search, PROFILE_ROLE_SESSION_NAME);
    uint64_t seconds = 0;
    if (duration && parse_u64(duration, 900, 43200, &seconds, NULL) < 0)
        return err_set(err, ERR_CONFIG, "duration_seconds is not a number from 900 to 43200");
    snprintf(session_name, SESSION_NAME_SIZE, "aws-benchmark-collector-%lld",
             (long long)account_time(search->client->aws));
    *role = (struct sts_role){get(search, PROFILE_ROLE_ARN), name ? name : session_name,
                              get(search, PROFILE_EXTERNAL_ID), (unsigned)seconds};
    return 0;
}

static int assume(const struct credential_search *search, struct credentials *credentials, struct err *err)
{
    char session_name[SESSION_NAME_SIZE];
    struct sts_role role;
    CLEANUP(credentials_free) struct credentials principal = {0};
    if (read_role(search, session_name, &role, err) < 0 || find_principal(search, &principal, err) < 0 ||
        sts_assume_role(search->client, &role, &principal, credentials, err) < 0)
        return -1;
    credentials->last_end = principal.renewable ? principal.last_end : principal.expires;
    return 0;
}

enum provider_answer provide_from_role(const struct credential_search *search,
                                       struct credentials *credentials, struct err *err)
{
    const char *name = search->profile->name;
    if (!get(search, PROFILE_ROLE_ARN) || get(search, PROFILE_WEB_IDENTITY_TOKEN_FILE))
        return PROVIDER_NOT_MINE;
    if (get(search, PROFILE_MFA_SERIAL)) {
        err_set(err, ERR_AUTH,
                "profile '%s' assumes a role with a code from an MFA device (mfa_serial), which nobody could "
                "type in "
                "when the credentials are renewed in the middle of a run" PROVIDER_EXPORT_ADVICE,
                name, name, name);
        return PROVIDER_FAILED;
    }
    if (assume(search, credentials, err) == 0)
        return PROVIDER_FOUND;
    err_prepend(err, "the role of profile '%s'", name);
    return PROVIDER_FAILED;
}
