#include "suites/cache_sizes.h"

#include "test.h"

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

static struct caches three_levels(uint64_t first, uint64_t second, uint64_t third)
{
    return (struct caches){.count = 3,
                           .rows = {{.level = 1, .size_bytes = first, .line_bytes = 64, .instances = 1},
                                    {.level = 2, .size_bytes = second, .line_bytes = 64, .instances = 1},
                                    {.level = 3, .size_bytes = third, .line_bytes = 64, .instances = 1}}};
}

static const size_t unknown[CACHE_LEVELS] = {0};

static struct cache_demand demand_for(const struct caches *caches, size_t threads, uint64_t budget)
{
    return (struct cache_demand){.caches = caches,
                                 .flat = unknown,
                                 .last_level_bytes = caches->count ? caches_last(caches)->size_bytes : 0,
                                 .threads = threads,
                                 .online = threads,
                                 .chase_bytes = 64 * MIB,
                                 .budget = budget};
}

TEST(fits_each_level_and_leaves_memory_well_beyond_the_last)
{
    struct caches caches = three_levels(48 * KIB, 1 * MIB, 32 * MIB);
    struct cache_demand demand = demand_for(&caches, 1, 8 * GIB);
    struct cache_sizes sizes;
    assert_int_equal(cache_sizes_choose(&demand, &sizes, NULL), 0);
    assert_int_equal(sizes.level[0], 24 * KIB);
    assert_int_equal(sizes.level[1], 512 * KIB);
    assert_int_equal(sizes.level[2], 8 * MIB);
    assert_int_equal(sizes.memory, 128 * MIB);
    assert_int_equal(sizes.memory, sizes.memory_wanted);
}

TEST(threads_that_share_a_cache_divide_it)
{
    struct caches caches = three_levels(48 * KIB, 1 * MIB, 64 * MIB);
    caches.rows[0].instances = caches.rows[1].instances = 4; /* two threads to a core */
    struct cache_demand demand = demand_for(&caches, 8, 8 * GIB);
    struct cache_sizes sizes;
    assert_int_equal(cache_sizes_choose(&demand, &sizes, NULL), 0);
    assert_int_equal(sizes.share[0], 12 * KIB);
    assert_int_equal(sizes.share[1], 256 * KIB);
    assert_int_equal(sizes.share[2], 4 * MIB);
    demand.threads = 4;
    assert_int_equal(cache_sizes_choose(&demand, &sizes, NULL), 0);
    assert_int_equal(sizes.share[2], 8 * MIB);
}

/* Sapphire Rapids has less of the third level for a core than of the second. */
TEST(share_of_the_third_level_that_the_second_would_hold_is_none)
{
    struct caches caches = three_levels(48 * KIB, 2 * MIB, 30 * MIB);
    caches.rows[0].instances = caches.rows[1].instances = 16;
    struct cache_demand demand = demand_for(&caches, 16, 8 * GIB);
    struct cache_sizes sizes;
    assert_int_equal(cache_sizes_choose(&demand, &sizes, NULL), 0);
    assert_int_equal(sizes.share[2], 0);
    assert_int_equal(sizes.level[2], 15 * MIB);
}

TEST(every_last_level_cache_is_passed_and_nodes_take_twice_as_much)
{
    struct caches caches = three_levels(32 * KIB, 1 * MIB, 32 * MIB);
    caches.rows[2].instances = 4;
    struct cache_demand demand = demand_for(&caches, 8, 8 * GIB);
    struct cache_sizes sizes;
    assert_int_equal(cache_sizes_choose(&demand, &sizes, NULL), 0);
    assert_int_equal(sizes.memory, 512 * MIB);
    demand.many_nodes = true;
    assert_int_equal(cache_sizes_choose(&demand, &sizes, NULL), 0);
    assert_int_equal(sizes.memory, 1024 * MIB);
}

TEST(keeps_to_where_the_curve_is_flat)
{
    static const size_t flat[CACHE_LEVELS] = {32 * KIB, 384 * KIB, 6 * MIB};
    struct caches caches = three_levels(32 * KIB, 1 * MIB, 32 * MIB);
    struct cache_demand demand = demand_for(&caches, 1, 8 * GIB);
    struct cache_sizes sizes;
    demand.flat = flat;
    assert_int_equal(cache_sizes_choose(&demand, &sizes, NULL), 0);
    assert_int_equal(sizes.level[0], 16 * KIB);
    assert_int_equal(sizes.level[1], 192 * KIB);
    assert_int_equal(sizes.level[2], 6 * MIB);
}

