#include "unit.h"

#include "aws/retry.h"

static void the_code_decides_before_the_status(void **state UNUSED)
{
    assert_int_equal(retry_classify("RequestLimitExceeded", 503), RETRY_THROTTLING);
    assert_int_equal(retry_classify("SlowDown", 503), RETRY_THROTTLING);
    assert_int_equal(retry_classify("ThrottlingException", 400), RETRY_THROTTLING);
    assert_int_equal(retry_classify("RequestTimeout", 400), RETRY_TRANSIENT);
    assert_int_equal(retry_classify("ConditionalRequestConflict", 409), RETRY_TRANSIENT);
}

static void the_status_decides_without_a_code(void **state UNUSED)
{
    const int transient[] = {0, 500, 502, 503, 504};
    const int final[] = {200, 301, 400, 401, 403, 404, 409, 412, 501};
    for (size_t i = 0; i < ARRAY_LENGTH(transient); i++)
        assert_int_equal(retry_classify(i % 2 ? "" : NULL, transient[i]), RETRY_TRANSIENT);
    for (size_t i = 0; i < ARRAY_LENGTH(final); i++)
        assert_int_equal(retry_classify("SomethingNew", final[i]), RETRY_NEVER);
    assert_int_equal(retry_classify("", 429), RETRY_THROTTLING);
    assert_int_equal(retry_classify("SomethingNew", 500), RETRY_TRANSIENT);
}

static void assert_delay(enum retry_reason reason, unsigned retry, double fraction, double wanted)
{
    assert_true(retry_delay(reason, retry, fraction) == wanted);
}

static void delays_double_from_their_base_to_twenty_seconds(void **state UNUSED)
{
    assert_delay(RETRY_TRANSIENT, 0, 1, 0.05);
    assert_delay(RETRY_TRANSIENT, 1, 1, 0.1);
    assert_delay(RETRY_TRANSIENT, 2, 0.5, 0.1);
    assert_delay(RETRY_THROTTLING, 0, 1, 1);
    assert_delay(RETRY_THROTTLING, 3, 1, 8);
    assert_delay(RETRY_THROTTLING, 5, 1, 20);
    assert_delay(RETRY_TRANSIENT, 4000000000u, 1, 20);
    assert_delay(RETRY_THROTTLING, 3, 0, 0);
}

static void the_quota_runs_dry_and_recovers(void **state UNUSED)
{
    struct retry_quota quota;
    retry_quota_init(&quota);
    for (int i = 0; i < RETRY_QUOTA_TOKENS / 14; i++)
        assert_int_equal(retry_quota_take(&quota, RETRY_TRANSIENT), 14);
    assert_int_equal(retry_quota_take(&quota, RETRY_TRANSIENT), 0);
    assert_int_equal(retry_quota_take(&quota, RETRY_THROTTLING), 5);
    assert_int_equal(quota.tokens, 500 % 14 - 5);
    retry_quota_return(&quota, 14);
    assert_int_equal(retry_quota_take(&quota, RETRY_TRANSIENT), 14);
    retry_quota_return(&quota, 0);
    assert_int_equal(quota.tokens, 500 % 14 - 5 + 1);
    retry_quota_destroy(&quota);
}

static void the_quota_never_grows_past_its_size(void **state UNUSED)
{
    struct retry_quota quota;
    retry_quota_init(&quota);
    retry_quota_return(&quota, 0);
    retry_quota_return(&quota, 14);
    assert_int_equal(quota.tokens, RETRY_QUOTA_TOKENS);
    retry_quota_destroy(&quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_code_decides_before_the_status),
        cmocka_unit_test(the_status_decides_without_a_code),
        cmocka_unit_test(delays_double_from_their_base_to_twenty_seconds),
        cmocka_unit_test(the_quota_runs_dry_and_recovers),
        cmocka_unit_test(the_quota_never_grows_past_its_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
