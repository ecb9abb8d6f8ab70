/* Credentials over time: renewed ahead, by one for all, and what becomes of calls when they can't be. */
#include "unit.h"

#include "provider_scene.h"

#include "aws/account.h"

#include <pthread.h>

#define ROLE_PROFILE SOURCE_KEYS "[role]\nrole_arn=arn:aws:iam::1:role/r\nsource_profile=source\n"
#define ROLE_RULE(key, expiration, count)                                                                    \
    {                                                                                                        \
        .contains = "Action=AssumeRole&", .status = 200, .body = STS_ANSWER("AssumeRole", key, expiration),  \
        .times = (count)                                                                                     \
    }
#define STS_REFUSES                                                                                          \
    {                                                                                                        \
        .contains = "Action=AssumeRole&", .status = 403, .body = STS_ERROR("AccessDenied")                   \
    }
#define EXPIRED(count)                                                                                       \
    {                                                                                                        \
        .contains = "Action=DescribeVpcs", .status = 400, .body = EC2_ERROR("RequestExpired"),               \
        .times = (count)                                                                                     \
    }

/* How often something stands in what was asked. */
static size_t asked_for(const struct scripted_aws *scripted, const char *words)
{
    size_t count = 0;
    for (size_t i = 0; i < scripted->server.request_count; i++)
        count += strstr(scripted->server.requests[i], words) != NULL;
    return count;
}

/* --- renewed ahead -------------------------------------------------------------------------------------- */

static void they_are_renewed_five_to_ten_minutes_ahead(void **state)
{
    WITH_SERVER(ROLE_RULE("FIRST", "2027-01-15T09:00:00Z", 1), ROLE_RULE("SECOND", "2027-01-15T10:00:00Z", 1),
                VPCS);
    write_text(state, "credentials", ROLE_PROFILE);
    assert_opens(&scripted, "role");
    scripted.now = 3600 - 601;
    assert_calls_as(&scripted, "FIRST");
    scripted.now = 3600 - 299;
    assert_calls_as(&scripted, "SECOND");
    assert_contains(strbuf_text(&scripted.said), "good until 2027-01-15T10:00:00Z");
}

static void a_reserve_is_kept_in_them(void **state)
{
    WITH_SERVER(ROLE_RULE("FIRST", "2027-01-15T09:00:00Z", 1), ROLE_RULE("SECOND", "2027-01-15T10:00:00Z", 1),
                VPCS);
    write_text(state, "credentials", ROLE_PROFILE);
    assert_opens(&scripted, "role");
    aws_reserve_credentials(scripted.aws, 900);
    scripted.now = 3600 - 1501;
    assert_calls_as(&scripted, "FIRST");
    scripted.now = 3600 - 1199;
    assert_calls_as(&scripted, "SECOND");
}

static void short_lived_ones_are_renewed_at_half_time_not_at_every_call(void **state)
{
    WITH_SERVER(ROLE_RULE("FIRST", "2027-01-15T08:00:40Z", 1), ROLE_RULE("SECOND", "2027-01-15T08:01:00Z", 1),
                VPCS);
    write_text(state, "credentials", ROLE_PROFILE);
    assert_opens(&scripted, "role");
    for (int i = 0; i < 10; i++, scripted.now += 1)
        assert_calls_as(&scripted, "FIRST");
    scripted.now = 21;
    for (int i = 0; i < 10; i++, scripted.now += 1)
        assert_calls_as(&scripted, "SECOND");
    assert_int_equal(asked_for(&scripted, "Action=AssumeRole&"), 2);
}

