/* One AWS call through all that can happen on its way, against a scripted server and a clock of the test's
 * own. */
#include "unit.h"

#include "scripted_aws.h"

#include "aws/account.h"
#include "aws/query.h"

#include <time.h>

#define OK                                                                                                   \
    {                                                                                                        \
        .status = 200, .body = "<R><v>1</v></R>"                                                             \
    }
#define UNAVAILABLE                                                                                          \
    {                                                                                                        \
        .status = 503, .body = "<html>busy</html>"                                                           \
    }
#define ERROR(http_status, code)                                                                             \
    {                                                                                                        \
        .status = (http_status), .body = EC2_ERROR(code)                                                     \
    }

static int call(struct scripted_aws *scripted, struct err *err)
{
    static const char body[] = "Action=RunInstances";
    const struct query query = {
        .service = AWS_EC2, .action = "RunInstances", .body = body, .length = sizeof body - 1};
    AUTO_ANSWER struct aws_answer answer = {0};
    if (query_send(&scripted->client, &query, &answer, err) < 0)
        return -1;
    assert_string_equal(xml_text(xml_root(answer.xml), "v"), "1");
    return 0;
}

static void a_request_is_dated_signed_and_identified(void **state UNUSED)
{
    WITH_SCRIPT(OK);
    assert_succeeds(call(&scripted, &err), err);
    const char *request = script_request(&scripted.server, 0);
    assert_int_equal(strncmp(request, "POST / HTTP/1.1\r\n", 17), 0);
    assert_non_null(strstr(request, "\r\nX-Amz-Date: 20270115T080000Z\r\n"));
    assert_non_null(strstr(request, "\r\nX-Amz-Security-Token: HIDDENTOKEN\r\n"));
    assert_non_null(strstr(request,
                           "\r\nAuthorization: AWS4-HMAC-SHA256 "
                           "Credential=AKIDEXAMPLE/20270115/us-east-1/ec2/aws4_request, "
                           "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature="));
    assert_non_null(strstr(request, "\r\nUser-Agent: aws-benchmark-collector/"));
    assert_null(strstr(request, "HIDDENKEY"));
    assert_null(strstr(request, "Expect:"));
}

static void connections_are_kept(void **state UNUSED)
{
    WITH_SCRIPT(OK);
    for (int i = 0; i < 5; i++)
        assert_succeeds(call(&scripted, &err), err);
    assert_int_equal(scripted.server.request_count, 5);
    assert_int_equal(scripted.server.connection_count, 1);
}

static void transient_failures_are_tried_three_times_in_all(void **state UNUSED)
{
    WITH_SCRIPT(UNAVAILABLE);
    assert_fails(call(&scripted, &err), err, ERR_NETWORK);
    assert_int_equal(scripted.server.request_count, 3);
    assert_non_null(strstr(err.message, "ec2 RunInstances: status 503"));
}

static void a_retry_can_succeed(void **state UNUSED)
{
    WITH_SCRIPT({.status = 0}, UNAVAILABLE, OK);
    assert_succeeds(call(&scripted, &err), err);
    assert_int_equal(scripted.aws->quota.tokens, RETRY_QUOTA_TOKENS - 14);
}

static void damaged_answers_are_asked_for_again(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200, .body = "<R><v>1</v>"},
                {.status = 200, .body = "<R><v>1</v></R>", .cut = true}, OK);
    assert_succeeds(call(&scripted, &err), err);
    assert_int_equal(scripted.server.request_count, 3);
}

static void a_web_page_with_status_200_is_no_answer(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200, .body = "<!DOCTYPE html><html><body>Welcome</body></html>"},
                {.status = 200, .body = "<HTML><body>Welcome</body></HTML>"}, OK);
    assert_succeeds(call(&scripted, &err), err);
    assert_int_equal(scripted.server.request_count, 3);
}

static void lack_of_capacity_is_not_retried_though_it_comes_as_500(void **state UNUSED)
{
    WITH_SCRIPT(ERROR(500, "InsufficientInstanceCapacity"));
    assert_fails(call(&scripted, &err), err, ERR_CAPACITY);
    assert_string_equal(err.code, "InsufficientInstanceCapacity");
    assert_int_equal(scripted.server.request_count, 1);
}

