/* What is read from the output of EEMBC's CoreMark; the texts have the shape of what it prints. */
#include "coremark/run.h"

#include "test.h"

#define REPORT "CoreMark 1.0 : 61234.5 / GCC12.2.0 -O3 / Heap / 2:PThreads"
#define HEAD                                                                                                 \
    "2K performance run parameters for coremark.\n"                                                          \
    "CoreMark Size    : 666\n"                                                                               \
    "Total time (secs): 12.000000\n"                                                                         \
    "Iterations/Sec   : 61234.500000\n"
#define VALID "Correct operation validated. See README.md for run and reporting rules.\n"

TEST(a_valid_run_has_a_rate_and_the_line_to_report)
{
    struct coremark_result result;
    struct err err = {0};
    assert_int_equal(coremark_read_log(HEAD VALID REPORT "\n", &result, &err), 0);
    assert_true(result.validated);
    assert_true(result.rate == 61234.5);
    assert_string_equal(result.report, REPORT);
}

TEST(the_validation_run_has_nothing_to_report)
{
    struct coremark_result result;
    struct err err = {0};
    assert_int_equal(coremark_read_log(HEAD VALID, &result, &err), 0);
    assert_true(result.validated);
    assert_string_equal(result.report, "");
}

TEST(wrong_results_are_no_score)
{
    struct coremark_result result;
    struct err err = {0};
    assert_int_equal(
        coremark_read_log(HEAD "[0]ERROR! list crc 0x0 - should be 0x1\nErrors detected\n", &result, &err),
        0);
    assert_false(result.validated);
    assert_int_equal(coremark_read_log(HEAD VALID REPORT "\nErrors detected\n", &result, &err), 0);
    assert_false(result.validated);
    assert_string_equal(result.report, "");
}

TEST(output_without_a_rate_is_an_error)
{
    static const char *const logs[] = {"",
                                       VALID,
                                       "Iterations/Sec   : nan\n" VALID,
                                       "Iterations/Sec   : 0\n",
                                       "Iterations/Sec   : 12 or so\n",
                                       "Iterations/Sec   : -5.0\n"};
    for (size_t i = 0; i < ARRAY_LENGTH(logs); i++) {
        struct coremark_result result;
        struct err err = {0};
        assert_int_equal(coremark_read_log(logs[i], &result, &err), -1);
        assert_int_equal(err.kind, ERR_DATA);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_valid_run_has_a_rate_and_the_line_to_report),
        cmocka_unit_test(the_validation_run_has_nothing_to_report),
        cmocka_unit_test(wrong_results_are_no_score),
        cmocka_unit_test(output_without_a_rate_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
