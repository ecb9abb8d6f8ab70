#include "unit.h"

#include "base/cancel.h"
#include "base/clock.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>

#define THREADS 8

struct asker {
    struct cancel *cancel;
    enum cancel_level level;
    int signal_number;
};

static void *ask_often(void *argument)
{
    struct asker *asker = argument;
    for (int i = 0; i < 10000; i++) /* more than a pipe holds */
        cancel_request(asker->cancel, asker->level, asker->signal_number);
    return NULL;
}

/* Gives back its argument when the level was never seen to fall. */
static void *watch(void *argument)
{
    const struct cancel *cancel = argument;
    enum cancel_level last = CANCEL_NONE;
    while (last < CANCEL_ABANDON) {
        enum cancel_level level = cancel_level(cancel);
        if (level < last)
            return NULL;
        last = level;
    }
    return argument;
}

static void the_level_never_falls_whoever_asks(void **state UNUSED)
{
    struct err err = {0};
    struct cancel cancel;
    struct asker askers[THREADS];
    pthread_t asking[THREADS];
    pthread_t watching;
    void *held = NULL;
    assert_succeeds(cancel_init(&cancel, &err), err);
    assert_int_equal(pthread_create(&watching, NULL, watch, &cancel), 0);
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){&cancel, i % 2 ? CANCEL_ABANDON : CANCEL_DRAIN, i % 2 ? SIGTERM : SIGINT};
        assert_int_equal(pthread_create(&asking[i], NULL, ask_often, &askers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(asking[i], NULL);
    pthread_join(watching, &held);
    assert_ptr_equal(held, &cancel);
    assert_int_equal(cancel_level(&cancel), CANCEL_ABANDON);
    int first = atomic_load(&cancel.signal_number);
    assert_true(first == SIGTERM || first == SIGINT);
    cancel_destroy(&cancel);
}

static void the_first_signal_is_remembered(void **state UNUSED)
{
    struct err err = {0};
    struct cancel cancel;
    assert_succeeds(cancel_init(&cancel, &err), err);
    assert_false(cancel_requested(&cancel));
    assert_succeeds(cancel_check(&cancel, CANCEL_DRAIN, &err), err);
    cancel_request(&cancel, CANCEL_DRAIN, SIGTERM);
    cancel_request(&cancel, CANCEL_ABANDON, SIGINT);
    assert_int_equal(atomic_load(&cancel.signal_number), SIGTERM);
    assert_fails(cancel_check(&cancel, CANCEL_DRAIN, &err), err, ERR_CANCELLED);
    assert_fails(cancel_check(&cancel, CANCEL_ABANDON, &err), err, ERR_CANCELLED);
    cancel_destroy(&cancel);
}

/* Waits as the program does, until the second request. */
static void *wait_for_both(void *argument)
{
    const struct cancel *cancel = argument;
    while (cancel_check(cancel, CANCEL_ABANDON, NULL) == 0)
        cancel_wait(-1, 0, 60, cancel);
    return argument;
}

static void
everyone_who_waits_wakes_at_once_for_the_first_request_and_soon_for_the_second(void **state UNUSED)
{
    struct err err = {0};
    struct cancel cancel;
    struct clock clock = clock_system();
    pthread_t waiting[THREADS];
    assert_succeeds(cancel_init(&cancel, &err), err);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&waiting[i], NULL, wait_for_both, &cancel), 0);
    double started = clock_monotonic(&clock);
    cancel_request(&cancel, CANCEL_DRAIN, SIGINT);
    struct pollfd wake = {.fd = cancel_fd(&cancel), .events = POLLIN};
    assert_int_equal(poll(&wake, 1, 0), 1);
    cancel_request(&cancel, CANCEL_ABANDON, SIGINT);
    for (int i = 0; i < THREADS; i++)
        pthread_join(waiting[i], NULL);
    assert_true(clock_monotonic(&clock) - started < 30); /* half of what each wait would last */
    cancel_destroy(&cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_level_never_falls_whoever_asks),
        cmocka_unit_test(the_first_signal_is_remembered),
        cmocka_unit_test(everyone_who_waits_wakes_at_once_for_the_first_request_and_soon_for_the_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
