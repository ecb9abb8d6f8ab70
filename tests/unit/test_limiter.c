#include "unit.h"

#include "aws/limiter.h"

#include <math.h>

static int set_up(void **state)
{
    *state = limiter_new(NULL);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    limiter_free(*state);
    return 0;
}

static void a_burst_passes_then_the_documented_rate(void **state)
{
    for (int i = 0; i < 5; i++)
        assert_true(limiter_take(*state, "RunInstances", 100) == 0);
    for (int i = 1; i <= 10; i++)
        assert_true(fabs(limiter_take(*state, "RunInstances", 100) - i * 0.5) < 1e-9);
}

/* 5 at once, then 2 a second: no less than 147.5 s for 300. */
static void three_hundred_launches_take_as_long_as_ec2_says(void **state)
{
    double last = 0;
    for (int i = 0; i < 300; i++)
        last = limiter_take(*state, "RunInstances", 0);
    assert_true(fabs(last - 147.5) < 1e-9);
}

static void tokens_come_back_with_time_up_to_the_capacity(void **state)
{
    for (int i = 0; i < 5; i++)
        limiter_take(*state, "RunInstances", 0);
    assert_true(limiter_take(*state, "RunInstances", 1000) == 0);
    for (int i = 0; i < 4; i++)
        assert_true(limiter_take(*state, "RunInstances", 1000) == 0);
    assert_true(limiter_take(*state, "RunInstances", 1000) > 0);
}

static void actions_do_not_take_from_each_other(void **state)
{
    for (int i = 0; i < 50; i++)
        limiter_take(*state, "RunInstances", 0);
    assert_true(limiter_take(*state, "TerminateInstances", 0) == 0);
    assert_true(limiter_take(*state, "DescribeInstances", 0) == 0);
    assert_true(limiter_take(*state, "SomethingNew", 0) == 0);
}

static void throttling_halves_the_rate_once_a_second(void **state)
{
    limiter_throttled(*state, "RunInstances", 10);
    limiter_throttled(*state, "RunInstances", 10.5);
    assert_true(limiter_rate(*state, "RunInstances") == 1);
    limiter_throttled(*state, "RunInstances", 11.5);
    assert_true(limiter_rate(*state, "RunInstances") == 0.5);
    assert_true(limiter_rate(*state, "TerminateInstances") == 5);
    assert_true(limiter_take(*state, "RunInstances", 11.5) > 1);
}

static void the_rate_never_falls_to_nothing(void **state)
{
    for (int i = 0; i < 1000; i++)
        limiter_throttled(*state, "RunInstances", i * 2.0);
    assert_true(limiter_rate(*state, "RunInstances") >= 0.1);
    assert_true(limiter_take(*state, "RunInstances", 2000) < 60);
}

static void success_brings_the_rate_back(void **state)
{
    limiter_throttled(*state, "RunInstances", 0);
    for (int i = 0; i < 100; i++)
        limiter_passed(*state, "RunInstances");
    assert_true(limiter_rate(*state, "RunInstances") == 2);
}

/* What AWS does while 300 callers want 2 a second from a service that grants only half of that: those in the
 * queue get through in the end, and the limiter settles near what is granted. */
static void a_storm_converges(void **state)
{
    double now = 0, granted_until = 0;
    int throttled = 0;
    for (int passed = 0; passed < 300;) {
        now += limiter_take(*state, "RunInstances", now) + 1e-6;
        if (now >= granted_until) {
            granted_until = now + 1;
            limiter_passed(*state, "RunInstances");
            passed++;
        } else {
            limiter_throttled(*state, "RunInstances", now);
            throttled++;
        }
        assert_true(now < 1200);
    }
    assert_true(throttled < 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_burst_passes_then_the_documented_rate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(three_hundred_launches_take_as_long_as_ec2_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tokens_come_back_with_time_up_to_the_capacity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(actions_do_not_take_from_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(throttling_halves_the_rate_once_a_second, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_rate_never_falls_to_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(success_brings_the_rate_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_storm_converges, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
