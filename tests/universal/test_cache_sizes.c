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

TEST(fits_each_level_and_leaves_memory_well_beyond_the_last)
{
    struct caches caches = three_levels(48 * KIB, 1 * MIB, 32 * MIB);
    struct cache_sizes sizes;
    assert_int_equal(cache_sizes_choose(&caches, 8 * GIB, &sizes, NULL), 0);
    assert_int_equal(sizes.level[0], 24 * KIB);
    assert_int_equal(sizes.level[1], 512 * KIB);
    assert_int_equal(sizes.level[2], 8 * MIB);
    assert_int_equal(sizes.memory, 256 * MIB);
    assert_int_equal(sizes.memory, sizes.memory_wanted);
}

TEST(grows_with_a_huge_third_level)
{
    struct caches caches = three_levels(48 * KIB, 2 * MIB, 480 * MIB);
    struct cache_sizes sizes;
    assert_int_equal(cache_sizes_choose(&caches, 8 * GIB, &sizes, NULL), 0);
    assert_int_equal(sizes.level[2], 120 * MIB);
    assert_int_equal(sizes.memory, 3840 * MIB);
}

TEST(does_without_a_third_level)
{
    struct caches caches = three_levels(32 * KIB, 512 * KIB, 0);
    struct cache_sizes sizes;
    caches.count = 2;
    assert_int_equal(cache_sizes_choose(&caches, 8 * GIB, &sizes, NULL), 0);
    assert_int_equal(sizes.level[2], 0);
    assert_int_equal(sizes.memory, 4 * MIB);
}

TEST(keeps_every_budget)
{
    struct caches caches = three_levels(48 * KIB, 1 * MIB, 32 * MIB);
    for (uint64_t budget = 0; budget < 300 * MIB; budget += MIB / 2) {
        struct cache_sizes sizes;
        struct err err = {0};
        if (cache_sizes_choose(&caches, budget, &sizes, &err) < 0) {
            assert_int_equal(err.kind, ERR_UNSUPPORTED);
            assert_true(budget < 16 * MIB);
            continue;
        }
        uint64_t used = sizes.memory;
        for (size_t level = 0; level < CACHE_LEVELS; level++)
            used += cache_region_bytes(sizes.level[level]);
        assert_true(used <= budget);
        assert_true(sizes.level[2] >= 2 * MIB);
        assert_true(sizes.memory >= 2 * sizes.level[2]);
    }
}

TEST(refuses_unknown_caches)
{
    struct caches caches = {0};
    struct cache_sizes sizes;
    struct err err = {0};
    assert_int_equal(cache_sizes_choose(&caches, 8 * GIB, &sizes, &err), -1);
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_each_level_and_leaves_memory_well_beyond_the_last),
        cmocka_unit_test(grows_with_a_huge_third_level),
        cmocka_unit_test(does_without_a_third_level),
        cmocka_unit_test(keeps_every_budget),
        cmocka_unit_test(refuses_unknown_caches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
