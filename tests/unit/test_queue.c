#include "unit.h"

#include "base/clock.h"
#include "base/queue.h"

#include <stdatomic.h>

#define PRODUCERS 4
#define CONSUMERS 3
#define ITEMS 2000 /* of each producer */

struct traffic {
    struct queue queue;
    atomic_int times_taken[PRODUCERS * ITEMS];
};

struct producer {
    struct traffic *traffic;
    size_t number;
    size_t pushed;
};

/* Items are 1 and up: NULL is none. */
static void *item_of(size_t number)
{
    return (void *)(uintptr_t)(number + 1);
}

static void *produce(void *argument)
{
    struct producer *producer = argument;
    for (size_t i = 0; i < ITEMS; i++)
        producer->pushed += queue_push(&producer->traffic->queue, item_of(producer->number * ITEMS + i), -1);
    return NULL;
}

static void *consume(void *argument)
{
    struct traffic *traffic = argument;
    void *item;
    while ((item = queue_pop(&traffic->queue, -1)))
        atomic_fetch_add(&traffic->times_taken[(uintptr_t)item - 1], 1);
    return NULL;
}

static void every_item_is_taken_once_whoever_pushes_and_pops(void **state UNUSED)
{
    struct err err = {0};
    struct traffic *traffic = calloc(1, sizeof *traffic);
    struct producer producers[PRODUCERS];
    pthread_t pushing[PRODUCERS];
    pthread_t popping[CONSUMERS];
    assert_non_null(traffic);
    assert_succeeds(queue_init(&traffic->queue, 7, &err), err);
    for (size_t i = 0; i < CONSUMERS; i++)
        assert_int_equal(pthread_create(&popping[i], NULL, consume, traffic), 0);
    for (size_t i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){traffic, i, 0};
        assert_int_equal(pthread_create(&pushing[i], NULL, produce, &producers[i]), 0);
    }
    for (size_t i = 0; i < PRODUCERS; i++) {
        pthread_join(pushing[i], NULL);
        assert_int_equal(producers[i].pushed, ITEMS);
    }
    queue_close(&traffic->queue);
    for (size_t i = 0; i < CONSUMERS; i++)
        pthread_join(popping[i], NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(traffic->times_taken); i++)
        assert_int_equal(atomic_load(&traffic->times_taken[i]), 1);
    assert_true(queue_drained(&traffic->queue));
    queue_destroy(&traffic->queue, NULL);
    free(traffic);
}

static void items_leave_in_the_order_in_which_they_came(void **state UNUSED)
{
    struct err err = {0};
    struct queue queue;
    assert_succeeds(queue_init(&queue, 3, &err), err);
    for (size_t i = 0; i < 100; i++) {
        assert_true(queue_push(&queue, item_of(2 * i), 0));
        assert_true(queue_push(&queue, item_of(2 * i + 1), 0));
        assert_ptr_equal(queue_pop(&queue, 0), item_of(2 * i));
        assert_ptr_equal(queue_pop(&queue, 0), item_of(2 * i + 1));
    }
    queue_destroy(&queue, NULL);
}

static void a_full_queue_and_an_empty_one_are_waited_for_no_longer_than_said(void **state UNUSED)
{
    struct err err = {0};
    struct queue queue;
    struct clock clock = clock_system();
    assert_succeeds(queue_init(&queue, 1, &err), err);
    double started = clock_monotonic(&clock);
    assert_null(queue_pop(&queue, 0.05));
    assert_true(queue_push(&queue, item_of(0), 0.05));
    assert_false(queue_push(&queue, item_of(1), 0.05));
    double waited = clock_monotonic(&clock) - started;
    assert_true(waited >= 0.1);
    assert_false(queue_drained(&queue));
    queue_destroy(&queue, NULL);
}

static void *push_one_more(void *argument)
{
    return queue_push(argument, item_of(1), -1) ? argument : NULL;
}

/* Whether the pusher waits already or not yet, closing ends it. */
static void closing_wakes_who_waits_for_room_and_refuses_what_comes_later(void **state UNUSED)
{
    struct err err = {0};
    struct queue queue;
    pthread_t pusher;
    void *accepted = &queue;
    assert_succeeds(queue_init(&queue, 1, &err), err);
    assert_true(queue_push(&queue, item_of(0), 0));
    assert_int_equal(pthread_create(&pusher, NULL, push_one_more, &queue), 0);
    queue_close(&queue);
    pthread_join(pusher, &accepted);
    assert_null(accepted);
    assert_false(queue_push(&queue, item_of(2), -1));
    assert_ptr_equal(queue_pop(&queue, -1), item_of(0));
    assert_null(queue_pop(&queue, -1));
    queue_destroy(&queue, NULL);
}

static void mark(void *item)
{
    *(bool *)item = true;
}

static void what_is_left_goes_to_the_destructor(void **state UNUSED)
{
    struct err err = {0};
    struct queue queue;
    bool destroyed[3] = {false};
    assert_succeeds(queue_init(&queue, 4, &err), err);
    for (size_t i = 0; i < ARRAY_LENGTH(destroyed); i++)
        assert_true(queue_push(&queue, &destroyed[i], 0));
    assert_ptr_equal(queue_pop(&queue, 0), &destroyed[0]);
    queue_destroy(&queue, mark);
    assert_true(!destroyed[0] && destroyed[1] && destroyed[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_taken_once_whoever_pushes_and_pops),
        cmocka_unit_test(items_leave_in_the_order_in_which_they_came),
        cmocka_unit_test(a_full_queue_and_an_empty_one_are_waited_for_no_longer_than_said),
        cmocka_unit_test(closing_wakes_who_waits_for_room_and_refuses_what_comes_later),
        cmocka_unit_test(what_is_left_goes_to_the_destructor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
