#include "measure/memory.h"
#include "measure/placement.h"

#include "test.h"

#include <string.h>

TEST(regions_are_aligned_zeroed_and_counted)
{
    struct memory_budget budget = {.limit = 64 << 20};
    struct memory_region small, large;
    assert_int_equal(memory_map(&budget, 100, &small, NULL), 0);
    assert_int_equal(memory_map(&budget, HUGE_PAGE_BYTES + 1, &large, NULL), 0);
    assert_int_equal((uintptr_t)small.base % HUGE_PAGE_BYTES, 0);
    assert_int_equal((uintptr_t)large.base % HUGE_PAGE_BYTES, 0);
    assert_int_equal(large.bytes, 2 * HUGE_PAGE_BYTES);
    assert_int_equal(budget.used, small.bytes + large.bytes);
    assert_int_equal(large.base[large.bytes - 1], 0);
    memset(large.base, 1, large.bytes);
    memory_unmap(&budget, &small);
    memory_unmap(&budget, &large);
    memory_unmap(&budget, &large);
    assert_int_equal(budget.used, 0);
}

TEST(never_passes_the_budget)
{
    struct memory_budget budget = {.limit = 3 * HUGE_PAGE_BYTES};
    struct memory_region first, second;
    struct err err = {0};
    assert_int_equal(memory_map(&budget, 2 * HUGE_PAGE_BYTES, &first, NULL), 0);
    assert_int_equal(memory_map(&budget, HUGE_PAGE_BYTES + 1, &second, &err), -1);
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_int_equal(memory_map(&budget, SIZE_MAX, &second, &err), -1);
    assert_int_equal(memory_map(&budget, HUGE_PAGE_BYTES, &second, NULL), 0);
    memory_unmap(&budget, &first);
    memory_unmap(&budget, &second);
}

TEST(says_so_when_the_kernel_has_no_more)
{
    struct memory_budget budget = {.limit = UINT64_MAX};
    struct memory_region region;
    struct err err = {0};
    assert_int_equal(memory_map(&budget, (size_t)1 << 50, &region, &err), -1);
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_int_equal(budget.used, 0);
}

static const char numa_maps[] =
    "00400000 default file=/universal mapped=4 N0=4 kernelpagesize_kB=4\n"
    "7f0000200000 default anon=1024 dirty=1024 N0=256 N1=768 kernelpagesize_kB=4\n"
    "7f0000800000 default\n"
    "7ffd00000000 default stack anon=3 N1=3 kernelpagesize_kB=4\n";

TEST(reads_where_pages_lie)
{
    double share = -1;
    assert_true(placement_parse(numa_maps, 0x7f0000200000, 1, &share));
    assert_float_equal(share, 0.75, 1e-9);
    assert_true(placement_parse(numa_maps, 0x7f0000200000, 2, &share));
    assert_float_equal(share, 0, 1e-9);
    assert_true(placement_parse(numa_maps, 0x400000, 0, &share));
    assert_float_equal(share, 1, 1e-9);
}

TEST(does_not_know_where_unlisted_or_untouched_pages_lie)
{
    double share = -1;
    assert_false(placement_parse(numa_maps, 0x7f0000800000, 0, &share));
    assert_false(placement_parse(numa_maps, 0x7f0000200001, 0, &share));
    assert_false(placement_parse("", 0x400000, 0, &share));
    assert_false(placement_parse("400000 default Nx=4 N0= N0=99999999999", 0x400000, 0, &share));
    assert_false(placement_read("/nowhere", numa_maps, 0, &share));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_are_aligned_zeroed_and_counted),
        cmocka_unit_test(never_passes_the_budget),
        cmocka_unit_test(says_so_when_the_kernel_has_no_more),
        cmocka_unit_test(reads_where_pages_lie),
        cmocka_unit_test(does_not_know_where_unlisted_or_untouched_pages_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
