#include "kernels/read_kernels.h"
#include "measure/read_bandwidth.h"
#include "measure/stopwatch.h"

#include "test.h"

#include <string.h>

#define BYTES ((size_t)7 * READ_BLOCK_BYTES)

static uint64_t *new_words(void)
{
    uint64_t *words = aligned_alloc(64, BYTES);
    assert_non_null(words);
    for (size_t i = 0; i < BYTES / sizeof *words; i++)
        words[i] = i * UINT64_C(0x9E3779B97F4A7C15);
    return words;
}

static uint64_t sum_of(const uint64_t *words)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < BYTES / sizeof *words; i++)
        sum += words[i];
    return sum;
}

TEST(every_kernel_reads_every_word_in_every_pass)
{
    AUTO_FREE uint64_t *words = new_words();
    cpu_feature_set have = cpu_features_detect();
    for (size_t row = 0; row < read_kernels_count; row++) {
        if (!cpu_features_include(have, read_kernels[row].needs))
            continue;
        assert_true(read_kernels[row].run(words, BYTES, 1) == sum_of(words));
        assert_true(read_kernels[row].run(words, BYTES, 5) == 5 * sum_of(words));
        assert_true(read_kernels[row].run(words, BYTES, 0) == 0);
    }
}

static uint64_t lazy_kernel(const void *memory, size_t bytes, size_t passes)
{
    return read_kernels_for(cpu_features_detect())->run(memory, bytes - READ_BLOCK_BYTES, passes);
}

TEST(kernel_that_leaves_memory_out_is_found)
{
    AUTO_FREE uint64_t *words = new_words();
    struct read_bandwidth read = {
        .kernel = read_kernels_for(cpu_features_detect())->run, .memory = (char *)words, .bytes = BYTES};
    assert_true(read_bandwidth_sum_is_right(&read));
    read.kernel = lazy_kernel;
    assert_false(read_bandwidth_sum_is_right(&read));
}

TEST(burst_of_reads_has_positive_values)
{
    AUTO_FREE uint64_t *words = new_words();
    struct read_bandwidth read = {.kernel = read_kernels_for(cpu_features_detect())->run,
                                  .memory = (char *)words,
                                  .bytes = BYTES,
                                  .in_cache = true};
    struct burst burst = {.end = stopwatch_now() + NANOSECONDS / 100};
    assert_int_equal(read_bandwidth_measure(&read, &burst, NULL), 0);
    assert_in_range(burst.count, 1, BURST_MAX);
    for (size_t i = 0; i < burst.count; i++)
        assert_true(burst.values[i] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_reads_every_word_in_every_pass),
        cmocka_unit_test(kernel_that_leaves_memory_out_is_found),
        cmocka_unit_test(burst_of_reads_has_positive_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