static void throttling_slows_all_threads_down(void **state UNUSED)
{
    WITH_SCRIPT(ERROR(503, "RequestLimitExceeded"), OK);
    assert_succeeds(call(&scripted, &err), err);
    assert_true(limiter_rate(scripted.aws->limiter, "RunInstances") < 1.1);
}

static void retry_after_is_waited_for(void **state UNUSED)
{
    WITH_SCRIPT({.status = 503, .headers = "Retry-After: 7\r\n"}, OK);
    assert_succeeds(call(&scripted, &err), err);
    assert_true(scripted.now >= 7);
}

static void an_empty_quota_ends_ordinary_retries_alone(void **state UNUSED)
{
    WITH_SCRIPT(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, OK);
    scripted.aws->quota.tokens = 0;
    assert_fails(call(&scripted, &err), err, ERR_NETWORK);
    assert_int_equal(scripted.server.request_count, 1);
    scripted.client.policy = aws_policy_persistent(scripted.aws, 600);
    assert_succeeds(call(&scripted, &err), err);
    assert_int_equal(scripted.aws->quota.tokens, 0);
}

static void persistent_calls_outlast_ten_minutes_of_503(void **state UNUSED)
{
    WITH_SCRIPT(UNAVAILABLE);
    scripted.client.policy = aws_policy_persistent(scripted.aws, 600);
    assert_fails(call(&scripted, &err), err, ERR_NETWORK);
    assert_true(scripted.now > 570 && scripted.now < 600);
    assert_true(scripted.server.request_count > 30);
}

static void a_deadline_holds_for_ordinary_calls_too(void **state UNUSED)
{
    WITH_SCRIPT({.status = 503, .headers = "Retry-After: 7\r\n"});
    scripted.client.policy.deadline = 5;
    assert_fails(call(&scripted, &err), err, ERR_NETWORK);
    assert_int_equal(scripted.server.request_count, 1);
    scripted.now = 6;
    assert_fails(call(&scripted, &err), err, ERR_NETWORK);
    assert_int_equal(scripted.server.request_count, 1);
    assert_non_null(strstr(err.message, "deadline"));
}

/* One hour after SCRIPTED_TIME. */
#define AN_HOUR_LATER "Date: Fri, 15 Jan 2027 09:00:00 GMT\r\n"

static void a_wrong_clock_is_corrected_once_and_for_all(void **state UNUSED)
{
    WITH_SCRIPT({.status = 401, .headers = AN_HOUR_LATER, .body = EC2_ERROR("AuthFailure")}, OK);
    assert_succeeds(call(&scripted, &err), err);
    assert_non_null(strstr(script_request(&scripted.server, 1), "X-Amz-Date: 20270115T090000Z"));
    assert_non_null(strstr(strbuf_text(&scripted.said), "warning: this machine's clock is 3600 seconds off"));
    assert_succeeds(call(&scripted, &err), err);
    assert_non_null(strstr(script_request(&scripted.server, 2), "X-Amz-Date: 20270115T090000Z"));
}

static void a_second_refusal_after_correcting_the_clock_is_final(void **state UNUSED)
{
    WITH_SCRIPT({.status = 403,
                 .headers = AN_HOUR_LATER,
                 .body = "<Error><Code>RequestTimeTooSkewed</Code></Error>"});
    assert_fails(call(&scripted, &err), err, ERR_AUTH);
    assert_int_equal(scripted.server.request_count, 2);
}

static void a_right_clock_is_left_alone(void **state UNUSED)
{
    WITH_SCRIPT({.status = 401,
                 .headers = "Date: Fri, 15 Jan 2027 08:03:00 GMT\r\n",
                 .body = EC2_ERROR("AuthFailure")});
    assert_fails(call(&scripted, &err), err, ERR_AUTH);
    assert_int_equal(scripted.server.request_count, 1);
    assert_int_equal(atomic_load(&scripted.aws->clock_offset), 0);
}

