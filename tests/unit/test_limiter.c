#include "unit.h"

#include "aws/limiter.h"
#include "aws/retry.h"

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

/* Seconds that a new call has to wait. */
static double ask_for(void **state, const char *action, size_t resources, double now)
{
    struct limiter_turn turn = limiter_take(*state, action, resources, now);
    return limiter_wait(*state, &turn, now);
}

static double ask(void **state, const char *action, double now)
{
    return ask_for(state, action, 1, now);
}

static void throttle(void **state, const char *action, double now)
{
    struct limiter_turn turn = limiter_take(*state, action, 1, now);
    limiter_throttled(*state, &turn, now);
}

static bool is_near(double value, double wanted)
{
    return fabs(value - wanted) < 1e-6;
}

static void a_burst_passes_then_the_documented_rate(void **state)
{
    for (int i = 0; i < 5; i++)
        assert_true(ask(state, "RunInstances", 100) == 0);
    for (int i = 1; i <= 10; i++)
        assert_true(is_near(ask(state, "RunInstances", 100), i * 0.5));
}

/* 5 at once, then 2 a second: no less than 147.5 s for 300. */
static void three_hundred_launches_take_as_long_as_ec2_says(void **state)
{
    double last = 0;
    for (int i = 0; i < 300; i++)
        last = ask(state, "RunInstances", 0);
    assert_true(is_near(last, 147.5));
}

static void tokens_come_back_with_time_up_to_the_capacity(void **state)
{
    for (int i = 0; i < 5; i++)
        ask(state, "RunInstances", 0);
    for (int i = 0; i < 5; i++)
        assert_true(ask(state, "RunInstances", 1000) == 0);
    assert_true(ask(state, "RunInstances", 1000) > 0);
}

static void actions_do_not_take_from_each_other(void **state)
{
    for (int i = 0; i < 50; i++)
        ask(state, "RunInstances", 0);
    assert_true(ask(state, "TerminateInstances", 0) == 0);
    assert_true(ask(state, "DescribeInstances", 0) == 0);
    assert_true(ask(state, "SomethingNew", 0) == 0);
}

/* How many calls pass at once, and then how many a second. */
static void assert_bucket(void **state, const char *action, int capacity, double rate)
{
    for (int i = 0; i < capacity; i++)
        assert_true(ask(state, action, 0) == 0);
    assert_true(is_near(ask(state, action, 0), 1 / rate));
}

static void each_api_has_the_bucket_that_aws_documents(void **state)
{
    assert_bucket(state, "RunInstances", 5, 2);
    assert_bucket(state, "TerminateInstances", 100, 5);
    assert_bucket(state, "DescribeInstances", 100, 20);
    assert_bucket(state, LIMITER_INSTANCES_BY_ID, 50, 10);
    assert_bucket(state, "CreateTags", 100, 10);
    assert_bucket(state, "AuthorizeSecurityGroupIngress", 50, 5);
}

static void the_instances_of_a_batch_count_too(void **state)
{
    assert_true(ask_for(state, "TerminateInstances", 1000, 0) == 0);
    assert_true(is_near(ask_for(state, "TerminateInstances", 100, 0), 5));
}

static void throttling_halves_the_rate_once_a_second(void **state)
{
    throttle(state, "RunInstances", 10);
    throttle(state, "RunInstances", 10.5);
    assert_true(limiter_rate(*state, "RunInstances") == 1);
    throttle(state, "RunInstances", 11.5);
    assert_true(limiter_rate(*state, "RunInstances") == 0.5);
    assert_true(limiter_rate(*state, "TerminateInstances") == 5);
    assert_true(ask(state, "RunInstances", 11.5) > 1);
}

static void the_rate_never_falls_to_nothing(void **state)
{
    for (int i = 0; i < 1000; i++)
        throttle(state, "DescribeInstances", i * 2.0);
    assert_true(limiter_rate(*state, "DescribeInstances") == 0.5);
}

static void success_brings_the_rate_back_also_for_those_who_wait(void **state)
{
    struct limiter_turn turn = {0};
    for (int i = 0; i < 10; i++)
        throttle(state, "RunInstances", i * 2.0);
    for (int i = 0; i < 20; i++)
        turn = limiter_take(*state, "RunInstances", 1, 20);
    double slow = limiter_wait(*state, &turn, 20);
    for (int i = 0; i < 100; i++)
        limiter_passed(*state, &turn, 20);
    assert_true(limiter_rate(*state, "RunInstances") == 2);
    assert_true(is_near(limiter_wait(*state, &turn, 20), slow / 4));
}

static void a_call_that_was_throttled_goes_before_those_that_came_later(void **state)
{
    struct limiter_turn first = limiter_take(*state, "RunInstances", 1, 0);
    for (int i = 0; i < 50; i++)
        ask(state, "RunInstances", 0);
    double last = ask(state, "RunInstances", 0);
    limiter_throttled(*state, &first, 0);
    limiter_retake(*state, &first, 0);
    assert_true(limiter_wait(*state, &first, 0) == 0);
    assert_true(is_near(ask(state, "RunInstances", 0), 2 * last + 2)); /* half the rate, one more before it */
}

