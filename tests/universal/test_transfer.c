#include "measure/stopwatch.h"
#include "measure/transfer.h"

#include "test.h"

#include <string.h>

#define BYTES ((size_t)7 * MEMORY_BLOCK_BYTES)
#define WORDS (BYTES / sizeof(uint64_t))

/* One line more than the kernels may touch stands on both sides. */
#define MARGIN 8
#define UNTOUCHED UINT64_C(0x1111111111111111)

struct guarded {
    uint64_t *all;
    uint64_t *words;
};

static struct guarded new_words(void)
{
    uint64_t *all = aligned_alloc(64, BYTES + 2 * MARGIN * sizeof(uint64_t));
    assert_non_null(all);
    for (size_t i = 0; i < MARGIN; i++)
        all[i] = all[MARGIN + WORDS + i] = UNTOUCHED;
    transfer_fill((char *)(all + MARGIN), BYTES);
    return (struct guarded){all, all + MARGIN};
}

static void expect_untouched_margins(const struct guarded *guarded)
{
    for (size_t i = 0; i < MARGIN; i++)
        assert_true(guarded->all[i] == UNTOUCHED && guarded->words[WORDS + i] == UNTOUCHED);
}

static void free_words(struct guarded *guarded)
{
    free(guarded->all);
}

#define AUTO_WORDS CLEANUP(free_words)

static uint64_t sum_of(const uint64_t *words)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < WORDS; i++)
        sum += words[i];
    return sum;
}

/* Both ways of an operation, of every instruction set that this CPU has. */
static size_t kernels_of(enum memory_operation operation, memory_kernel *kernels[16])
{
    cpu_feature_set have = cpu_features_detect();
    size_t count = 0;
    for (size_t row = 0; row < memory_kernels_count; row++) {
        if (!cpu_features_include(have, memory_kernels[row].needs))
            continue;
        kernels[count++] = memory_kernels[row].in_cache[operation];
        kernels[count++] = memory_kernels[row].beyond[operation];
    }
    assert_true(count >= 2);
    return count;
}

TEST(every_kernel_reads_every_word_in_every_pass)
{
    AUTO_WORDS struct guarded guarded = new_words();
    memory_kernel *kernels[16];
    for (size_t i = kernels_of(MEMORY_READ, kernels); i-- > 0;) {
        assert_true(kernels[i](guarded.words, BYTES, 1) == sum_of(guarded.words));
        assert_true(kernels[i](guarded.words, BYTES, 5) == 5 * sum_of(guarded.words));
        assert_true(kernels[i](guarded.words, BYTES, 0) == 0);
    }
}

TEST(every_kernel_writes_every_word_and_no_other)
{
    memory_kernel *kernels[16];
    for (size_t i = kernels_of(MEMORY_WRITE, kernels); i-- > 0;) {
        AUTO_WORDS struct guarded guarded = new_words();
        kernels[i](guarded.words, BYTES, 2);
        for (size_t word = 0; word < WORDS; word++)
            assert_true(guarded.words[word] == MEMORY_WRITTEN_WORD);
        expect_untouched_margins(&guarded);
    }
}

TEST(every_kernel_copies_the_first_half_to_the_second_and_no_further)
{
    memory_kernel *kernels[16];
    for (size_t i = kernels_of(MEMORY_COPY, kernels); i-- > 0;) {
        AUTO_WORDS struct guarded guarded = new_words();
        AUTO_WORDS struct guarded before = new_words();
        kernels[i](guarded.words, BYTES, 2);
        assert_memory_equal(guarded.words, before.words, BYTES / 2);
        assert_memory_equal(guarded.words + WORDS / 2, before.words, BYTES / 2);
        expect_untouched_margins(&guarded);
    }
}

/* --- kernels that cheat --------------------------------------------------------------------------------- */

static uint64_t lazy_read(void *memory, size_t bytes, size_t passes)
{
    return memory_kernels_for(0)->in_cache[MEMORY_READ](memory, bytes - MEMORY_BLOCK_BYTES, passes);
}

