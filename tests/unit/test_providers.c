/* Each way to credentials, asked for over real HTTP or of a real program, and their order. */
#include "unit.h"

#include "provider_scene.h"

#include "aws/credential_document.h"
#include "aws/provider_container.h"
#include "aws/sts.h"

#define AN_HOUR "2027-01-15T09:00:00Z"
#define ROLE "arn:aws:iam::123456789012:role/measure"

/* --- roles ---------------------------------------------------------------------------------------------- */

static void a_role_is_assumed_with_the_keys_of_its_source_profile(void **state)
{
    WITH_SERVER({.contains = "Action=AssumeRole&",
                 .status = 200,
                 .body = STS_ANSWER("AssumeRole", "ROLEKEY", AN_HOUR)},
                VPCS);
    write_text(state, "credentials", SOURCE_KEYS);
    write_text(state, "config",
               "[profile role]\nrole_arn=" ROLE "\nsource_profile=source\nrole_session_name=me\n"
               "external_id=HIDDEN 1\nduration_seconds=1800\n");
    assert_opens(&scripted, "role");
    const char *request = script_request(&scripted.server, 0);
    assert_contains(request, "Credential=SOURCEKEY/20270115/us-east-1/sts/aws4_request");
    assert_contains(request, "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fmeasure&RoleSessionName=me"
                             "&DurationSeconds=1800&ExternalId=HIDDEN%201");
    assert_calls_as(&scripted, "ROLEKEY");
    assert_contains(script_request(&scripted.server, 1), "\r\nX-Amz-Security-Token: HIDDENTOKEN\r\n");
    assert_null(strstr(strbuf_text(&scripted.said), "HIDDEN"));
    assert_calls_as(&scripted, "ROLEKEY");
    assert_int_equal(scripted.server.request_count, 3); /* the role was assumed once */
}

static void a_role_may_be_assumed_with_a_role(void **state)
{
    WITH_SERVER(
        {.contains = "role%2Finner", .status = 200, .body = STS_ANSWER("AssumeRole", "INNERKEY", AN_HOUR)},
        {.contains = "role%2Fouter", .status = 200, .body = STS_ANSWER("AssumeRole", "OUTERKEY", AN_HOUR)},
        VPCS);
    write_text(state, "config",
               "[profile outer]\nrole_arn=arn:aws:iam::1:role/outer\nsource_profile=inner\n"
               "[profile inner]\nrole_arn=arn:aws:iam::1:role/inner\nsource_profile=source\n"
               "[profile source]\naws_access_key_id=SOURCEKEY\naws_secret_access_key=HIDDENSOURCE\n");
    assert_opens(&scripted, "outer");
    assert_contains(script_request(&scripted.server, 0), "Credential=SOURCEKEY/");
    assert_contains(script_request(&scripted.server, 1), "Credential=INNERKEY/");
    assert_contains(script_request(&scripted.server, 1),
                    "RoleSessionName=aws-benchmark-collector-1800000000");
    assert_calls_as(&scripted, "OUTERKEY");
}

static void a_profile_may_be_its_own_source_when_it_has_keys(void **state)
{
    WITH_SERVER({.contains = "Action=AssumeRole&",
                 .status = 200,
                 .body = STS_ANSWER("AssumeRole", "ROLEKEY", AN_HOUR)},
                VPCS);
    write_text(state, "config",
               "[profile x]\nrole_arn=" ROLE "\nsource_profile=x\naws_access_key_id=OWNKEY\n"
               "aws_secret_access_key=HIDDENOWN\n");
    assert_opens(&scripted, "x");
    assert_contains(script_request(&scripted.server, 0), "Credential=OWNKEY/");
    assert_calls_as(&scripted, "ROLEKEY");
}