/* --- a simulation ----------------------------------------------------------------------------------------
 */

#define CALLERS 100
#define CALLS 3 /* of each */

/* A service that grants so many calls a second, whatever the limiter thinks, and refuses the first few
 * anyway. */
struct service {
    double capacity;
    double refill;
    double tokens;
    double filled_at;
    unsigned refuses;
};

static bool grants(struct service *service, double now)
{
    service->tokens = fmin(service->capacity, service->tokens + (now - service->filled_at) * service->refill);
    service->filled_at = now;
    if (service->refuses > 0) {
        service->refuses--;
        return false;
    }
    if (service->tokens < 1)
        return false;
    service->tokens -= 1;
    return true;
}

/* A thread that makes its calls one after the other, as call.c makes persistent ones. */
struct caller {
    struct limiter_turn turn;
    double next; /* when it looks again */
    double began;
    unsigned done;
    unsigned retries;
    bool has_turn;
};

struct outcome {
    double end;
    double longest; /* seconds of one call from beginning to end */
    unsigned throttled;
};

static double chance(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) / 16777216.0;
}

static void step(void **state, struct service *service, struct caller *caller, unsigned *seed,
                 struct outcome *outcome)
{
    double now = caller->next;
    if (!caller->has_turn) {
        caller->turn = limiter_take(*state, "RunInstances", 1, now);
        caller->began = now;
        caller->has_turn = true;
    }
    double wait = limiter_wait(*state, &caller->turn, now);
    if (wait > 0) {
        caller->next = now + fmin(wait, 1) + 1e-9;
    } else if (grants(service, now)) {
        limiter_passed(*state, &caller->turn, now);
        outcome->longest = fmax(outcome->longest, now - caller->began);
        outcome->end = now;
        *caller = (struct caller){.next = now, .done = caller->done + 1};
    } else {
        limiter_throttled(*state, &caller->turn, now);
        limiter_retake(*state, &caller->turn, now);
        outcome->throttled++;
        caller->next = now + retry_delay(RETRY_THROTTLING, caller->retries++, chance(seed)) + 1e-9;
    }
}

static struct outcome simulate(void **state, struct service service)
{
    struct caller callers[CALLERS] = {{.next = 0}};
    struct outcome outcome = {0};
    unsigned seed = 1;
    for (unsigned steps = 0;; steps++) {
        struct caller *first = NULL;
        for (size_t i = 0; i < CALLERS; i++) {
            if (callers[i].done < CALLS && (!first || callers[i].next < first->next))
                first = &callers[i];
        }
        if (!first)
            return outcome;
        assert_true(steps < 1000000);
        step(state, &service, first, &seed, &outcome);
    }
}

/* Nobody else uses the account: EC2's own pace, and not one refusal. */
static void a_hundred_threads_keep_to_the_documented_rate(void **state)
{
    struct outcome outcome = simulate(state, (struct service){.capacity = 5, .refill = 2, .tokens = 5});
    assert_int_equal(outcome.throttled, 0);
    assert_true(outcome.end > 147 && outcome.end < 149);
    assert_true(outcome.longest < 51); /* 100 before it, 2 a second: everyone in his turn */
}

/* Others take half of what the account has: all get through, in not much more time than 300 calls need at
 * that rate, and nobody waits much longer than the hundred before him take. */
static void a_storm_converges_and_nobody_starves(void **state)
{
    struct outcome outcome = simulate(state, (struct service){.capacity = 5, .refill = 1, .tokens = 5});
    assert_true(outcome.end >= 295 && outcome.end < 450);
    assert_true(outcome.longest < 200);
    assert_true(outcome.throttled < 200);
}

/* The first 300 requests are refused, whenever they come. */
static void three_hundred_refusals_are_outlasted(void **state)
{
    struct outcome outcome =
        simulate(state, (struct service){.capacity = 5, .refill = 2, .tokens = 5, .refuses = 300});
    assert_int_equal(outcome.throttled >= 300, true);
    assert_true(outcome.throttled < 320);
    assert_true(outcome.end < 300 / 0.5 + 300);
    assert_true(limiter_rate(*state, "RunInstances") == 2); /* and the pace is the old one again */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_burst_passes_then_the_documented_rate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(three_hundred_launches_take_as_long_as_ec2_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tokens_come_back_with_time_up_to_the_capacity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(actions_do_not_take_from_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_api_has_the_bucket_that_aws_documents, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_instances_of_a_batch_count_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(throttling_halves_the_rate_once_a_second, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_rate_never_falls_to_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(success_brings_the_rate_back_also_for_those_who_wait, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_was_throttled_goes_before_those_that_came_later, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_hundred_threads_keep_to_the_documented_rate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_storm_converges_and_nobody_starves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(three_hundred_refusals_are_outlasted, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
