#include "program/options.h"

#include "kernels/gemm_kernels.h"

#include "test.h"

#include <string.h>

static int parse(struct settings *settings, struct err *err, size_t count, ...)
{
    char *arguments[8];
    va_list args;
    va_start(args, count);
    for (size_t i = 0; i < count; i++)
        arguments[i] = va_arg(args, char *);
    va_end(args);
    return options_parse(suite_find("stream"), (int)count, arguments, settings, err);
}

TEST(fills_in_the_defaults)
{
    struct settings settings;
    assert_int_equal(parse(&settings, NULL, 0), 0);
    assert_int_equal(settings.max_seconds, 20);
    assert_int_equal(settings.max_memory, 0);
    assert_int_equal(settings.threads, 0);
    assert_int_equal(settings.target_ci, 100);
}

TEST(takes_values_within_range)
{
    struct settings settings;
    assert_int_equal(parse(&settings, NULL, 3, "--max-seconds=3600", "--max-memory=512M", "--threads=1"), 0);
    assert_int_equal(settings.max_seconds, 3600);
    assert_int_equal(settings.max_memory, 512 << 20);
    assert_int_equal(settings.threads, 1);
    assert_int_equal(parse(&settings, NULL, 1, "--max-memory=268435456"), 0);
    assert_int_equal(settings.max_memory, 268435456);
    assert_int_equal(parse(&settings, NULL, 1, "--target-ci=0.5"), 0);
    assert_int_equal(settings.target_ci, 50);
}

TEST(refuses_everything_else_as_usage)
{
    static char *const wrong[] = {"--threads=0",
                                  "--threads=",
                                  "--threads=1x",
                                  "--threads=-1",
                                  "--threads",
                                  "--threads= 1",
                                  "threads=1",
                                  "-threads=1",
                                  "--max-seconds=3601",
                                  "--max-memory=1023",
                                  "--max-seconds=",
                                  "--target-ci=0",
                                  "--target-ci=51",
                                  "--target-ci=1%",
                                  "--target-ci=nan",
                                  "--=1",
                                  "",
                                  "--max-memory=99999999999999999999"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        struct settings settings;
        struct err err = {0};
        assert_int_equal(parse(&settings, &err, 1, wrong[i]), -1);
        assert_int_equal(err.kind, ERR_USAGE);
    }
}

TEST(takes_a_choice_by_name_only)
{
    static char *wrong[] = {"--isa=", "--isa=1", "--isa=none", "--isa=SSE2"};
    const struct suite *suite = suite_find("linpack");
    struct settings settings;
    struct err err = {0};
    for (size_t row = 0; row < gemm_kernels_count; row++) {
        char text[32];
        char *argument = text;
        snprintf(text, sizeof text, "--isa=%s", gemm_kernels_isa(row));
        assert_int_equal(options_parse(suite, 1, &argument, &settings, &err), 0);
        assert_int_equal(settings.isa, row + 1);
    }
    assert_null(gemm_kernels_isa(gemm_kernels_count));
    assert_int_equal(options_parse(suite, 0, NULL, &settings, &err), 0);
    assert_int_equal(settings.isa, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_int_equal(options_parse(suite, 1, &wrong[i], &settings, &err), -1);
        assert_int_equal(err.kind, ERR_USAGE);
        assert_non_null(strstr(err.message, gemm_kernels_isa(0)));
    }
}

TEST(says_what_may_have_been_meant)
{
    struct settings settings;
    struct err err = {0};
    assert_int_equal(parse(&settings, &err, 1, "--max-second=3"), -1);
    assert_non_null(strstr(err.message, "did you mean --max-seconds?"));
}

TEST(refuses_the_same_parameter_twice)
{
    struct settings settings;
    struct err err = {0};
    assert_int_equal(parse(&settings, &err, 2, "--threads=1", "--threads=1"), -1);
    assert_int_equal(err.kind, ERR_USAGE);
}

TEST(every_suite_has_a_usable_option_table)
{
    for (size_t i = 0; i < suites_count; i++) {
        const struct suite *suite = &suites[i];
        assert_ptr_equal(suite_find(suite->name), suite);
        assert_null(strchr(suite->summary, '\t'));
        for (size_t j = 0; j < suite->options_count; j++) {
            const struct option *option = &suite->options[j];
            assert_true(option->min <= option->max);
            assert_true(option->initial == 0 ||
                        (option->initial >= option->min && option->initial <= option->max));
            assert_true(option->offset + sizeof(uint64_t) <= sizeof(struct settings));
        }
    }
    assert_null(suite_find("linpakc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_the_defaults),
        cmocka_unit_test(takes_values_within_range),
        cmocka_unit_test(refuses_everything_else_as_usage),
        cmocka_unit_test(takes_a_choice_by_name_only),
        cmocka_unit_test(says_what_may_have_been_meant),
        cmocka_unit_test(refuses_the_same_parameter_twice),
        cmocka_unit_test(every_suite_has_a_usable_option_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