static void chains_without_a_beginning_are_refused(void **state)
{
    WITH_SERVER({.status = 500});
    write_text(state, "config",
               "[profile self]\nrole_arn=r\nsource_profile=self\n"
               "[profile a]\nrole_arn=r\nsource_profile=b\n[profile b]\nrole_arn=r\nsource_profile=c\n"
               "[profile c]\nrole_arn=r\nsource_profile=a\n"
               "[profile 1]\nrole_arn=r\nsource_profile=2\n[profile 2]\nrole_arn=r\nsource_profile=3\n"
               "[profile 3]\nrole_arn=r\nsource_profile=4\n[profile 4]\nrole_arn=r\nsource_profile=5\n"
               "[profile 5]\nrole_arn=r\nsource_profile=6\n[profile 6]\nrole_arn=r\nsource_profile=source\n"
               "[profile gone]\nrole_arn=r\nsource_profile=nowhere\n"
               "[profile none]\nrole_arn=r\n"
               "[profile both]\nrole_arn=r\nsource_profile=source\ncredential_source=Environment\n"
               "[profile odd]\nrole_arn=r\ncredential_source=Nowhere\n"
               "[profile long]\nrole_arn=r\nsource_profile=source\nduration_seconds=1h\n");
    write_text(state, "credentials", SOURCE_KEYS);
    assert_does_not_open(&scripted, "self", ERR_CONFIG, "leads back to itself");
    assert_does_not_open(&scripted, "a", ERR_CONFIG, "source_profile 'a' leads back to itself");
    assert_does_not_open(&scripted, "1", ERR_CONFIG, "more than 5 profiles");
    assert_does_not_open(&scripted, "gone", ERR_CONFIG, "no profile 'nowhere'");
    assert_does_not_open(&scripted, "none", ERR_CONFIG, "either source_profile or credential_source");
    assert_does_not_open(&scripted, "both", ERR_CONFIG, "only one of source_profile and credential_source");
    assert_does_not_open(&scripted, "odd", ERR_CONFIG, "none of Environment");
    assert_does_not_open(&scripted, "long", ERR_CONFIG, "duration_seconds");
    assert_int_equal(scripted.server.request_count, 0);
}

static void the_source_of_a_role_may_be_the_environment(void **state)
{
    WITH_SERVER({.contains = "Action=AssumeRole&",
                 .status = 200,
                 .body = STS_ANSWER("AssumeRole", "ROLEKEY", AN_HOUR)},
                VPCS);
    write_text(state, "config", "[profile role]\nrole_arn=" ROLE "\ncredential_source=Environment\n");
    assert_does_not_open(&scripted, "role", ERR_AUTH,
                         "credential_source Environment has no credentials here");
    setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "HIDDENENV", 1);
    assert_opens(&scripted, "role");
    assert_contains(script_request(&scripted.server, 0), "Credential=ENVKEY/");
    assert_calls_as(&scripted, "ROLEKEY");
}

static void a_role_that_may_not_be_assumed_says_which_and_why(void **state)
{
    WITH_SERVER({.status = 403, .body = STS_ERROR("AccessDenied")});
    write_text(state, "credentials", SOURCE_KEYS "[role]\nrole_arn=" ROLE "\nsource_profile=source\n");
    assert_does_not_open(&scripted, "role", ERR_AUTH,
                         "the role of profile 'role': sts AssumeRole: AccessDenied");
}

static void an_answer_of_sts_without_credentials_is_refused(void **state UNUSED)
{
    static const char *const answers[] = {
        "<R/>",
        "<R><AssumeRoleResult/></R>",
        "<R><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId></Credentials></AssumeRoleResult></R>",
        "<R><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>HIDDEN "
        "1</SecretAccessKey>"
        "</Credentials></AssumeRoleResult></R>",
        "<R><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>HIDDEN</"
        "SecretAccessKey>"
        "<Expiration>soon</Expiration></Credentials></AssumeRoleResult></R>",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(answers); i++) {
        struct err err = {0};
        struct credentials credentials = {0};
        struct xml *xml = xml_parse(answers[i], strlen(answers[i]), &err);
        assert_non_null(xml);
        assert_fails(sts_read_credentials(xml_root(xml), "AssumeRoleResult", &credentials, &err), err,
                     ERR_AUTH);
        assert_null(strstr(err.message, "HIDDEN"));
        xml_free(xml);
    }
}

/* --- web identity --------------------------------------------------------------------------------------- */

static void set_web_identity(void **state, const char *token)
{
    char path[256];
    write_text(state, "token", token);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", temporary_path(state, "token", path, sizeof path), 1);
    setenv("AWS_ROLE_ARN", ROLE, 1);
    setenv("AWS_ROLE_SESSION_NAME", "ci", 1);
}

