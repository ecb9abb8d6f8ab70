/* Plain stores: Neoverse cores notice a stream of whole lines and write it without reading it first. */
#include "kernels/stream_kernels.h"

#include <arm_neon.h>

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

const struct stream_kernels stream_kernels[] = {
    {"neon", 1U << CPU_ASIMD, false, {copy_neon, scale_neon, add_neon, triad_neon}},
};
const size_t stream_kernels_count = sizeof stream_kernels / sizeof stream_kernels[0];
