/* Plain stores beyond the caches too: Neoverse cores notice a stream of whole lines and write it without
 * reading it first (Arm, Neoverse N1 and V1 software optimization guides: write streaming mode). */
#include "kernels/memory_kernels.h"

#include <arm_neon.h>
#include <arm_sve.h>
#include <string.h>

#define FENCE_STORES() __asm__ volatile("dmb ishst" ::: "memory")

#define KERNEL(name) name##_neon
#define KERNEL_TARGET
#define VECTOR uint64x2_t
#define LOAD(p) vld1q_u64(p)
#define STORE(p, v) vst1q_u64(p, v)
#define STORE_BEYOND(p, v) vst1q_u64(p, v)
#define FENCE() FENCE_STORES()
#define PREFETCH(p) (void)(p)
#define ADD(x, y) vaddq_u64(x, y)
#define FILL(word) vdupq_n_u64(word)
#include "kernels/memory_template.h"

/* --- SVE: types without a size, so written out. A turn takes four vectors, then the rest, of which there is
 * some where four vectors do not divide a block, goes under a predicate. --------------------------------- */

#define SVE __attribute__((target("+sve"))) static
#define END_PASS() __asm__ volatile("" ::: "memory")
#define EACH_OF_FOUR(DO) DO(0) DO(1) DO(2) DO(3)

SVE uint64_t read_sve(void *memory, size_t bytes, size_t passes)
{
    const svbool_t all = svptrue_b64();
    const size_t lanes = svcntd(), count = bytes / sizeof(uint64_t);
    svuint64_t sum0 = svdup_u64(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    for (size_t pass = 0; pass < passes; pass++) {
        const uint64_t *words = memory;
        size_t at = 0;
        for (; at + 4 * lanes <= count; at += 4 * lanes) {
#define ADD_VECTOR(k) sum##k = svadd_x(all, sum##k, svld1(all, words + at + (k)*lanes));
            EACH_OF_FOUR(ADD_VECTOR)
#undef ADD_VECTOR
        }
        for (; at < count; at += lanes) {
            svbool_t left = svwhilelt_b64(at, count);
            sum0 = svadd_m(left, sum0, svld1(left, words + at));
        }
        END_PASS();
    }
    return svaddv(all, svadd_x(all, svadd_x(all, sum0, sum1), svadd_x(all, sum2, sum3)));
}

SVE uint64_t write_sve(void *memory, size_t bytes, size_t passes)
{
    const svbool_t all = svptrue_b64();
    const svuint64_t value = svdup_u64(MEMORY_WRITTEN_WORD);
    const size_t lanes = svcntd(), count = bytes / sizeof(uint64_t);
    for (size_t pass = 0; pass < passes; pass++) {
        uint64_t *words = memory;
        size_t at = 0;
        for (; at + 4 * lanes <= count; at += 4 * lanes) {
#define STORE_VECTOR(k) svst1(all, words + at + (k)*lanes, value);
            EACH_OF_FOUR(STORE_VECTOR)
#undef STORE_VECTOR
        }
        for (; at < count; at += lanes)
            svst1(svwhilelt_b64(at, count), words + at, value);
        END_PASS();
    }
    return 0;
}

SVE uint64_t copy_sve(void *memory, size_t bytes, size_t passes)
{
    const svbool_t all = svptrue_b64();
    const size_t lanes = svcntd(), count = bytes / sizeof(uint64_t) / 2;
    for (size_t pass = 0; pass < passes; pass++) {
        const uint64_t *from = memory;
        uint64_t *to = (uint64_t *)memory + count;
        size_t at = 0;
        for (; at + 4 * lanes <= count; at += 4 * lanes) {
#define LOAD_VECTOR(k) svuint64_t moved##k = svld1(all, from + at + (k)*lanes);
#define STORE_VECTOR(k) svst1(all, to + at + (k)*lanes, moved##k);
            EACH_OF_FOUR(LOAD_VECTOR)
            EACH_OF_FOUR(STORE_VECTOR)
#undef LOAD_VECTOR
#undef STORE_VECTOR
        }
        for (; at < count; at += lanes) {
            svbool_t left = svwhilelt_b64(at, count);
            svst1(left, to + at, svld1(left, from + at));
        }
        END_PASS();
    }
    return 0;
}

const struct memory_kernels memory_kernels[] = {
    /* Beyond the caches the width of the vectors does not matter. */
    {"sve",
     1U << CPU_SVE | 1U << CPU_ASIMD,
     {read_sve, write_sve, copy_sve},
     "neon",
     {read_beyond_neon, write_beyond_neon, copy_beyond_neon}},
    {"neon",
     1U << CPU_ASIMD,
     {read_neon, write_neon, copy_neon},
     "neon",
     {read_beyond_neon, write_beyond_neon, copy_beyond_neon}},
};
const size_t memory_kernels_count = sizeof memory_kernels / sizeof memory_kernels[0];