static void a_web_identity_token_is_exchanged_without_a_signature_and_read_again_each_time(void **state)
{
    WITH_SERVER({.contains = "WebIdentityToken=FIRST",
                 .status = 200,
                 .body = STS_ANSWER("AssumeRoleWithWebIdentity", "WEBKEY1", AN_HOUR)},
                {.contains = "WebIdentityToken=SECOND",
                 .status = 200,
                 .body = STS_ANSWER("AssumeRoleWithWebIdentity", "WEBKEY2", "2027-01-15T10:00:00Z")},
                VPCS);
    set_web_identity(state, "FIRST\n");
    assert_opens(&scripted, NULL);
    const char *request = script_request(&scripted.server, 0);
    assert_contains(request, "Action=AssumeRoleWithWebIdentity");
    assert_contains(request, "RoleSessionName=ci&WebIdentityToken=FIRST");
    assert_null(strstr(request, "Authorization"));
    assert_calls_as(&scripted, "WEBKEY1");
    write_text(state, "token", "SECOND\n");
    scripted.now += 3500;
    assert_calls_as(&scripted, "WEBKEY2");
}

static void a_web_identity_may_stand_in_a_profile(void **state)
{
    WITH_SERVER({.contains = "WebIdentityToken=TOKEN",
                 .status = 200,
                 .body = STS_ANSWER("AssumeRoleWithWebIdentity", "WEBKEY", AN_HOUR)},
                VPCS);
    char config[512], path[256];
    write_text(state, "token", "TOKEN");
    snprintf(config, sizeof config, "[profile web]\nrole_arn=" ROLE "\nweb_identity_token_file=%s\n",
             temporary_path(state, "token", path, sizeof path));
    write_text(state, "config", config);
    assert_opens(&scripted, "web");
    assert_calls_as(&scripted, "WEBKEY");
}

static void what_lacks_for_a_web_identity_is_named(void **state)
{
    WITH_SERVER({.status = 400, .body = STS_ERROR("InvalidIdentityToken")});
    set_web_identity(state, "HIDDEN");
    assert_does_not_open(&scripted, NULL, ERR_AUTH, "InvalidIdentityToken");
    unsetenv("AWS_ROLE_ARN");
    assert_does_not_open(&scripted, NULL, ERR_AUTH, "AWS_ROLE_ARN");
    set_web_identity(state, " \n");
    assert_does_not_open(&scripted, NULL, ERR_AUTH, "holds no token");
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/token", 1);
    assert_does_not_open(&scripted, NULL, ERR_CONFIG, "/nonexistent/token");
}

/* --- a program ------------------------------------------------------------------------------------------ */

/* A profile whose credential_process is this script, with an argument that has a blank. */
static void set_process(void **state, const char *script)
{
    char config[512], path[256];
    write_text(state, "keys.sh", script);
    snprintf(config, sizeof config, "[profile p]\ncredential_process = %s 'an argument'\n",
             temporary_path(state, "keys.sh", path, sizeof path));
    write_text(state, "config", config);
}

#define PROCESS_KEYS                                                                                         \
    "\"AccessKeyId\": \"PROCKEY\", \"SecretAccessKey\": \"HIDDENPROC\", \"SessionToken\": \"HIDDENTOKEN\""

static void a_program_gives_keys(void **state)
{
    WITH_SERVER(VPCS);
    set_process(state, "#!/bin/sh\n[ \"$1\" = 'an argument' ] && echo '{\"Version\": 1, " PROCESS_KEYS
                       ", \"Expiration\": \"2027-01-15T09:00:00+00:00\"}'\n");
    assert_opens(&scripted, "p");
    assert_calls_as(&scripted, "PROCKEY");
    struct aws_credentials_end end;
    aws_credentials_end(scripted.aws, &end);
    assert_string_equal(end.source, "credential process");
    assert_true(end.renewable);
}

