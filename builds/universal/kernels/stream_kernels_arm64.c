/* Plain stores: Neoverse cores notice a stream of whole lines and write it without reading it first. */
#include "kernels/stream_kernels.h"

#include <arm_neon.h>
#include <arm_sve.h>

#define KERNEL(operation) operation##_neon
#define KERNEL_TARGET
#define VECTOR float64x2_t
#define LANES 2
#define SUBSTREAMS 1
#define LOAD(p) vld1q_f64(p)
#define STORE(p, v) vst1q_f64(p, v)
#define FENCE() __asm__ volatile("dmb ishst" ::: "memory")
#define BROADCAST(x) vdupq_n_f64(x)
#define ADD(x, y) vaddq_f64(x, y)
#define MULTIPLY(x, y) vmulq_f64(x, y)
#define MULTIPLY_ADD(x, y, z) vfmaq_f64(z, x, y)
#define PREFETCH(p) (void)(p)
#include "kernels/stream_template.h"

/*
 * SVE's vectors have a length that is known only at run time, and types of no size, which can't be held in
 * arrays: four vectors a step are written out, each with a predicate, so that any length will do.
 */
#define SVE __attribute__((target("+sve")))

#define DEFINE_SVE_KERNEL(operation, destination, value)                                                     \
    SVE static void operation##_sve(double *restrict a, double *restrict b, double *restrict c,              \
                                    double scalar, size_t elements)                                          \
    {                                                                                                        \
        const size_t lanes = svcntd();                                                                       \
        (void)a, (void)b, (void)c, (void)scalar;                                                             \
        for (size_t i = 0; i < elements; i += 4 * lanes) {                                                   \
            size_t j = i + lanes, k = j + lanes, l = k + lanes;                                              \
            svbool_t in_i = svwhilelt_b64(i, elements), in_j = svwhilelt_b64(j, elements);                   \
            svbool_t in_k = svwhilelt_b64(k, elements), in_l = svwhilelt_b64(l, elements);                   \
            svfloat64_t at_i = value(in_i, i), at_j = value(in_j, j);                                        \
            svfloat64_t at_k = value(in_k, k), at_l = value(in_l, l);                                        \
            svst1(in_i, (destination) + i, at_i);                                                            \
            svst1(in_j, (destination) + j, at_j);                                                            \
            svst1(in_k, (destination) + k, at_k);                                                            \
            svst1(in_l, (destination) + l, at_l);                                                            \
        }                                                                                                    \
        __asm__ volatile("dmb ishst" ::: "memory");                                                          \
    }

#define COPY_AT(in, at) svld1(in, a + (at))
#define SCALE_AT(in, at) svmul_x(in, svld1(in, c + (at)), scalar)
#define ADD_AT(in, at) svadd_x(in, svld1(in, a + (at)), svld1(in, b + (at)))
#define TRIAD_AT(in, at) svmla_x(in, svld1(in, b + (at)), svld1(in, c + (at)), scalar)
DEFINE_SVE_KERNEL(copy, c, COPY_AT)
DEFINE_SVE_KERNEL(scale, b, SCALE_AT)
DEFINE_SVE_KERNEL(add, c, ADD_AT)
DEFINE_SVE_KERNEL(triad, a, TRIAD_AT)

const struct stream_kernels stream_kernels[] = {
    {"sve", 1U << CPU_SVE, false, {copy_sve, scale_sve, add_sve, triad_sve}},
    {"neon", 1U << CPU_ASIMD, false, {copy_neon, scale_neon, add_neon, triad_neon}},
};
const size_t stream_kernels_count = sizeof stream_kernels / sizeof stream_kernels[0];