/* Four minutes are the limit, either way. */
static void a_clock_is_corrected_from_four_minutes_on(void **state UNUSED)
{
    WITH_SCRIPT({.status = 401,
                 .headers = "Date: Fri, 15 Jan 2027 08:04:00 GMT\r\n",
                 .body = EC2_ERROR("AuthFailure"),
                 .contains = "20270115T080000Z",
                 .times = 1},
                {.status = 401,
                 .headers = "Date: Fri, 15 Jan 2027 07:55:59 GMT\r\n",
                 .body = EC2_ERROR("AuthFailure"),
                 .contains = "20270115T080000Z"},
                {.contains = "20270115T075559Z", .status = 200, .body = "<R><v>1</v></R>"});
    assert_fails(call(&scripted, &err), err, ERR_AUTH);
    assert_int_equal(scripted.server.request_count, 1);
    assert_succeeds(call(&scripted, &err), err);
    assert_int_equal(atomic_load(&scripted.aws->clock_offset), -241);
}

static void what_was_not_clearly_refused_may_have_happened(void **state UNUSED)
{
    WITH_SCRIPT({.status = 0}, ERROR(403, "UnauthorizedOperation"), ERROR(403, "UnauthorizedOperation"), OK);
    assert_fails(call(&scripted, &err), err, ERR_AUTH);
    assert_true(scripted.client.may_have_happened);
    assert_fails(call(&scripted, &err), err, ERR_AUTH);
    assert_false(scripted.client.may_have_happened);
    const struct query query = {.service = AWS_EC2, .action = "X", .body = "", .max_answer = 1};
    AUTO_ANSWER struct aws_answer answer = {0};
    assert_fails(query_send(&scripted.client, &query, &answer, &err), err, ERR_DATA);
    assert_true(scripted.client.may_have_happened);
}

static void an_answer_that_is_too_long_is_refused_at_once(void **state UNUSED)
{
    WITH_SCRIPT(OK);
    const struct query query = {.service = AWS_EC2, .action = "X", .body = "", .max_answer = 10};
    AUTO_ANSWER struct aws_answer answer = {0};
    assert_fails(query_send(&scripted.client, &query, &answer, &err), err, ERR_DATA);
    assert_int_equal(scripted.server.request_count, 1);
}

struct interruption {
    struct cancel *cancel;
    enum cancel_level level;
};

static void *interrupt_soon(void *context)
{
    const struct interruption *interruption = context;
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    cancel_request(interruption->cancel, interruption->level, 2);
    return NULL;
}

/* Seconds that a call takes which is never answered, when the user asks to stop after 0.2. */
static double interrupted_after(struct scripted_aws *scripted, enum cancel_level level, struct err *err)
{
    struct interruption interruption = {&scripted->cancel, level};
    struct clock clock = clock_system();
    double start = clock_monotonic(&clock);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, &interruption), 0);
    assert_fails(call(scripted, err), *err, ERR_CANCELLED);
    pthread_join(thread, NULL);
    return clock_monotonic(&clock) - start;
}

static void the_first_interrupt_stops_a_call_in_the_middle(void **state UNUSED)
{
    WITH_SCRIPT({.silent = true});
    assert_true(interrupted_after(&scripted, CANCEL_DRAIN, &err) < 0.9);
    assert_fails(call(&scripted, &err), err, ERR_CANCELLED);
    assert_true(scripted.server.request_count <= 1); /* nothing was sent after the interrupt */
}

static void tear_down_survives_the_first_interrupt_but_not_the_second(void **state UNUSED)
{
    WITH_SCRIPT(UNAVAILABLE, OK, {.silent = true});
    cancel_request(&scripted.cancel, CANCEL_DRAIN, 2);
    scripted.client.policy = aws_policy_persistent(scripted.aws, 600);
    assert_succeeds(call(&scripted, &err), err);
    assert_true(interrupted_after(&scripted, CANCEL_ABANDON, &err) < 0.9);
}

static void
a_call_that_waits_for_its_turn_is_stopped_as_long_as_nothing_can_have_happened(void **state UNUSED)
{
    WITH_SCRIPT(ERROR(503, "RequestLimitExceeded"), {.status = 503}, OK);
    cancel_request(&scripted.cancel, CANCEL_DRAIN, 2);
    scripted.client.policy = aws_policy_persistent(scripted.aws, 600);
    scripted.client.policy.stop_unsent_at = CANCEL_DRAIN;
    assert_fails(call(&scripted, &err), err, ERR_CANCELLED);
    assert_false(scripted.client.may_have_happened);
    assert_int_equal(scripted.server.request_count, 0);
    scripted.client.policy.stop_unsent_at = CANCEL_NONE;
    assert_succeeds(call(&scripted, &err), err);
}

