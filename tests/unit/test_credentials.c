/* The shared files and the chain of providers, and what aws_open makes of them and of the environment. */
#include "unit.h"

#include "temporary.h"

#include "aws/aws.h"
#include "aws/credentials.h"

#include <string.h>

static const char *const variables[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_EC2",
    "AWS_ENDPOINT_URL_S3",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_CA_BUNDLE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CREDENTIAL_EXPIRATION",
};

/* An empty home, and nothing of AWS in the environment. */
static int set_up(void **state)
{
    char path[256];
    if (temporary_setup(state) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
        unsetenv(variables[i]);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    setenv("AWS_CONFIG_FILE", temporary_path(state, "config", path, sizeof path), 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", temporary_path(state, "credentials", path, sizeof path), 1);
    return 0;
}

static void write_file(void **state, const char *name, const char *text)
{
    char path[256];
    struct err err;
    assert_succeeds(
        fs_replace_file(temporary_path(state, name, path, sizeof path), text, strlen(text), 0600, &err), err);
}

/* With --profile NAME, or without it where NULL. */
static int find(const char *profile_option, struct credentials *credentials, struct err *err)
{
    struct profile profile = {0};
    const struct credential_search search = {.profile = &profile, .profile_given = profile_option != NULL};
    *credentials = (struct credentials){0};
    int result = profile_load(&profile, profile_option, err);
    if (result == 0)
        result = credentials_find(&search, credentials, err);
    profile_free(&profile);
    return result;
}

static void assert_finds(const char *profile_option, const char *id, const char *token)
{
    struct err err;
    struct credentials credentials;
    assert_succeeds(find(profile_option, &credentials, &err), err);
    assert_string_equal(credentials.access_key_id, id);
    if (token)
        assert_string_equal(credentials.session_token, token);
    else
        assert_null(credentials.session_token);
    credentials_free(&credentials);
}

static void assert_finds_none(const char *profile_option, enum err_kind kind, const char *why)
{
    struct err err;
    struct credentials credentials;
    assert_fails(find(profile_option, &credentials, &err), err, kind);
    if (!strstr(err.message, why))
        fail_msg("'%s' does not say '%s'", err.message, why);
    if (strstr(err.message, "HIDDEN"))
        fail_msg("the message gives a secret away: %s", err.message);
}

static void set_environment_keys(void)
{
    setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "ENVSECRET", 1);
    setenv("AWS_SESSION_TOKEN", "ENVTOKEN", 1);
}

static void the_environment_comes_first(void **state)
{
    write_file(state, "credentials", "[default]\naws_access_key_id=A\naws_secret_access_key=B\n");
    assert_finds(NULL, "A", NULL);
    set_environment_keys();
    assert_finds(NULL, "ENVKEY", "ENVTOKEN");
}

static void a_profile_option_sets_the_environments_keys_aside(void **state)
{
    write_file(state, "credentials",
               "[default]\naws_access_key_id=A\naws_secret_access_key=B\n[x]\naws_access_key_id=C\n"
               "aws_secret_access_key=D\naws_session_token=E\n");
    set_environment_keys();
    assert_finds("x", "C", "E");
    setenv("AWS_PROFILE", "x", 1);
    assert_finds(NULL, "ENVKEY", "ENVTOKEN"); /* the variable alone does not */
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    assert_finds(NULL, "C", "E");
    assert_finds("default", "A", NULL);
}

static void config_sections_carry_the_word_profile(void **state)
{
    write_file(state, "config",
               "[x]\naws_access_key_id=WRONG\naws_secret_access_key=W\n"
               "[profilex]\naws_access_key_id=WRONG\naws_secret_access_key=W\n"
               "[profile   x]\naws_access_key_id=RIGHT\naws_secret_access_key=R\n"
               "[profile \"my own\"]\naws_access_key_id=OWN\naws_secret_access_key=R\n"
               "[default]\naws_access_key_id=DEFAULT\naws_secret_access_key=R\n");
    assert_finds("x", "RIGHT", NULL);
    assert_finds("my own", "OWN", NULL);
    assert_finds(NULL, "DEFAULT", NULL);
}

static void the_credentials_file_comes_before_the_config_file_and_is_not_mixed_with_it(void **state)
{
    write_file(state, "credentials", "[default]\naws_access_key_id=A\naws_secret_access_key=B\n");
    write_file(state, "config",
               "[default]\naws_access_key_id=C\naws_secret_access_key=D\naws_session_token=E\n");
    assert_finds(NULL, "A", NULL);
}

static void half_a_key_is_an_error(void **state)
{
    setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
    assert_finds_none(NULL, ERR_AUTH, "without its secret");
    unsetenv("AWS_ACCESS_KEY_ID");
    write_file(state, "credentials", "[default]\naws_secret_access_key=HIDDEN\n");
    assert_finds_none(NULL, ERR_AUTH, "without its access key id");
}

static void keys_that_would_break_a_header_are_refused(void **state UNUSED)
{
    setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "HIDDEN\r\nX-Evil: 1", 1);
    assert_finds_none(NULL, ERR_AUTH, "copy them again");
    setenv("AWS_SECRET_ACCESS_KEY", "ENVSECRET", 1);
    setenv("AWS_SESSION_TOKEN", "HIDDEN TOKEN", 1);
    assert_finds_none(NULL, ERR_AUTH, "copy them again");
}

