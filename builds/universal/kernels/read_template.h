/*
 * The read kernel over one vector type. The including file defines
 *   KERNEL, KERNEL_TARGET         name of the function and its target attribute, or nothing
 *   VECTOR                        type of 64-bit integers
 *   LOAD(p), ADD(x, y), ZERO()    on it; p is aligned
 * and includes this file once. All are undefined again at its end.
 *
 * One addition for each load, into as many accumulators as hide the latency of the addition.
 */

#define ACCUMULATORS 8
#define EACH_ACCUMULATOR _Pragma("GCC unroll 8") for (size_t k = 0; k < ACCUMULATORS; k++)

KERNEL_TARGET static uint64_t KERNEL(const void *memory, size_t bytes, size_t passes)
{
    enum { WORDS = sizeof(VECTOR) / sizeof(uint64_t) };
    VECTOR sum[ACCUMULATORS];
    EACH_ACCUMULATOR sum[k] = ZERO();
    for (size_t pass = 0; pass < passes; pass++) {
        const uint64_t *at = memory;
        const uint64_t *end = at + bytes / sizeof *at;
        for (; at < end; at += ACCUMULATORS * WORDS)
            EACH_ACCUMULATOR sum[k] = ADD(sum[k], LOAD(at + k * WORDS));
        __asm__ volatile("" ::: "memory"); /* or one pass could be taken for all of them */
    }
    uint64_t words[ACCUMULATORS][WORDS];
    memcpy(words, sum, sizeof words);
    uint64_t total = 0;
    for (size_t k = 0; k < ACCUMULATORS; k++)
        for (size_t lane = 0; lane < WORDS; lane++)
            total += words[k][lane];
    return total;
}

#undef EACH_ACCUMULATOR
#undef ACCUMULATORS
#undef KERNEL
#undef KERNEL_TARGET
#undef VECTOR
#undef LOAD
#undef ADD
#undef ZERO
