#include "measure/arithmetic_peak.h"
#include "measure/stopwatch.h"

#include "test.h"

#include <sched.h>

TEST(every_kernel_ends_where_its_series_must)
{
    cpu_feature_set have = cpu_features_detect();
    for (size_t row = 0; row < arithmetic_kernels_count; row++) {
        if (!cpu_features_include(have, arithmetic_kernels[row].needs))
            continue;
        for (enum arithmetic kind = 0; kind < ARITHMETIC_KINDS; kind++) {
            assert_true(arithmetic_kernels[row].kinds[kind].run(0));
            assert_true(arithmetic_kernels[row].kinds[kind].run(2));
            assert_true(arithmetic_kernels[row].kinds[kind].run(4096));
            assert_true(arithmetic_kernels[row].kinds[kind].operations() > 0);
        }
    }
}

#if defined(__x86_64__)
/* Chains times lanes times operations, as the tables say. */
TEST(operations_of_a_step_are_those_of_its_instructions)
{
    static const size_t operations[][ARITHMETIC_KINDS] = {
        {24 * 8 * 2, 24 * 16 * 2, 24 * 16}, {12 * 4 * 2, 12 * 8 * 2, 12 * 8}, {12 * 2, 12 * 4, 12 * 4}};
    assert_int_equal(arithmetic_kernels_count, ARRAY_LENGTH(operations));
    for (size_t row = 0; row < arithmetic_kernels_count; row++)
        for (enum arithmetic kind = 0; kind < ARITHMETIC_KINDS; kind++)
            assert_int_equal(arithmetic_kernels[row].kinds[kind].operations(), operations[row][kind]);
}
#endif

static bool wrong_kernel(size_t steps UNUSED)
{
    return false;
}

static size_t one_operation(void)
{
    return 1;
}

static struct burst measure(const struct arithmetic_kernels *kernels, struct arithmetic_peak *peak)
{
    uint16_t cpu = (uint16_t)sched_getcpu();
    struct err err = {0};
    AUTO_TEAM struct team *team = team_start(&cpu, 1, &err);
    struct burst burst = {.end = stopwatch_now() + NANOSECONDS / 100};
    assert_non_null(team);
    arithmetic_peak_init(peak, team, kernels, ARITHMETIC_FP64);
    assert_int_equal(arithmetic_peak_measure(peak, &burst, &err), 0);
    return burst;
}

TEST(burst_of_peaks_has_positive_values_and_nothing_wrong)
{
    struct arithmetic_peak peak;
    struct burst burst = measure(&arithmetic_kernels[arithmetic_kernels_count - 1], &peak);
    assert_in_range(burst.count, 1, BURST_MAX);
    for (size_t i = 0; i < burst.count; i++)
        assert_true(burst.values[i] > 0);
    assert_int_equal(atomic_load(&peak.wrong), 0);
}

TEST(wrong_end_of_a_series_is_counted)
{
    struct arithmetic_kernels wrong = {.isa = "wrong",
                                       .kinds = {[ARITHMETIC_FP64] = {wrong_kernel, one_operation}}};
    struct arithmetic_peak peak;
    measure(&wrong, &peak);
    assert_true(atomic_load(&peak.wrong) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_ends_where_its_series_must),
#if defined(__x86_64__)
        cmocka_unit_test(operations_of_a_step_are_those_of_its_instructions),
#endif
        cmocka_unit_test(burst_of_peaks_has_positive_values_and_nothing_wrong),
        cmocka_unit_test(wrong_end_of_a_series_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