static void a_program_that_gives_none_is_named_with_what_it_says(void **state)
{
    WITH_SERVER({.status = 500});
    set_process(state, "#!/bin/sh\nprintf '\\n the session \\033[31mhas expired\\nmore\\n' >&2\nexit 7\n");
    assert_does_not_open(
        &scripted, "p", ERR_AUTH,
        "credential_process of profile 'p': it ended with exit code 7: the session ?[31mhas expired");
    set_process(state, "#!/bin/sh\nkill -9 $$\n");
    assert_does_not_open(&scripted, "p", ERR_AUTH, "signal 9");
    set_process(state, "#!/bin/sh\necho '{\"Version\": 2, " PROCESS_KEYS "}'\n");
    assert_does_not_open(&scripted, "p", ERR_AUTH, "\"Version\": 1");
    set_process(state, "#!/bin/sh\necho HIDDEN\n");
    assert_does_not_open(&scripted, "p", ERR_AUTH, "JSON document");
    set_process(state, "#!/bin/sh\nhead -c 100000 /dev/zero\n");
    assert_does_not_open(&scripted, "p", ERR_DATA, "65536 bytes");
    write_text(state, "config", "[profile p]\ncredential_process = /nonexistent/program\n");
    assert_does_not_open(&scripted, "p", ERR_CONFIG, "/nonexistent/program");
    write_text(state, "config", "[profile p]\ncredential_process = sh -c 'echo\n");
    assert_does_not_open(&scripted, "p", ERR_CONFIG, "quotes");
}

static void a_program_may_stand_in_for_single_sign_on(void **state)
{
    WITH_SERVER(VPCS);
    write_text(state, "config",
               "[profile p]\nsso_session=s\ncredential_process = echo '{\"Version\":1," PROCESS_KEYS "}'\n");
    assert_opens(&scripted, "p");
    assert_calls_as(&scripted, "PROCKEY");
}

/* --- containers ----------------------------------------------------------------------------------------- */

#define AGENT_ANSWER(key)                                                                                    \
    "{\"AccessKeyId\":\"" key "\",\"SecretAccessKey\":\"HIDDENAGENT\",\"Token\":\"HIDDENTOKEN\","            \
    "\"Expiration\":\"" AN_HOUR "\"}"

static void set_agent(const struct scripted_aws *scripted)
{
    char url[128];
    snprintf(url, sizeof url, "%s/v2/credentials", scripted->server.url);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
}

static void a_containers_agent_gives_keys_for_its_token(void **state)
{
    WITH_SERVER({.contains = "GET /v2/credentials ", .status = 503, .times = 1},
                {.contains = "GET /v2/credentials ", .status = 200, .body = AGENT_ANSWER("TASKKEY")}, VPCS);
    char path[256];
    set_agent(&scripted);
    write_text(state, "token", "HIDDEN FROM FILE\n");
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", temporary_path(state, "token", path, sizeof path), 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "HIDDEN FROM VARIABLE", 1);
    assert_opens(&scripted, NULL);
    assert_contains(script_request(&scripted.server, 0), "\r\nAuthorization: HIDDEN FROM FILE\r\n");
    assert_calls_as(&scripted, "TASKKEY");
    assert_null(strstr(strbuf_text(&scripted.said), "HIDDEN"));
}

static void what_is_wrong_with_an_agent_is_said(void **state UNUSED)
{
    WITH_SERVER({.contains = "one", .status = 403}, {.contains = "two", .status = 200, .body = "HIDDEN"},
                {.contains = "three", .status = 200, .body = "{\"AccessKeyId\":\"A\"}"});
    char url[128];
    static const char *const paths[][2] = {
        {"one", "status 403"}, {"two", "JSON"}, {"three", "both are needed"}};
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        snprintf(url, sizeof url, "%s/%s", scripted.server.url, paths[i][0]);
        setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
        assert_does_not_open(&scripted, NULL, ERR_AUTH, paths[i][1]);
    }
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nX: HIDDEN", 1);
    assert_does_not_open(&scripted, NULL, ERR_AUTH, "line end");
}

static void assert_address(const char *relative, const char *full, const char *wanted)
{
    struct err err = {0};
    AUTO_STRBUF struct strbuf url = STRBUF_INIT(1024);
    if (wanted) {
        assert_succeeds(container_address(relative, full, &url, &err), err);
        assert_string_equal(strbuf_text(&url), wanted);
    } else {
        assert_fails(container_address(relative, full, &url, &err), err, ERR_AUTH);
    }
}

