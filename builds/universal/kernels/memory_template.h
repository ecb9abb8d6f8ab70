/*
 * The memory kernels over one vector type. The including file defines
 *   KERNEL(name), KERNEL_TARGET   name of a function and its target attribute, or nothing
 *   VECTOR                        type of 64-bit integers
 *   LOAD(p), STORE(p, v)          p is aligned
 *   ADD(x, y), FILL(word)         on vectors
 * and for the kernels beyond the caches
 *   STORE_BEYOND(p, v), FENCE()   a store that goes round the caches if there is one; orders such stores
 *   PREFETCH(p)                   asks for the line at p
 * and includes this file once. All are undefined again at its end.
 *
 * In a cache: one addition for each load, into as many accumulators as hide the latency of the addition.
 * Beyond: the memory is walked as SUBSTREAMS equal parts side by side, one line of 64 bytes of each in turn,
 * which keeps more banks of the memory and more of the prefetchers' streams busy than one walk does. Where
 * lines are only read, the prefetchers see to themselves, and asking for lines as well is slower.
 */

#define WORDS (sizeof(VECTOR) / sizeof(uint64_t))
#define LINE_WORDS 8
#define UNROLLED 8
#define EACH_VECTOR _Pragma("GCC unroll 8") for (size_t k = 0; k < UNROLLED; k++)
#define SUBSTREAMS 4
#define EACH_LINE                                                                                            \
    _Pragma("GCC unroll 8") for (size_t base = i, substream = 0; substream < SUBSTREAMS;                     \
                                 substream++, base += part)
#define EACH_VECTOR_OF_LINE                                                                                  \
    _Pragma("GCC unroll 8") for (size_t at = base, v = 0; v < LINE_WORDS / WORDS; v++, at += WORDS)
#define PREFETCH_AHEAD_WORDS 64

/* Or one pass could be taken for all of them. */
#define END_PASS() __asm__ volatile("" ::: "memory")

KERNEL_TARGET static inline uint64_t KERNEL(total)(const VECTOR *sums, size_t count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t words[WORDS];
        memcpy(words, &sums[i], sizeof words);
        for (size_t lane = 0; lane < WORDS; lane++)
            total += words[lane];
    }
    return total;
}

KERNEL_TARGET static uint64_t KERNEL(read)(void *memory, size_t bytes, size_t passes)
{
    VECTOR sum[UNROLLED];
    EACH_VECTOR sum[k] = FILL(0);
    for (size_t pass = 0; pass < passes; pass++) {
        const uint64_t *at = memory;
        const uint64_t *end = at + bytes / sizeof *at;
        for (; at < end; at += UNROLLED * WORDS)
            EACH_VECTOR sum[k] = ADD(sum[k], LOAD(at + k * WORDS));
        END_PASS();
    }
    return KERNEL(total)(sum, UNROLLED);
}

KERNEL_TARGET static uint64_t KERNEL(write)(void *memory, size_t bytes, size_t passes)
{
    const VECTOR value = FILL(MEMORY_WRITTEN_WORD);
    for (size_t pass = 0; pass < passes; pass++) {
        uint64_t *at = memory;
        uint64_t *end = at + bytes / sizeof *at;
        for (; at < end; at += UNROLLED * WORDS)
            EACH_VECTOR STORE(at + k * WORDS, value);
        END_PASS();
    }
    return 0;
}

KERNEL_TARGET static uint64_t KERNEL(copy)(void *memory, size_t bytes, size_t passes)
{
    const size_t half = bytes / sizeof(uint64_t) / 2;
    for (size_t pass = 0; pass < passes; pass++) {
        uint64_t *from = memory;
        uint64_t *end = from + half;
        for (; from < end; from += UNROLLED * WORDS) {
            VECTOR moved[UNROLLED];
            EACH_VECTOR moved[k] = LOAD(from + k * WORDS);
            EACH_VECTOR STORE(from + half + k * WORDS, moved[k]);
        }
        END_PASS();
    }
    return 0;
}

#ifdef STORE_BEYOND
KERNEL_TARGET static uint64_t KERNEL(read_beyond)(void *memory, size_t bytes, size_t passes)
{
    const uint64_t *words = memory;
    const size_t part = bytes / sizeof *words / SUBSTREAMS;
    VECTOR sum[SUBSTREAMS];
    for (size_t k = 0; k < SUBSTREAMS; k++)
        sum[k] = FILL(0);
    for (size_t pass = 0; pass < passes; pass++) {
        for (size_t i = 0; i < part; i += LINE_WORDS)
            EACH_LINE
        EACH_VECTOR_OF_LINE sum[substream] = ADD(sum[substream], LOAD(words + at));
        END_PASS();
    }
    return KERNEL(total)(sum, SUBSTREAMS);
}

KERNEL_TARGET static uint64_t KERNEL(write_beyond)(void *memory, size_t bytes, size_t passes)
{
    uint64_t *words = memory;
    const size_t part = bytes / sizeof *words / SUBSTREAMS;
    const VECTOR value = FILL(MEMORY_WRITTEN_WORD);
    for (size_t pass = 0; pass < passes; pass++) {
        for (size_t i = 0; i < part; i += LINE_WORDS)
            EACH_LINE
        EACH_VECTOR_OF_LINE STORE_BEYOND(words + at, value);
        FENCE();
    }
    return 0;
}

KERNEL_TARGET static uint64_t KERNEL(copy_beyond)(void *memory, size_t bytes, size_t passes)
{
    uint64_t *words = memory;
    const size_t half = bytes / sizeof *words / 2;
    const size_t part = half / SUBSTREAMS;
    for (size_t pass = 0; pass < passes; pass++) {
        for (size_t i = 0; i < part; i += LINE_WORDS) {
            VECTOR moved[SUBSTREAMS][LINE_WORDS / WORDS];
            EACH_LINE PREFETCH(words + base + PREFETCH_AHEAD_WORDS);
            EACH_LINE
            EACH_VECTOR_OF_LINE moved[substream][v] = LOAD(words + at);
            EACH_LINE
            EACH_VECTOR_OF_LINE STORE_BEYOND(words + half + at, moved[substream][v]);
        }
        FENCE();
    }
    return 0;
}
#endif

#undef END_PASS
#undef PREFETCH_AHEAD_WORDS
#undef EACH_VECTOR_OF_LINE
#undef EACH_LINE
#undef SUBSTREAMS
#undef EACH_VECTOR
#undef UNROLLED
#undef LINE_WORDS
#undef WORDS
#undef KERNEL
#undef KERNEL_TARGET
#undef VECTOR
#undef LOAD
#undef STORE
#undef STORE_BEYOND
#undef FENCE
#undef PREFETCH
#undef ADD
#undef FILL
