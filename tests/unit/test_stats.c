#include "unit.h"

#include "results/stats.h"

#include <float.h>
#include <math.h>

static void assert_near(double actual, double wanted, double tolerance)
{
    if (!(fabs(actual - wanted) <= tolerance))
        fail_msg("%.17g is not %.17g", actual, wanted);
}

static void sums_up_known_samples(void **state UNUSED)
{
    const double samples[] = {2, 4, 4, 4, 5, 5, 7, 9};
    struct err err;
    AUTO_SUMMARY struct summary summary = {0};
    assert_succeeds(summarize(samples, 8, &summary, &err), err);
    assert_int_equal(summary.count, 8);
    assert_near(summary.mean, 5, 0);
    assert_near(summary.median, 4.5, 0);
    assert_near(summary.minimum, 2, 0);
    assert_near(summary.maximum, 9, 0);
    assert_near(summary.standard_deviation, 2.138089935299395, 1e-15);
    assert_near(summary.coefficient_of_variation, 0.427617987059879, 1e-15);
    /* mean ± t(7) · s / sqrt(8), t(7) = 2.364624251592785 */
    assert_true(summary.mean_interval.known);
    assert_near(summary.mean_interval.low, 3.2125120817637911, 1e-9);
    assert_near(summary.mean_interval.high, 6.787487918236209, 1e-9);
}

/* Quantiles printed in every table, and scipy.stats.t.ppf(0.975, df) to more digits. */
static void student_quantiles_match_the_tables(void **state UNUSED)
{
    assert_near(student_t_95(1), 12.706204736174705, 1e-9);
    assert_near(student_t_95(2), 4.302652729749462, 1e-10);
    assert_near(student_t_95(3), 3.182446305284263, 1e-10);
    assert_near(student_t_95(4), 2.776445105197793, 1e-10);
    assert_near(student_t_95(10), 2.228138851986273, 1e-10);
    assert_near(student_t_95(29), 2.045229642132703, 1e-10);
    assert_near(student_t_95(100), 1.983971518523552, 1e-10);
    assert_near(student_t_95(199), 1.971956544249395, 1e-9);
    assert_near(student_t_95(200), 1.971896223633909, 1e-9);
    assert_near(student_t_95(1000), 1.962339080829408, 1e-9);
    assert_near(student_t_95(9999), 1.960201263621358, 1e-9);
}

static void one_sample_has_no_spread_and_no_interval(void **state UNUSED)
{
    const double samples[] = {3.5};
    struct err err;
    AUTO_SUMMARY struct summary summary = {0};
    assert_succeeds(summarize(samples, 1, &summary, &err), err);
    assert_near(summary.median, 3.5, 0);
    assert_true(isnan(summary.standard_deviation));
    assert_true(isnan(summary.coefficient_of_variation));
    assert_false(summary.mean_interval.known);
    assert_false(summary.median_interval.known);
    assert_int_equal(summary.outlier_count, 0);
}

static void no_sample_is_an_error(void **state UNUSED)
{
    struct err err;
    AUTO_SUMMARY struct summary summary = {0};
    assert_fails(summarize(NULL, 0, &summary, &err), err, ERR_DATA);
}

/* The ranks of the usual table for a median's 95 % interval: n = 6: 1 and 6, n = 10: 2 and 9, n = 20: 6 and
 * 15, n = 100: 40 and 61. */
static void median_interval_takes_the_tabled_ranks(void **state UNUSED)
{
    static const struct {
        size_t count;
        double low, high;
    } table[] = {{6, 1, 6}, {8, 1, 8}, {9, 2, 8}, {10, 2, 9}, {20, 6, 15}, {50, 18, 33}, {100, 40, 61}};
    double samples[100];
    for (size_t i = 0; i < 100; i++)
        samples[i] = (double)i + 1;
    for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
        struct err err;
        AUTO_SUMMARY struct summary summary = {0};
        assert_succeeds(summarize(samples, table[i].count, &summary, &err), err);
        assert_true(summary.median_interval.known);
        assert_near(summary.median_interval.low, table[i].low, 0);
        assert_near(summary.median_interval.high, table[i].high, 0);
    }
}

static void five_samples_can_not_hold_the_median_with_95_percent(void **state UNUSED)
{
    const double samples[] = {1, 2, 3, 4, 5};
    struct err err;
    AUTO_SUMMARY struct summary summary = {0};
    assert_succeeds(summarize(samples, 5, &summary, &err), err);
    assert_false(summary.median_interval.known);
    assert_true(summary.mean_interval.known);
}

static void many_samples_do_not_underflow(void **state UNUSED)
{
    static double samples[10000];
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++)
        samples[i] = (double)(i + 1);
    struct err err;
    AUTO_SUMMARY struct summary summary = {0};
    assert_succeeds(summarize(samples, ARRAY_LENGTH(samples), &summary, &err), err);
    /* n/2 ∓ 1.96 · sqrt(n)/2, to the nearest rank */
    assert_near(summary.median_interval.low, 4902, 1);
    assert_near(summary.median_interval.high, 5099, 1);
}

static void names_outliers_by_index_and_keeps_them(void **state UNUSED)
{
    const double samples[] = {41.2, 41.9, 12.0, 42.1, 41.8, 41.7, 99.0, 41.9};
    struct err err;
    AUTO_SUMMARY struct summary summary = {0};
    assert_succeeds(summarize(samples, 8, &summary, &err), err);
    assert_int_equal(summary.outlier_count, 2);
    assert_int_equal(summary.outliers[0], 2);
    assert_int_equal(summary.outliers[1], 6);
    assert_near(summary.minimum, 12.0, 0);
    assert_near(summary.maximum, 99.0, 0);
}

static void names_the_one_that_differs_where_most_are_equal(void **state UNUSED)
{
    double samples[20];
    for (size_t i = 0; i < 20; i++)
        samples[i] = 5;
    samples[7] = 6;
    struct err err;
    AUTO_SUMMARY struct summary summary = {0};
    assert_succeeds(summarize(samples, 20, &summary, &err), err);
    assert_int_equal(summary.outlier_count, 1);
    assert_int_equal(summary.outliers[0], 7);
}

static void equal_samples_have_no_outlier(void **state UNUSED)
{
    const double samples[] = {5, 5, 5, 5};
    struct err err;
    AUTO_SUMMARY struct summary summary = {0};
    assert_succeeds(summarize(samples, 4, &summary, &err), err);
    assert_int_equal(summary.outlier_count, 0);
    assert_near(summary.standard_deviation, 0, 0);
}

static void mean_of_large_and_close_numbers_keeps_its_spread(void **state UNUSED)
{
    const double samples[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
    struct err err;
    AUTO_SUMMARY struct summary summary = {0};
    assert_succeeds(summarize(samples, 4, &summary, &err), err);
    assert_near(summary.standard_deviation, 5.477225575051661, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_up_known_samples),
        cmocka_unit_test(student_quantiles_match_the_tables),
        cmocka_unit_test(one_sample_has_no_spread_and_no_interval),
        cmocka_unit_test(no_sample_is_an_error),
        cmocka_unit_test(median_interval_takes_the_tabled_ranks),
        cmocka_unit_test(five_samples_can_not_hold_the_median_with_95_percent),
        cmocka_unit_test(many_samples_do_not_underflow),
        cmocka_unit_test(names_outliers_by_index_and_keeps_them),
        cmocka_unit_test(names_the_one_that_differs_where_most_are_equal),
        cmocka_unit_test(equal_samples_have_no_outlier),
        cmocka_unit_test(mean_of_large_and_close_numbers_keeps_its_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
