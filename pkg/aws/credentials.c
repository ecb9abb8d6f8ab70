#include "aws/credentials.h"

#include "aws/provider.h"
#include "base/parse.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct provider {
    const char *name;
    provide *provide;
    bool of_profile; /* a source_profile may mean it */
} providers[] = {
    {"environment", provide_from_environment, false},
    {"assumed role", provide_from_role, true},
    {"web identity", provide_from_web_identity, true},
    {"single sign-on", provide_from_single_sign_on, true},
    {"credentials file", provide_from_credentials_file, true},
    {"credential process", provide_from_process, true},
    {"config file", provide_from_config_file, true},
    {"container role", provide_from_container, false},
    {"instance role", provide_from_instance, false},
};

static enum provider_answer ask(const struct credential_search *search, bool profile_alone,
                                struct credentials *credentials, struct err *err)
{
    *credentials = (struct credentials){0};
    for (size_t i = 0; i < ARRAY_LENGTH(providers); i++) {
        if (profile_alone && !providers[i].of_profile)
            continue;
        enum provider_answer answer = providers[i].provide(search, credentials, err);
        if (answer == PROVIDER_FOUND)
            credentials->source = providers[i].name;
        if (answer != PROVIDER_NOT_MINE)
            return answer;
    }
    return PROVIDER_NOT_MINE;
}

static int no_credentials_in_profile(const struct profile *profile, struct err *err)
{
    return err_set(err, ERR_AUTH,
                   "profile '%s' has no credentials; give it some with 'aws configure --profile %s'",
                   profile->name, profile->name);
}

int credentials_find(const struct credential_search *search, struct credentials *credentials, struct err *err)
{
    switch (ask(search, false, credentials, err)) {
    case PROVIDER_FOUND:
        return 0;
    case PROVIDER_FAILED:
        return -1;
    default:
        break;
    }
    if (search->profile->asked_for)
        return no_credentials_in_profile(search->profile, err);
    return err_set(
        err, ERR_AUTH,
        "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run 'aws configure', "
        "or name a profile with --profile; and neither a container's nor an instance's role gives any");
}

int credentials_find_in_profile(const struct credential_search *search, struct credentials *credentials,
                                struct err *err)
{
    enum provider_answer answer = ask(search, true, credentials, err);
    if (answer == PROVIDER_NOT_MINE)
        return no_credentials_in_profile(search->profile, err);
    return answer == PROVIDER_FOUND ? 0 : -1;
}

/* --- what was found ------------------------------------------------------------------------------------- */

/* Anything else in a header would end it, or can only be a slip of copying. */
static bool is_printable(const char *text)
{
    for (; *text; text++) {
        if (*text < '!' || *text > '~')
            return false;
    }
    return true;
}

/* "+01:00" behind a time: seconds east of Greenwich. */
static bool read_offset(const char *text, int64_t *seconds)
{
    struct cursor cursor = cursor_over(text + 1);
    uint32_t hours = 0, minutes = 0;
    if (!cursor_number(&cursor, &hours) || !cursor_skip(&cursor, ':') || !cursor_number(&cursor, &minutes) ||
        !cursor_done(&cursor) || hours > 14 || minutes > 59)
        return false;
    *seconds = (int64_t)(hours * 3600 + minutes * 60) * (*text == '-' ? -1 : 1);
    return true;
}

#define DATE_LENGTH 10 /* its hyphens are no sign of an offset */

static int read_expiration(const char *text, int64_t *expires, struct err *err)
{
    char time[48];
    int64_t offset = 0;
    size_t length = strlen(text);
    const char *sign = length > DATE_LENGTH ? strpbrk(text + DATE_LENGTH, "+-") : NULL;
    if (length >= sizeof time || (sign && !read_offset(sign, &offset)))
        return err_set(err, ERR_DATA, "'%.64s' is not a time", text);
    snprintf(time, sizeof time, "%.*s%s", sign ? (int)(sign - text) : (int)length, text, sign ? "Z" : "");
    if (parse_timestamp(time, expires, err) < 0)
        return -1;
    *expires -= offset;
    return 0;
}

static bool is_given(const char *text)
{
    return text && *text;
}

int credentials_set(struct credentials *credentials, const struct credential_texts *texts, const char *where,
                    struct err *err)
{
    const char *id = texts->access_key_id;
    const char *secret = texts->secret_access_key;
    const char *token = is_given(texts->session_token) ? texts->session_token : NULL;
    if (!is_given(id) || !is_given(secret))
        return err_set(err, ERR_AUTH, "%s has %s: both are needed", where,
                       is_given(id)       ? "an access key id without its secret access key"
                       : is_given(secret) ? "a secret access key without its access key id"
                                          : "neither access key id nor secret access key");
    if (!is_printable(id) || !is_printable(secret) || (token && !is_printable(token)))
        return err_set(err, ERR_AUTH,
                       "the credentials in %s hold blanks or characters that no key has: copy them again",
                       where);
    struct credentials found = {
        .access_key_id = (char *)id, .secret_access_key = (char *)secret, .session_token = (char *)token};
    if (is_given(texts->expiration) && read_expiration(texts->expiration, &found.expires, err) < 0) {
        if (err)
            err->kind = ERR_AUTH;
        return err_prepend(err, "when the credentials in %s expire", where);
    }
    return credentials_copy(credentials, &found, err);
}

enum provider_answer provider_keep(struct credentials *credentials, const struct credential_texts *texts,
                                   const char *where, struct err *err)
{
    return credentials_set(credentials, texts, where, err) < 0 ? PROVIDER_FAILED : PROVIDER_FOUND;
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
    *copy = *from;
    copy->access_key_id = copy_text(from->access_key_id, &failed);
    copy->secret_access_key = copy_text(from->secret_access_key, &failed);
    copy->session_token = copy_text(from->session_token, &failed);
    if (!failed)
        return 0;
    credentials_free(copy);
    return err_memory(err);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool credentials_are_same(const struct credentials *a, const struct credentials *b)
{
    return same_text(a->access_key_id, b->access_key_id) &&
           same_text(a->secret_access_key, b->secret_access_key) &&
           same_text(a->session_token, b->session_token);
}

void credentials_free(struct credentials *credentials)
{
    secret_free(credentials->access_key_id);
    secret_free(credentials->secret_access_key);
    secret_free(credentials->session_token);
    *credentials = (struct credentials){0};
}