TEST(grows_with_a_huge_third_level)
{
    struct caches caches = three_levels(48 * KIB, 2 * MIB, 480 * MIB);
    struct cache_demand demand = demand_for(&caches, 2, 8 * GIB);
    struct cache_sizes sizes;
    demand.chase_bytes = 3840 * MIB;
    assert_int_equal(cache_sizes_choose(&demand, &sizes, NULL), 0);
    assert_int_equal(sizes.level[2], 120 * MIB);
    assert_int_equal(sizes.memory, 1920 * MIB);
}

TEST(does_without_a_third_level)
{
    struct caches caches = three_levels(32 * KIB, 512 * KIB, 0);
    struct cache_sizes sizes;
    caches.count = 2;
    struct cache_demand demand = demand_for(&caches, 2, 8 * GIB);
    assert_int_equal(cache_sizes_choose(&demand, &sizes, NULL), 0);
    assert_int_equal(sizes.level[2], 0);
    assert_int_equal(sizes.share[2], 0);
    assert_int_equal(sizes.memory, 2 * MIB);
}

TEST(chases_take_eight_times_the_last_level_or_half_of_the_budget)
{
    size_t bytes;
    struct err err = {0};
    assert_int_equal(cache_chase_bytes(cache_chase_wanted(32 * MIB), 8 * GIB, &bytes, NULL), 0);
    assert_int_equal(bytes, 256 * MIB);
    assert_int_equal(cache_chase_bytes(cache_chase_wanted(32 * MIB), 48 * MIB, &bytes, NULL), 0);
    assert_int_equal(bytes, 24 * MIB);
    assert_int_equal(cache_chase_wanted(0), 2 * GIB);
    assert_int_equal(cache_chase_bytes(256 * MIB, 1 * MIB, &bytes, &err), -1);
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
}

TEST(keeps_every_budget)
{
    struct caches caches = three_levels(48 * KIB, 1 * MIB, 32 * MIB);
    for (size_t threads = 1; threads <= 4; threads++)
        for (uint64_t budget = 0; budget < 300 * MIB; budget += MIB / 2) {
            struct cache_sizes sizes;
            struct cache_demand demand = demand_for(&caches, threads, budget);
            struct err err = {0};
            if (cache_sizes_choose(&demand, &sizes, &err) < 0) {
                assert_int_equal(err.kind, ERR_UNSUPPORTED);
                assert_true(budget < 20 * MIB);
                continue;
            }
            uint64_t used = sizes.memory;
            for (size_t level = 0; level < CACHE_LEVELS; level++)
                used += cache_region_bytes(sizes.level[level]) +
                        cache_region_bytes(cache_moved_bytes(&sizes, level, threads));
            assert_true(used <= budget);
            assert_true(sizes.level[2] >= 2 * MIB);
            assert_true(sizes.memory >= threads * 4096);
        }
}

TEST(refuses_a_third_level_that_the_chases_would_not_pass)
{
    struct caches caches = three_levels(48 * KIB, 2 * MIB, 32 * MIB);
    struct cache_demand demand = demand_for(&caches, 1, 8 * GIB);
    struct cache_sizes sizes;
    struct err err = {0};
    demand.chase_bytes = 4 * MIB;
    assert_int_equal(cache_sizes_choose(&demand, &sizes, &err), -1);
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
}

TEST(refuses_unknown_caches)
{
    struct caches caches = {0};
    struct cache_demand demand = demand_for(&caches, 1, 8 * GIB);
    struct cache_sizes sizes;
    struct err err = {0};
    assert_int_equal(cache_sizes_choose(&demand, &sizes, &err), -1);
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_each_level_and_leaves_memory_well_beyond_the_last),
        cmocka_unit_test(threads_that_share_a_cache_divide_it),
        cmocka_unit_test(share_of_the_third_level_that_the_second_would_hold_is_none),
        cmocka_unit_test(every_last_level_cache_is_passed_and_nodes_take_twice_as_much),
        cmocka_unit_test(keeps_to_where_the_curve_is_flat),
        cmocka_unit_test(grows_with_a_huge_third_level),
        cmocka_unit_test(does_without_a_third_level),
        cmocka_unit_test(chases_take_eight_times_the_last_level_or_half_of_the_budget),
        cmocka_unit_test(keeps_every_budget),
        cmocka_unit_test(refuses_a_third_level_that_the_chases_would_not_pass),
        cmocka_unit_test(refuses_unknown_caches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
