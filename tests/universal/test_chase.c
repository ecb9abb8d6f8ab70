#include "measure/chase.h"

#include "test.h"

#include <string.h>

#define LINE 64
#define NEVER INT64_MAX
#define PASSED INT64_MIN

static const struct pace unhurried = {NULL, NEVER};
static const struct pace out_of_time = {NULL, PASSED};

static struct chase chase_with(size_t nodes, size_t spacing)
{
    void *base = aligned_alloc(4096, (nodes * spacing + 4095) / 4096 * 4096);
    assert_non_null(base);
    return (struct chase){.base = base, .spacing = spacing, .nodes = nodes};
}

static void free_chase(struct chase *chase)
{
    free(chase->base);
}

#define AUTO_CHASE CLEANUP(free_chase)

/* Follows the cycle by itself: every node once, then back at the first. */
static void expect_one_cycle(const struct chase *chase)
{
    AUTO_FREE char *seen = calloc(chase->nodes, 1);
    char *first = chase->base + chase->word;
    char *position = first;
    for (size_t steps = 0; steps < chase->nodes; steps++) {
        size_t offset = (size_t)(position - first);
        assert_int_equal(offset % chase->spacing, 0);
        assert_in_range(offset / chase->spacing, 0, chase->nodes - 1);
        assert_int_equal(seen[offset / chase->spacing]++, 0);
        position = *(char **)(void *)position;
    }
    assert_ptr_equal(position, first);
    assert_true(chase_is_one_cycle(chase, SIZE_MAX));
}

TEST(random_chase_is_one_cycle_over_every_node)
{
    static const size_t nodes[] = {1, 2, 3, 5, 64, 1000, 20000};
    for (size_t i = 0; i < ARRAY_LENGTH(nodes); i++) {
        AUTO_CHASE struct chase chase = chase_with(nodes[i], LINE);
        struct random random = {i};
        chase_link_random(&chase, &random, &unhurried);
        assert_int_equal(chase.nodes, nodes[i]);
        expect_one_cycle(&chase);
    }
}

/* Every one of the 6 cycles over 4 nodes comes up about as often: Sattolo's property. */
TEST(random_chase_gives_every_cycle_the_same_chance)
{
    enum { DRAWS = 6000 };
    size_t counts[4][4][4] = {0};
    struct random random = {7};
    AUTO_CHASE struct chase chase = chase_with(4, LINE);
    for (size_t draw = 0; draw < DRAWS; draw++) {
        chase_link_random(&chase, &random, &unhurried);
        size_t order[4];
        char *position = chase.base;
        for (size_t i = 0; i < 4; i++, position = *(char **)(void *)position)
            order[i] = (size_t)(position - chase.base) / LINE;
        counts[order[1]][order[2]][order[3]]++;
    }
    size_t cycles = 0;
    for (size_t i = 0; i < 64; i++) {
        size_t count = (&counts[0][0][0])[i];
        if (count == 0)
            continue;
        cycles++;
        assert_in_range(count, DRAWS / 6 * 85 / 100, DRAWS / 6 * 115 / 100);
    }
    assert_int_equal(cycles, 6);
}

TEST(clustered_chase_covers_every_line_once_and_one_cluster_after_the_other)
{
    enum { CLUSTERS = 9 };
    const size_t per_cluster = CHASE_CLUSTER_BYTES / LINE;
    AUTO_CHASE struct chase chase = chase_with(CLUSTERS * per_cluster, LINE);
    struct random random = {3};
    assert_int_equal(chase_link_clustered(&chase, &random, &unhurried, NULL), 0);
    assert_int_equal(chase.nodes, CLUSTERS * per_cluster);
    expect_one_cycle(&chase);
    size_t crossings = 0, neighbours = 0;
    char *position = chase.base;
    for (size_t steps = 0; steps < chase.nodes; steps++) {
        char *next = *(char **)(void *)position;
        size_t from = (size_t)(position - chase.base) / CHASE_CLUSTER_BYTES;
        size_t to = (size_t)(next - chase.base) / CHASE_CLUSTER_BYTES;
        crossings += from != to;
        neighbours += next == position + LINE;
        position = next;
    }
    assert_int_equal(crossings, CLUSTERS);
    assert_true(neighbours < chase.nodes / 100);
}