/* Ctrl-C comes while the call waits for its second attempt. */
static int interrupted_sleep(void *context, double seconds, const struct cancel *cancel,
                             enum cancel_level from, struct err *err)
{
    struct scripted_aws *scripted = context;
    if (seconds > 0)
        cancel_request(&scripted->cancel, CANCEL_DRAIN, 2);
    return scripted_sleep(context, seconds, cancel, from, err);
}

static void what_may_have_happened_is_asked_for_to_the_end(void **state UNUSED)
{
    WITH_SCRIPT({.status = 0}, OK);
    scripted.aws->clock.sleep = interrupted_sleep;
    scripted.client.policy = aws_policy_persistent(scripted.aws, 600);
    scripted.client.policy.stop_unsent_at = CANCEL_DRAIN;
    assert_succeeds(call(&scripted, &err), err);
    assert_true(cancel_requested(&scripted.cancel));
}

static void many_resources_wait_for_their_own_bucket(void **state UNUSED)
{
    WITH_SCRIPT(OK);
    const struct query query = {
        .service = AWS_EC2, .action = "TerminateInstances", .body = "", .resources = 1000};
    for (int i = 0; i < 2; i++) {
        AUTO_ANSWER struct aws_answer answer = {0};
        assert_succeeds(query_send(&scripted.client, &query, &answer, &err), err);
    }
    assert_true(scripted.now > 49.9 && scripted.now < 51);
}

static void nothing_secret_is_logged(void **state UNUSED)
{
    WITH_SCRIPT(UNAVAILABLE, ERROR(403, "UnauthorizedOperation"));
    assert_fails(call(&scripted, &err), err, ERR_AUTH);
    assert_true(scripted.said.length > 0);
    assert_null(strstr(strbuf_text(&scripted.said), "HIDDEN"));
    assert_null(strstr(strbuf_text(&scripted.said), "Signature"));
    assert_null(strstr(err.message, "HIDDEN"));
}

static int set_up(void **state UNUSED)
{
    return aws_global_init(NULL);
}

static int tear_down(void **state UNUSED)
{
    aws_global_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_dated_signed_and_identified),
        cmocka_unit_test(connections_are_kept),
        cmocka_unit_test(transient_failures_are_tried_three_times_in_all),
        cmocka_unit_test(a_retry_can_succeed),
        cmocka_unit_test(damaged_answers_are_asked_for_again),
        cmocka_unit_test(a_web_page_with_status_200_is_no_answer),
        cmocka_unit_test(lack_of_capacity_is_not_retried_though_it_comes_as_500),
        cmocka_unit_test(throttling_slows_all_threads_down),
        cmocka_unit_test(retry_after_is_waited_for),
        cmocka_unit_test(an_empty_quota_ends_ordinary_retries_alone),
        cmocka_unit_test(persistent_calls_outlast_ten_minutes_of_503),
        cmocka_unit_test(a_deadline_holds_for_ordinary_calls_too),
        cmocka_unit_test(a_wrong_clock_is_corrected_once_and_for_all),
        cmocka_unit_test(a_second_refusal_after_correcting_the_clock_is_final),
        cmocka_unit_test(a_right_clock_is_left_alone),
        cmocka_unit_test(a_clock_is_corrected_from_four_minutes_on),
        cmocka_unit_test(what_was_not_clearly_refused_may_have_happened),
        cmocka_unit_test(an_answer_that_is_too_long_is_refused_at_once),
        cmocka_unit_test(the_first_interrupt_stops_a_call_in_the_middle),
        cmocka_unit_test(tear_down_survives_the_first_interrupt_but_not_the_second),
        cmocka_unit_test(a_call_that_waits_for_its_turn_is_stopped_as_long_as_nothing_can_have_happened),
        cmocka_unit_test(what_may_have_happened_is_asked_for_to_the_end),
        cmocka_unit_test(many_resources_wait_for_their_own_bucket),
        cmocka_unit_test(nothing_secret_is_logged),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