static void while_they_can_not_be_renewed_those_that_are_left_are_used(void **state)
{
    WITH_SERVER(ROLE_RULE("FIRST", "2027-01-15T09:00:00Z", 1), STS_REFUSES, VPCS);
    struct err err;
    write_text(state, "credentials", ROLE_PROFILE);
    assert_opens(&scripted, "role");
    for (scripted.now = 3301; scripted.now < 3599; scripted.now += 2)
        assert_calls_as(&scripted, "FIRST");
    size_t attempts = asked_for(&scripted, "Action=AssumeRole&");
    assert_in_range(attempts, 8, 20); /* with pauses, not every second */
    assert_contains(strbuf_text(&scripted.said),
                    "warning: the credentials, good until 2027-01-15T09:00:00Z, could "
                    "not be renewed yet: the role of profile 'role'");
    scripted.now = 3601;
    assert_fails(describe(&scripted, &err), err, ERR_AUTH);
    assert_contains(err.message, "have expired and could not be renewed");
    assert_contains(err.message, "AccessDenied");
}

static void credentials_of_another_place_are_not_taken_over(void **state)
{
    WITH_SERVER({.contains = "Action=AssumeRoleWithWebIdentity",
                 .status = 200,
                 .body = STS_ANSWER("AssumeRoleWithWebIdentity", "WEBKEY", "2027-01-15T09:00:00Z")},
                VPCS);
    char path[256];
    struct err err;
    write_text(state, "token", "TOKEN");
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", temporary_path(state, "token", path, sizeof path), 1);
    setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/r", 1);
    assert_opens(&scripted, NULL);
    unsetenv("AWS_WEB_IDENTITY_TOKEN_FILE");
    write_text(state, "credentials", "[default]\naws_access_key_id=OTHER\naws_secret_access_key=HIDDENO\n");
    scripted.now = 3500;
    assert_calls_as(&scripted, "WEBKEY");
    scripted.now = 3700;
    assert_fails(describe(&scripted, &err), err, ERR_AUTH);
    assert_contains(err.message, "may be of another account");
}

static void a_clock_that_is_ahead_does_not_make_new_ones_old(void **state)
{
    WITH_SERVER(ROLE_RULE("FIRST", "2027-01-15T07:30:00Z", 0), VPCS);
    write_text(state, "credentials", ROLE_PROFILE);
    assert_opens(&scripted, "role");
    assert_calls_as(&scripted, "FIRST");
    assert_int_equal(asked_for(&scripted, "Action=AssumeRole&"), 1);
}

/* --- many threads --------------------------------------------------------------------------------------- */

#define THREADS 16

struct asker {
    struct scripted_aws *scripted;
    pthread_t thread;
    unsigned number;
};

static void *ask_often(void *context)
{
    struct asker *asker = context;
    const struct aws_policy policy = aws_policy_standard();
    for (int i = 0; i < 200; i++) {
        struct err err = {0};
        struct leased_credentials leased;
        if (credential_cache_get(asker->scripted->aws->credentials, &policy, &leased, &err) < 0)
            return NULL;
        asker->number = leased.number;
        credentials_free(&leased.credentials);
    }
    return NULL;
}

static void one_thread_renews_for_all(void **state)
{
    WITH_SERVER(ROLE_RULE("FIRST", "2027-01-15T09:00:00Z", 1), ROLE_RULE("SECOND", "2027-01-15T10:00:00Z", 0),
                VPCS);
    struct asker askers[THREADS];
    write_text(state, "credentials", ROLE_PROFILE);
    assert_opens(&scripted, "role");
    scripted.now = 3601; /* expired: all have to wait for it */
    for (size_t i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){.scripted = &scripted};
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_often, &askers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(askers[i].thread, NULL);
        assert_int_equal(askers[i].number, 2);
    }
    assert_int_equal(asked_for(&scripted, "Action=AssumeRole&"), 2);
}

/* --- when AWS says that they have expired ----------------------------------------------------------------
 */

static void expired_ones_are_replaced_once_and_the_call_repeated(void **state)
{
    WITH_SERVER(ROLE_RULE("FIRST", "2027-01-15T09:00:00Z", 1), ROLE_RULE("SECOND", "2027-01-15T09:00:00Z", 1),
                EXPIRED(1), VPCS);
    write_text(state, "credentials", ROLE_PROFILE);
    assert_opens(&scripted, "role");
    assert_calls_as(&scripted, "SECOND");
    assert_int_equal(scripted.server.request_count, 4);
}