TEST(chases_in_two_words_of_the_same_nodes_do_not_disturb_each_other)
{
    const size_t nodes = 4 * CHASE_CLUSTER_BYTES / LINE;
    AUTO_CHASE struct chase first = chase_with(nodes, LINE);
    struct chase second = first;
    struct random random = {3};
    second.word = sizeof(void *);
    assert_int_equal(chase_link_clustered(&first, &random, &unhurried, NULL), 0);
    chase_link_random(&second, &random, &unhurried);
    expect_one_cycle(&first);
    expect_one_cycle(&second);
}

TEST(chase_cut_short_is_a_smaller_cycle)
{
    const size_t nodes = 8 * CHASE_CLUSTER_BYTES / LINE;
    AUTO_CHASE struct chase chase = chase_with(nodes, LINE);
    struct random random = {3};
    chase_link_random(&chase, &random, &out_of_time);
    assert_in_range(chase.nodes, 1, nodes - 1);
    expect_one_cycle(&chase);
    chase.nodes = nodes;
    assert_int_equal(chase_link_clustered(&chase, &random, &out_of_time, NULL), 0);
    assert_in_range(chase.nodes, 1, nodes - 1);
    expect_one_cycle(&chase);
}

TEST(growing_chase_is_one_cycle_at_every_size)
{
    AUTO_CHASE struct chase chase = chase_with(500, LINE);
    struct random random = {13};
    chase_begin(&chase);
    for (size_t nodes = 1; nodes <= 500; nodes += nodes / 2 + 1) {
        chase_grow(&chase, nodes, &random, &unhurried);
        assert_int_equal(chase.nodes, nodes);
        expect_one_cycle(&chase);
    }
}

TEST(growing_in_parts_draws_what_growing_at_once_does)
{
    AUTO_CHASE struct chase parts = chase_with(300, LINE);
    AUTO_CHASE struct chase whole = chase_with(300, LINE);
    struct random random = {17}, same = {17};
    chase_begin(&parts);
    chase_grow(&parts, 100, &random, &unhurried);
    chase_grow(&parts, 300, &random, &unhurried);
    chase_link_random(&whole, &same, &unhurried);
    for (size_t node = 0; node < 300; node++) {
        const char *of_parts = *(char **)(void *)(parts.base + node * LINE);
        const char *of_whole = *(char **)(void *)(whole.base + node * LINE);
        assert_int_equal(of_parts - parts.base, of_whole - whole.base);
    }
}

TEST(walk_goes_on_where_the_last_one_ended)
{
    AUTO_CHASE struct chase chase = chase_with(3 * CHASE_STEPS, LINE);
    struct random random = {11};
    chase_link_random(&chase, &random, &unhurried);
    void **start = chase.position;
    chase_walk(&chase, CHASE_STEPS);
    assert_ptr_not_equal(chase.position, start);
    chase_walk(&chase, 2 * CHASE_STEPS);
    assert_ptr_equal(chase.position, start);
}

TEST(broken_cycles_are_found)
{
    AUTO_CHASE struct chase chase = chase_with(100, LINE);
    struct random random = {5};
    chase_link_random(&chase, &random, &unhurried);
    void **first = (void **)(void *)chase.base;
    void *next = *first;
    *first = (char *)next + 8; /* beside a node */
    assert_false(chase_is_one_cycle(&chase, SIZE_MAX));
    *first = chase.base + 100 * LINE; /* behind the last */
    assert_false(chase_is_one_cycle(&chase, SIZE_MAX));
    *first = *(void **)next; /* one left out */
    assert_false(chase_is_one_cycle(&chase, SIZE_MAX));
    *first = next;
    assert_true(chase_is_one_cycle(&chase, SIZE_MAX));
    assert_true(chase_is_one_cycle(&chase, 50));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_chase_is_one_cycle_over_every_node),
        cmocka_unit_test(random_chase_gives_every_cycle_the_same_chance),
        cmocka_unit_test(clustered_chase_covers_every_line_once_and_one_cluster_after_the_other),
        cmocka_unit_test(chases_in_two_words_of_the_same_nodes_do_not_disturb_each_other),
        cmocka_unit_test(chase_cut_short_is_a_smaller_cycle),
        cmocka_unit_test(growing_chase_is_one_cycle_at_every_size),
        cmocka_unit_test(growing_in_parts_draws_what_growing_at_once_does),
        cmocka_unit_test(walk_goes_on_where_the_last_one_ended),
        cmocka_unit_test(broken_cycles_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