static void an_agent_is_asked_without_tls_only_where_it_can_be_nobody_else(void **state UNUSED)
{
    static const char *const good[] = {"http://127.0.0.1:1/x",    "http://127.9.9.9/",
                                       "http://localhost/x",      "http://[::1]:80/x",
                                       "http://169.254.170.2/x",  "http://169.254.170.23/v1/credentials",
                                       "http://[fd00:ec2::23]/x", "https://example.com/x"};
    static const char *const bad[] = {"http://example.com/x",
                                      "http://169.254.169.254/x",
                                      "http://169.254.170.24/x",
                                      "http://127.0.0.1.example.com/x",
                                      "http://10.0.0.1/x",
                                      "http://[fd00:ec2::24]/x",
                                      "http://localhost.evil.com",
                                      "ftp://127.0.0.1/x",
                                      "not an address",
                                      "http://user@example.com@127.0.0.1.evil/x"};
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_address(NULL, good[i], good[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_address(NULL, bad[i], NULL);
    assert_address("/v2/credentials/x?a=b", "http://example.com",
                   "http://169.254.170.2/v2/credentials/x?a=b");
    assert_address("@example.com/", NULL, NULL);
    assert_address("/a b", NULL, NULL);
}

/* --- instances ------------------------------------------------------------------------------------------ */

#define ROLES "/latest/meta-data/iam/security-credentials/"
#define SESSION                                                                                              \
    {                                                                                                        \
        .contains = "PUT /latest/api/token ", .status = 200, .body = "SESSIONTOKEN"                          \
    }

static void set_metadata_service(const struct scripted_aws *scripted)
{
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", scripted->server.url, 1);
}

static void an_instances_role_is_asked_for_in_a_session(void **state UNUSED)
{
    WITH_SERVER(SESSION, {.contains = "GET " ROLES " ", .status = 200, .body = "measure\n"},
                {.contains = "GET " ROLES "measure ",
                 .status = 200,
                 .body =
                     "{\"Code\":\"Success\",\"AccessKeyId\":\"INSTANCEKEY\",\"SecretAccessKey\":\"HIDDENI\","
                     "\"Token\":\"HIDDENTOKEN\",\"Expiration\":\"" AN_HOUR "\"}"},
                VPCS);
    set_metadata_service(&scripted);
    assert_opens(&scripted, NULL);
    assert_contains(script_request(&scripted.server, 0),
                    "\r\nX-aws-ec2-metadata-token-ttl-seconds: 21600\r\n");
    for (size_t i = 1; i <= 2; i++)
        assert_contains(script_request(&scripted.server, i),
                        "\r\nX-aws-ec2-metadata-token: SESSIONTOKEN\r\n");
    assert_calls_as(&scripted, "INSTANCEKEY");
}

static void version_1_of_the_metadata_service_is_never_asked(void **state UNUSED)
{
    WITH_SERVER({.contains = "PUT ", .status = 405}, {.status = 200, .body = "measure"});
    set_metadata_service(&scripted);
    assert_does_not_open(&scripted, NULL, ERR_AUTH, "version 1 is not asked");
    assert_int_equal(scripted.server.request_count, 1);
}

static void what_is_wrong_with_an_instances_role_is_said(void **state UNUSED)
{
    WITH_SERVER(SESSION, {.contains = "GET " ROLES " ", .status = 404, .times = 1},
                {.contains = "GET " ROLES " ", .status = 200, .body = "../../user-data", .times = 1},
                {.contains = "GET " ROLES " ", .status = 200, .body = "measure"},
                {.contains = "GET " ROLES "measure ",
                 .status = 200,
                 .body = "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"HIDDEN\"}"});
    set_metadata_service(&scripted);
    assert_does_not_open(&scripted, NULL, ERR_AUTH, "the instance has no role");
    assert_does_not_open(&scripted, NULL, ERR_AUTH, "no role");
    assert_does_not_open(&scripted, NULL, ERR_AUTH, "AssumeRoleUnauthorizedAccess");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5", 1);
    assert_does_not_open(&scripted, NULL, ERR_CONFIG, "IPv4 or IPv6");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "nowhere", 1);
    unsetenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    assert_does_not_open(&scripted, NULL, ERR_CONFIG, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    setenv("AWS_EC2_METADATA_DISABLED", "TRUE", 1);
    assert_does_not_open(&scripted, NULL, ERR_AUTH, "no AWS credentials");
}

/* --- their order ---------------------------------------------------------------------------------------- */

/* All of them are there; each time the first is taken away, the next is found. */
static void providers_are_asked_in_their_order(void **state)
{
    static const struct script_rule script[] = {
        {.contains = "Action=AssumeRole&",
         .status = 200,
         .body = STS_ANSWER("AssumeRole", "ROLEKEY", AN_HOUR)},
        {.contains = "Action=AssumeRoleWithWebIdentity",
         .status = 200,
         .body = STS_ANSWER("AssumeRoleWithWebIdentity", "WEBKEY", AN_HOUR)},
        {.contains = "GET /v2/credentials ", .status = 200, .body = AGENT_ANSWER("TASKKEY")},
        SESSION,
        {.contains = "GET " ROLES " ", .status = 200, .body = "measure"},
        {.contains = "GET " ROLES "measure ", .status = 200, .body = AGENT_ANSWER("INSTANCEKEY")},
        VPCS,
    };
    static const char process[] = "credential_process=echo '{\"Version\":1," PROCESS_KEYS "}'\n";
    static const char *const wanted[] = {"ENVKEY",  "ROLEKEY",   "WEBKEY",  "FILEKEY",
                                         "PROCKEY", "CONFIGKEY", "TASKKEY", "INSTANCEKEY"};
    for (size_t gone = 0; gone < ARRAY_LENGTH(wanted); gone++) {
        char config[1024];
        struct scripted_aws scripted;
        scripted_aws_prepare(&scripted, script, ARRAY_LENGTH(script));
        set_metadata_service(&scripted);
        if (gone < 1) {
            setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
            setenv("AWS_SECRET_ACCESS_KEY", "HIDDENENV", 1);
        } else {
            unsetenv("AWS_ACCESS_KEY_ID");
            unsetenv("AWS_SECRET_ACCESS_KEY");
        }
        snprintf(config, sizeof config, "[default]\n%s%s%s",
                 gone < 2 ? "role_arn=" ROLE "\nsource_profile=source\n" : "", gone < 5 ? process : "",
                 gone < 6 ? "aws_access_key_id=CONFIGKEY\naws_secret_access_key=HIDDENC\n" : "");
        write_text(state, "config", config);
        write_text(state, "credentials",
                   gone < 4 ? SOURCE_KEYS
                       "[default]\naws_access_key_id=FILEKEY\naws_secret_access_key=HIDDENF\n"
                            : "");
        if (gone < 3)
            set_web_identity(state, "TOKEN");
        else
            unsetenv("AWS_WEB_IDENTITY_TOKEN_FILE");
        if (gone < 7)
            set_agent(&scripted);
        else
            unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        assert_opens(&scripted, NULL);
        assert_calls_as(&scripted, wanted[gone]);
        scripted_aws_stop(&scripted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_EMPTY_HOME(a_role_is_assumed_with_the_keys_of_its_source_profile),
        IN_EMPTY_HOME(a_role_may_be_assumed_with_a_role),
        IN_EMPTY_HOME(a_profile_may_be_its_own_source_when_it_has_keys),
        IN_EMPTY_HOME(chains_without_a_beginning_are_refused),
        IN_EMPTY_HOME(the_source_of_a_role_may_be_the_environment),
        IN_EMPTY_HOME(a_role_that_may_not_be_assumed_says_which_and_why),
        IN_EMPTY_HOME(an_answer_of_sts_without_credentials_is_refused),
        IN_EMPTY_HOME(a_web_identity_token_is_exchanged_without_a_signature_and_read_again_each_time),
        IN_EMPTY_HOME(a_web_identity_may_stand_in_a_profile),
        IN_EMPTY_HOME(what_lacks_for_a_web_identity_is_named),
        IN_EMPTY_HOME(a_program_gives_keys),
        IN_EMPTY_HOME(a_program_that_gives_none_is_named_with_what_it_says),
        IN_EMPTY_HOME(a_program_may_stand_in_for_single_sign_on),
        IN_EMPTY_HOME(a_containers_agent_gives_keys_for_its_token),
        IN_EMPTY_HOME(what_is_wrong_with_an_agent_is_said),
        IN_EMPTY_HOME(an_agent_is_asked_without_tls_only_where_it_can_be_nobody_else),
        IN_EMPTY_HOME(an_instances_role_is_asked_for_in_a_session),
        IN_EMPTY_HOME(version_1_of_the_metadata_service_is_never_asked),
        IN_EMPTY_HOME(what_is_wrong_with_an_instances_role_is_said),
        IN_EMPTY_HOME(providers_are_asked_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
