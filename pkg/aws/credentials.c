#include "aws/credentials.h"

#include <stdlib.h>
#include <string.h>

/* A provider answers whether the credentials are its own. */
enum answer { NOT_MINE, FOUND, FAILED };

struct provider {
    const char *name;
    enum answer (*provide)(const struct credential_search *search, struct credentials *credentials,
                           struct err *err);
};

#define EXPORT_ADVICE                                                                                        \
    "; put its keys in the environment with: eval \"$(aws configure export-credentials --profile %s "        \
    "--format env)\""

/* Anything else in a header would end it, or can only be a slip of copying. */
static bool is_printable(const char *text)
{
    for (; *text; text++) {
        if (*text < '!' || *text > '~')
            return false;
    }
    return true;
}

static enum answer keep(struct credentials *credentials, const char *id, const char *secret,
                        const char *token, const char *where, struct err *err)
{
    if (!id || !secret) {
        err_set(err, ERR_AUTH, "%s has %s: both are needed", where,
                id ? "an access key id without its secret access key"
                   : "a secret access key without its access key id");
        return FAILED;
    }
    if (!is_printable(id) || !is_printable(secret) || (token && !is_printable(token))) {
        err_set(err, ERR_AUTH,
                "the credentials in %s hold blanks or characters that no key has: copy them again", where);
        return FAILED;
    }
    const struct credentials found = {(char *)id, (char *)secret, (char *)token, NULL};
    return credentials_copy(credentials, &found, err) < 0 ? FAILED : FOUND;
}

static enum answer from_environment(const struct credential_search *search, struct credentials *credentials,
                                    struct err *err)
{
    const char *id = environment("AWS_ACCESS_KEY_ID");
    const char *secret = environment("AWS_SECRET_ACCESS_KEY");
    if (search->profile_given || (!id && !secret))
        return NOT_MINE;
    return keep(credentials, id, secret, environment("AWS_SESSION_TOKEN"), "the environment", err);
}

static enum answer not_supported(const struct credential_search *search, const char *what, struct err *err)
{
    err_set(err, ERR_AUTH, "profile '%s' %s, which is not supported yet" EXPORT_ADVICE, search->profile->name,
            what, search->profile->name);
    return FAILED;
}

static bool has(const struct credential_search *search, enum profile_key key)
{
    return profile_get(search->profile, key) != NULL;
}

static enum answer from_role(const struct credential_search *search, struct credentials *credentials UNUSED,
                             struct err *err)
{
    if (!has(search, PROFILE_ROLE_ARN))
        return NOT_MINE;
    return not_supported(search, "assumes a role (role_arn)", err);
}

static enum answer from_web_identity(const struct credential_search *search,
                                     struct credentials *credentials UNUSED, struct err *err)
{
    if (search->profile_given || !environment("AWS_WEB_IDENTITY_TOKEN_FILE"))
        return NOT_MINE;
    err_set(err, ERR_AUTH,
            "AWS_WEB_IDENTITY_TOKEN_FILE is set, but assuming a role with it is not supported yet; "
            "put the role's keys in the environment");
    return FAILED;
}

static enum answer from_sso(const struct credential_search *search, struct credentials *credentials UNUSED,
                            struct err *err)
{
    if (has(search, PROFILE_SSO_SESSION) || has(search, PROFILE_SSO_START_URL))
        return not_supported(search, "signs in with IAM Identity Center (SSO)", err);
    if (has(search, PROFILE_LOGIN_SESSION))
        return not_supported(search, "signs in with 'aws login'", err);
    return NOT_MINE;
}

static enum answer from_file(const struct profile_file *file, const char *where,
                             struct credentials *credentials, struct err *err)
{
    const char *id = file->values[PROFILE_ACCESS_KEY_ID];
    const char *secret = file->values[PROFILE_SECRET_ACCESS_KEY];
    if (!id && !secret)
        return NOT_MINE;
    return keep(credentials, id, secret, file->values[PROFILE_SESSION_TOKEN], where, err);
}

static enum answer from_credentials_file(const struct credential_search *search,
                                         struct credentials *credentials, struct err *err)
{
    return from_file(&search->profile->credentials, "the credentials file", credentials, err);
}

static enum answer from_process(const struct credential_search *search,
                                struct credentials *credentials UNUSED, struct err *err)
{
    if (!has(search, PROFILE_CREDENTIAL_PROCESS))
        return NOT_MINE;
    return not_supported(search, "runs a program for its keys (credential_process)", err);
}

static enum answer from_config_file(const struct credential_search *search, struct credentials *credentials,
                                    struct err *err)
{
    return from_file(&search->profile->config, "the config file", credentials, err);
}

static enum answer from_container(const struct credential_search *search UNUSED,
                                  struct credentials *credentials UNUSED, struct err *err)
{
    if (!environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") &&
        !environment("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
        return NOT_MINE;
    err_set(err, ERR_AUTH,
            "credentials of a container's role are not supported yet; put the role's keys in the "
            "environment");
    return FAILED;
}

static const struct provider providers[] = {
    {"environment", from_environment},           {"assumed role", from_role},
    {"web identity", from_web_identity},         {"single sign-on", from_sso},
    {"credentials file", from_credentials_file}, {"credential process", from_process},
    {"config file", from_config_file},           {"container role", from_container},
};

int credentials_find(const struct credential_search *search, struct credentials *credentials, struct err *err)
{
    *credentials = (struct credentials){0};
    for (size_t i = 0; i < ARRAY_LENGTH(providers); i++) {
        enum answer answer = providers[i].provide(search, credentials, err);
        if (answer == FAILED)
            return -1;
        if (answer == FOUND) {
            credentials->source = providers[i].name;
            return 0;
        }
    }
    if (search->profile->asked_for)
        return err_set(err, ERR_AUTH,
                       "profile '%s' has no credentials; give it some with 'aws configure --profile %s'",
                       search->profile->name, search->profile->name);
    return err_set(
        err, ERR_AUTH,
        "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run 'aws configure', or "
        "name a profile with --profile (the role of an EC2 instance is not supported yet)");
}

/* NULL stays NULL. Sets *failed when memory runs out. */
static char *copy_text(const char *text, bool *failed)
{
    char *copy = text ? strdup(text) : NULL;
    *failed |= text && !copy;
    return copy;
}

int credentials_copy(struct credentials *copy, const struct credentials *from, struct err *err)
{
    bool failed = false;
    *copy = (struct credentials){
        copy_text(from->access_key_id, &failed),
        copy_text(from->secret_access_key, &failed),
        copy_text(from->session_token, &failed),
        from->source,
    };
    if (!failed)
        return 0;
    credentials_free(copy);
    return err_memory(err);
}

void credentials_free(struct credentials *credentials)
{
    secret_free(credentials->access_key_id);
    secret_free(credentials->secret_access_key);
    secret_free(credentials->session_token);
    *credentials = (struct credentials){0};
}