static uint64_t lazy_write(void *memory, size_t bytes, size_t passes)
{
    return memory_kernels_for(0)->in_cache[MEMORY_WRITE](memory, bytes - MEMORY_BLOCK_BYTES, passes);
}

static uint64_t lazy_copy(void *memory, size_t bytes, size_t passes)
{
    (void)passes;
    memcpy((char *)memory + bytes / 2, memory, bytes / 2 - sizeof(uint64_t));
    return 0;
}

TEST(kernel_that_leaves_memory_out_is_found)
{
    static memory_kernel *const lazy[] = {lazy_read, lazy_write, lazy_copy};
    for (enum memory_operation operation = MEMORY_READ; operation < MEMORY_OPERATIONS; operation++) {
        AUTO_WORDS struct guarded guarded = new_words();
        memory_kernel *honest = memory_kernels_for(cpu_features_detect())->in_cache[operation];
        assert_true(transfer_is_right(operation, honest, (char *)guarded.words, BYTES));
        assert_false(transfer_is_right(operation, lazy[operation], (char *)guarded.words, BYTES));
    }
}

/* --- bursts --------------------------------------------------------------------------------------------- */

static void expect_positive_burst(struct transfer *transfer)
{
    struct burst burst = {.end = stopwatch_now() + NANOSECONDS / 100};
    assert_int_equal(transfer_measure(transfer, &burst, NULL), 0);
    assert_in_range(burst.count, 1, BURST_MAX);
    for (size_t i = 0; i < burst.count; i++)
        assert_true(burst.values[i] > 0);
}

TEST(burst_of_transfers_has_positive_values)
{
    const struct memory_kernels *kernels = memory_kernels_for(cpu_features_detect());
    AUTO_WORDS struct guarded guarded = new_words();
    for (enum memory_operation operation = MEMORY_READ; operation < MEMORY_OPERATIONS; operation++) {
        struct transfer in_cache = {.kernel = kernels->in_cache[operation],
                                    .reader = kernels->in_cache[MEMORY_READ],
                                    .memory = (char *)guarded.words,
                                    .bytes = BYTES};
        struct transfer in_memory = {
            .kernel = kernels->beyond[operation], .memory = (char *)guarded.words, .bytes = BYTES};
        expect_positive_burst(&in_cache);
        assert_true(in_cache.passes > 1); /* one pass of 28 KiB takes no millisecond */
        expect_positive_burst(&in_memory);
    }
    expect_untouched_margins(&guarded);
}

TEST(members_of_a_team_move_their_own_parts)
{
    enum { MEMBERS = 2 };
    static const uint16_t cpus[MEMBERS] = {0, 0}; /* both on one CPU: there may be no other */
    const struct memory_kernels *kernels = memory_kernels_for(cpu_features_detect());
    AUTO_TEAM struct team *team = team_start(cpus, MEMBERS, NULL);
    assert_non_null(team);
    char *memory = aligned_alloc(4096, (MEMBERS + 1) * BYTES);
    assert_non_null(memory);
    transfer_fill(memory, (MEMBERS + 1) * BYTES);
    struct transfer transfer = {.kernel = kernels->in_cache[MEMORY_WRITE],
                                .reader = kernels->in_cache[MEMORY_READ],
                                .memory = memory,
                                .bytes = BYTES,
                                .team = team};
    expect_positive_burst(&transfer);
    const uint64_t *words = (void *)memory;
    for (size_t i = 0; i < MEMBERS * WORDS; i++)
        assert_true(words[i] == MEMORY_WRITTEN_WORD);
    assert_true(words[MEMBERS * WORDS] != MEMORY_WRITTEN_WORD);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_reads_every_word_in_every_pass),
        cmocka_unit_test(every_kernel_writes_every_word_and_no_other),
        cmocka_unit_test(every_kernel_copies_the_first_half_to_the_second_and_no_further),
        cmocka_unit_test(kernel_that_leaves_memory_out_is_found),
        cmocka_unit_test(burst_of_transfers_has_positive_values),
        cmocka_unit_test(members_of_a_team_move_their_own_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
