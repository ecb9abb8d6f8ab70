/* An empty home, an environment without AWS in it, and a scripted server that is every service: for tests of
 * where credentials come from. */
#ifndef PROVIDER_SCENE_H
#define PROVIDER_SCENE_H

#include "scripted_aws.h"
#include "temporary.h"

#include "aws/credentials.h"
#include "aws/query.h"

#include <string.h>
#include <sys/stat.h>

extern char **environ;

static UNUSED int provider_setup(void **state)
{
    char path[256];
    if (temporary_setup(state) < 0 || aws_global_init(NULL) < 0)
        return -1;
    for (size_t i = 0; environ[i];) {
        char name[128];
        size_t length = strcspn(environ[i], "=");
        if (strncmp(environ[i], "AWS_", 4) != 0 || length >= sizeof name) {
            i++;
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)length, environ[i]);
        unsetenv(name);
        i = 0;
    }
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    setenv("AWS_CONFIG_FILE", temporary_path(state, "config", path, sizeof path), 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", temporary_path(state, "credentials", path, sizeof path), 1);
    return 0;
}

static UNUSED int provider_teardown(void **state)
{
    aws_global_cleanup();
    return temporary_teardown(state);
}

#define IN_EMPTY_HOME(test) cmocka_unit_test_setup_teardown(test, provider_setup, provider_teardown)

/* `scripted` with the rules, its account not open yet. */
#define WITH_SERVER(...)                                                                                     \
    static const struct script_rule script[] = {__VA_ARGS__};                                                \
    CLEANUP(scripted_aws_stop) struct scripted_aws scripted;                                                 \
    scripted_aws_prepare(&scripted, script, ARRAY_LENGTH(script))

static UNUSED void write_text(void **state, const char *name, const char *text)
{
    char path[256];
    struct err err;
    assert_succeeds(
        fs_replace_file(temporary_path(state, name, path, sizeof path), text, strlen(text), 0700, &err), err);
}

/* One call of EC2. */
static UNUSED int describe(struct scripted_aws *scripted, struct err *err)
{
    const struct query query = {
        .service = AWS_EC2, .action = "DescribeVpcs", .body = "Action=DescribeVpcs", .length = 19};
    AUTO_ANSWER struct aws_answer answer = {0};
    return query_send(&scripted->client, &query, &answer, err);
}

static UNUSED void assert_contains(const char *text, const char *wanted)
{
    if (!text || !strstr(text, wanted))
        fail_msg("'%s' is not in: %s", wanted, text ? text : "nothing");
}

static UNUSED void assert_opens(struct scripted_aws *scripted, const char *profile)
{
    struct err err = {0};
    assert_succeeds(scripted_aws_open(scripted, profile, &err), err);
}

/* Signed by this key id, for EC2. */
static UNUSED void assert_calls_as(struct scripted_aws *scripted, const char *key)
{
    struct err err;
    char credential[128];
    size_t before = scripted->server.request_count;
    assert_succeeds(describe(scripted, &err), err);
    snprintf(credential, sizeof credential, "Credential=%s/", key);
    assert_contains(script_request(&scripted->server, scripted->server.request_count - 1), credential);
    assert_true(scripted->server.request_count > before);
}

static UNUSED void assert_does_not_open(struct scripted_aws *scripted, const char *profile,
                                        enum err_kind kind, const char *why)
{
    struct err err = {0};
    assert_fails(scripted_aws_open(scripted, profile, &err), err, kind);
    assert_contains(err.message, why);
    if (strstr(err.message, "HIDDEN") || strstr(strbuf_text(&scripted->said), "HIDDEN"))
        fail_msg("a secret is given away: %s", err.message);
}

/* STS's answer; expiration as "2027-01-15T09:00:00Z". */
#define STS_ANSWER(action, key, expiration)                                                                  \
    "<" action "Response><" action "Result><Credentials><AccessKeyId>" key                                   \
    "</AccessKeyId><SecretAccessKey>HIDDENROLE</SecretAccessKey><SessionToken>HIDDENTOKEN</SessionToken>"    \
    "<Expiration>" expiration "</Expiration></Credentials></" action "Result></" action "Response>"
#define STS_ERROR(code)                                                                                      \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code                                                   \
    "</Code><Message>as scripted</Message></Error></ErrorResponse>"
#define VPCS                                                                                                 \
    {                                                                                                        \
        .contains = "Action=DescribeVpcs", .status = 200, .body = "<R/>"                                     \
    }
#define SOURCE_KEYS "[source]\naws_access_key_id=SOURCEKEY\naws_secret_access_key=HIDDENSOURCE\n"

#endif