static void ordinary_calls_give_up_when_the_new_ones_have_expired_too(void **state)
{
    WITH_SERVER(ROLE_RULE("FIRST", "2027-01-15T09:00:00Z", 1), ROLE_RULE("SECOND", "2027-01-15T09:00:00Z", 0),
                EXPIRED(0));
    struct err err;
    write_text(state, "credentials", ROLE_PROFILE);
    assert_opens(&scripted, "role");
    assert_fails(describe(&scripted, &err), err, ERR_AUTH);
    assert_string_equal(err.code, "RequestExpired");
    assert_contains(err.message, "the credentials that replaced them have expired too");
    assert_int_equal(asked_for(&scripted, "Action=AssumeRole&"), 2);
    assert_int_equal(asked_for(&scripted, "Action=DescribeVpcs"), 2);
}

static void set_keys(void **state, const char *name)
{
    char text[256];
    snprintf(text, sizeof text,
             "[default]\naws_access_key_id=%s\naws_secret_access_key=HIDDEN\naws_session_token=T%s\n", name,
             name);
    write_text(state, "credentials", text);
}

static void ordinary_calls_say_that_static_keys_have_expired(void **state)
{
    WITH_SERVER(EXPIRED(0));
    struct err err;
    set_keys(state, "OLD");
    assert_opens(&scripted, NULL);
    assert_fails(describe(&scripted, &err), err, ERR_AUTH);
    assert_contains(err.message, "RequestExpired");
    assert_contains(err.message, "the credentials (credentials file) are still the same");
    assert_int_equal(scripted.server.request_count, 1);
}

/* A person puts new keys into the file while the program waits. */
struct person {
    struct scripted_aws scripted; /* must be first: it is the clock's context */
    void **state;
    double comes_at;
};

static int sleep_of_person(void *context, double seconds, const struct cancel *cancel, enum cancel_level from,
                           struct err *err)
{
    struct person *person = context;
    if (person->scripted.now + seconds > person->comes_at)
        set_keys(person->state, "NEW");
    return scripted_sleep(context, seconds, cancel, from, err);
}

static void tear_down_takes_up_keys_that_somebody_puts_into_the_file(void **state)
{
    static const struct script_rule script[] = {
        {.contains = "Credential=OLD/", .status = 400, .body = EC2_ERROR("RequestExpired")}, VPCS};
    struct person person = {.state = state, .comes_at = 100};
    struct err err;
    scripted_aws_prepare(&person.scripted, script, ARRAY_LENGTH(script));
    person.scripted.clock.sleep = sleep_of_person;
    set_keys(state, "OLD");
    assert_opens(&person.scripted, NULL);
    person.scripted.client.policy = aws_policy_persistent(person.scripted.aws, 600);
    assert_succeeds(describe(&person.scripted, &err), err);
    assert_true(person.scripted.now > 90 && person.scripted.now < 150);
    assert_true(asked_for(&person.scripted, "Credential=OLD/") > 5);
    assert_int_equal(asked_for(&person.scripted, "Credential=NEW/"), 1);
    assert_contains(strbuf_text(&person.scripted.said), "put new credentials where these came from");
    scripted_aws_stop(&person.scripted);
}

static void tear_down_says_at_its_deadline_that_no_new_ones_came(void **state)
{
    WITH_SERVER(EXPIRED(0));
    struct err err;
    set_keys(state, "OLD");
    assert_opens(&scripted, NULL);
    scripted.client.policy = aws_policy_persistent(scripted.aws, 600);
    assert_fails(describe(&scripted, &err), err, ERR_AUTH);
    assert_true(scripted.now > 570 && scripted.now < 601);
    assert_contains(err.message, "RequestExpired");
    assert_contains(err.message, "are still the same");
}