static void what_is_left_to_the_aws_command_line_says_so_and_how(void **state)
{
    write_file(
        state, "config",
        "[profile sso]\nsso_session=s\nsso_account_id=1\n"
        "[profile old]\nsso_start_url=https://example.com\n"
        "[profile login]\nlogin_session=arn:aws:iam::1:user/u\n[profile empty]\nregion=us-east-1\n"
        "[profile "
        "mfa]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=empty\nmfa_serial=arn:aws:iam::1:mfa/m\n");
    assert_finds_none("sso", ERR_AUTH, "aws configure export-credentials --profile sso");
    assert_finds_none("sso", ERR_AUTH, "credential_process");
    assert_finds_none("old", ERR_AUTH, "IAM Identity Center");
    assert_finds_none("login", ERR_AUTH, "'aws login'");
    assert_finds_none("mfa", ERR_AUTH, "mfa_serial");
    assert_finds_none("empty", ERR_AUTH, "aws configure --profile empty");
}

static void assert_expires(int64_t wanted)
{
    struct err err;
    struct credentials credentials;
    assert_succeeds(find(NULL, &credentials, &err), err);
    assert_int_equal(credentials.expires, wanted);
    assert_false(credentials.renewable);
    credentials_free(&credentials);
}

static void the_environment_may_say_when_its_keys_end(void **state UNUSED)
{
    set_environment_keys();
    assert_expires(0);
    setenv("AWS_CREDENTIAL_EXPIRATION", "2027-01-15T08:00:00Z", 1);
    assert_expires(1800000000);
    setenv("AWS_CREDENTIAL_EXPIRATION", "2027-01-15T09:30:00+01:30", 1);
    assert_expires(1800000000);
    setenv("AWS_CREDENTIAL_EXPIRATION", "2027-01-15T00:00:00.5-08:00", 1);
    assert_expires(1800000000);
    static const char *const malformed[] = {"soon", "2027-01-15", "2027-01-15T09:00:00+1:0x",
                                            "2027-01-15T09:00:00+99:00", "2027-01-15T09:00:00+00:00+00:00"};
    for (size_t i = 0; i < ARRAY_LENGTH(malformed); i++) {
        setenv("AWS_CREDENTIAL_EXPIRATION", malformed[i], 1);
        assert_finds_none(NULL, ERR_AUTH, "when the credentials in the environment expire");
    }
}

static void a_profile_that_is_not_there_is_named(void **state)
{
    write_file(state, "credentials", "[x]\naws_access_key_id=A\naws_secret_access_key=B\n");
    assert_finds_none("y", ERR_CONFIG, "no profile 'y'");
    setenv("AWS_PROFILE", "z", 1);
    assert_finds_none(NULL, ERR_CONFIG, "no profile 'z'");
}

static void no_credentials_at_all_says_where_they_can_come_from(void **state UNUSED)
{
    assert_finds_none(NULL, ERR_AUTH, "AWS_ACCESS_KEY_ID");
}

static void a_malformed_file_is_named(void **state)
{
    write_file(state, "credentials", "[default]\naws_access_key_id=A\nHIDDEN\n");
    assert_finds_none(NULL, ERR_CONFIG, "line 3");
    assert_finds_none(NULL, ERR_CONFIG, "/credentials");
}

/* --- aws_open ------------------------------------------------------------------------------------------- */

static void free_aws(struct aws **aws)
{
    aws_close(*aws);
}
#define AUTO_AWS CLEANUP(free_aws)

static struct aws *open_with(const char *region_option, struct err *err)
{
    const struct aws_options options = {.region = region_option};
    err_clear(err);
    return aws_open(&options, err);
}

static void assert_region(const char *region_option, const char *wanted)
{
    struct err err;
    AUTO_AWS struct aws *aws = open_with(region_option, &err);
    if (!aws)
        fail_msg("%s", err.message);
    assert_string_equal(aws_region(aws), wanted);
}

static void the_region_comes_from_the_nearest_setting(void **state)
{
    struct err err;
    set_environment_keys();
    assert_null(open_with(NULL, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_non_null(strstr(err.message, "--region"));
    write_file(state, "config", "[default]\nregion = eu-west-1\n");
    assert_region(NULL, "eu-west-1");
    setenv("AWS_DEFAULT_REGION", "eu-west-2", 1);
    assert_region(NULL, "eu-west-2");
    setenv("AWS_REGION", "eu-west-3", 1);
    assert_region(NULL, "eu-west-3");
    assert_region("us-west-2", "us-west-2");
    assert_null(open_with("us-west", &err));
    assert_int_equal(err.kind, ERR_CONFIG);
}

static void endpoints_come_from_the_most_particular_setting(void **state)
{
    struct err err;
    set_environment_keys();
    write_file(state, "config", "[default]\nendpoint_url = http://127.0.0.1:1\n");
    AUTO_AWS struct aws *by_profile = open_with("us-east-1", &err);
    assert_string_equal(aws_endpoint(by_profile, AWS_STS), "http://127.0.0.1:1");
    setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:2/", 1);
    setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:3", 1);
    AUTO_AWS struct aws *by_variable = open_with("us-east-1", &err);
    assert_string_equal(aws_endpoint(by_variable, AWS_STS), "http://127.0.0.1:2");
    assert_string_equal(aws_endpoint(by_variable, AWS_S3), "http://127.0.0.1:3");
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    AUTO_AWS struct aws *by_default = open_with("us-east-1", &err);
    assert_string_equal(aws_endpoint(by_default, AWS_S3), "https://s3.us-east-1.amazonaws.com");
    assert_true(aws_is_real(by_default));
    assert_false(aws_is_real(by_variable));
}

static void one_endpoint_that_is_not_aws_makes_the_whole_not_real(void **state UNUSED)
{
    struct err err;
    set_environment_keys();
    setenv("AWS_ENDPOINT_URL_S3", "https://minio.example.com", 1);
    AUTO_AWS struct aws *aws = open_with("us-east-1", &err);
    assert_non_null(aws);
    assert_false(aws_is_real(aws));
}

static void a_malformed_endpoint_is_named(void **state UNUSED)
{
    struct err err;
    set_environment_keys();
    setenv("AWS_ENDPOINT_URL_EC2", "localhost:5000", 1);
    assert_null(open_with("us-east-1", &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_non_null(strstr(err.message, "AWS_ENDPOINT_URL_EC2"));
}

static void a_ca_bundle_that_is_not_there_is_named(void **state UNUSED)
{
    struct err err;
    set_environment_keys();
    setenv("AWS_CA_BUNDLE", "/nonexistent/ca.pem", 1);
    assert_null(open_with("us-east-1", &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_non_null(strstr(err.message, "/nonexistent/ca.pem"));
}

#define IN_EMPTY_HOME(test) cmocka_unit_test_setup_teardown(test, set_up, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_EMPTY_HOME(the_environment_comes_first),
        IN_EMPTY_HOME(a_profile_option_sets_the_environments_keys_aside),
        IN_EMPTY_HOME(config_sections_carry_the_word_profile),
        IN_EMPTY_HOME(the_credentials_file_comes_before_the_config_file_and_is_not_mixed_with_it),
        IN_EMPTY_HOME(half_a_key_is_an_error),
        IN_EMPTY_HOME(keys_that_would_break_a_header_are_refused),
        IN_EMPTY_HOME(what_is_left_to_the_aws_command_line_says_so_and_how),
        IN_EMPTY_HOME(the_environment_may_say_when_its_keys_end),
        IN_EMPTY_HOME(a_profile_that_is_not_there_is_named),
        IN_EMPTY_HOME(no_credentials_at_all_says_where_they_can_come_from),
        IN_EMPTY_HOME(a_malformed_file_is_named),
        IN_EMPTY_HOME(the_region_comes_from_the_nearest_setting),
        IN_EMPTY_HOME(endpoints_come_from_the_most_particular_setting),
        IN_EMPTY_HOME(one_endpoint_that_is_not_aws_makes_the_whole_not_real),
        IN_EMPTY_HOME(a_malformed_endpoint_is_named),
        IN_EMPTY_HOME(a_ca_bundle_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