static void a_storing_call_outlasts_a_sts_that_is_down(void **state)
{
    WITH_SERVER(ROLE_RULE("FIRST", "2027-01-15T09:00:00Z", 1),
                {.contains = "Action=AssumeRole&", .status = 503, .times = 30},
                ROLE_RULE("SECOND", "2027-01-15T11:00:00Z", 1), VPCS);
    write_text(state, "credentials", ROLE_PROFILE);
    assert_opens(&scripted, "role");
    scripted.now = 3700;
    scripted.client.policy = aws_policy_persistent(scripted.aws, 600);
    assert_calls_as(&scripted, "SECOND");
}

/* --- how long they hold -----------------------------------------------------------------------------------
 */

static struct aws_credentials_end end_of(struct scripted_aws *scripted, const char *profile)
{
    struct aws_credentials_end end;
    assert_opens(scripted, profile);
    aws_credentials_end(scripted->aws, &end);
    return end;
}

static void static_keys_have_no_end(void **state)
{
    WITH_SERVER(VPCS);
    write_text(state, "credentials", SOURCE_KEYS);
    struct aws_credentials_end end = end_of(&scripted, "source");
    assert_string_equal(end.source, "credentials file");
    assert_true(!end.temporary && !end.renewable && end.at == 0);
}

static void keys_of_the_environment_end_when_it_says(void **state UNUSED)
{
    WITH_SERVER(VPCS);
    setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "HIDDEN", 1);
    setenv("AWS_SESSION_TOKEN", "TOKEN", 1);
    setenv("AWS_CREDENTIAL_EXPIRATION", "2027-01-15T08:20:00Z", 1);
    struct aws_credentials_end end = end_of(&scripted, NULL);
    assert_true(end.temporary && !end.renewable && end.at == (int64_t)SCRIPTED_TIME + 1200);
}

static void a_role_ends_with_what_it_is_assumed_with(void **state)
{
    WITH_SERVER(ROLE_RULE("ROLEKEY", "2027-01-15T09:00:00Z", 0), VPCS);
    write_text(state, "config",
               "[profile role]\nrole_arn=arn:aws:iam::1:role/r\ncredential_source=Environment\n");
    setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "HIDDEN", 1);
    setenv("AWS_SESSION_TOKEN", "TOKEN", 1);
    setenv("AWS_CREDENTIAL_EXPIRATION", "2027-01-15T09:30:00Z", 1);
    struct aws_credentials_end end = end_of(&scripted, "role");
    assert_true(end.temporary && end.renewable && end.at == (int64_t)SCRIPTED_TIME + 5400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_EMPTY_HOME(they_are_renewed_five_to_ten_minutes_ahead),
        IN_EMPTY_HOME(a_reserve_is_kept_in_them),
        IN_EMPTY_HOME(short_lived_ones_are_renewed_at_half_time_not_at_every_call),
        IN_EMPTY_HOME(while_they_can_not_be_renewed_those_that_are_left_are_used),
        IN_EMPTY_HOME(credentials_of_another_place_are_not_taken_over),
        IN_EMPTY_HOME(a_clock_that_is_ahead_does_not_make_new_ones_old),
        IN_EMPTY_HOME(one_thread_renews_for_all),
        IN_EMPTY_HOME(expired_ones_are_replaced_once_and_the_call_repeated),
        IN_EMPTY_HOME(ordinary_calls_give_up_when_the_new_ones_have_expired_too),
        IN_EMPTY_HOME(ordinary_calls_say_that_static_keys_have_expired),
        IN_EMPTY_HOME(tear_down_takes_up_keys_that_somebody_puts_into_the_file),
        IN_EMPTY_HOME(tear_down_says_at_its_deadline_that_no_new_ones_came),
        IN_EMPTY_HOME(a_storing_call_outlasts_a_sts_that_is_down),
        IN_EMPTY_HOME(static_keys_have_no_end),
        IN_EMPTY_HOME(keys_of_the_environment_end_when_it_says),
        IN_EMPTY_HOME(a_role_ends_with_what_it_is_assumed_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
