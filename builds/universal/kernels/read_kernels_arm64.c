#include "kernels/read_kernels.h"

#include <arm_neon.h>
#include <string.h>

#define KERNEL read_neon
#define KERNEL_TARGET
#define VECTOR uint64x2_t
#define LOAD(p) vld1q_u64(p)
#define ADD(x, y) vaddq_u64(x, y)
#define ZERO() vdupq_n_u64(0)
#include "kernels/read_template.h"

const struct read_kernels read_kernels[] = {
    {"neon", 1U << CPU_ASIMD, read_neon},
};
const size_t read_kernels_count = sizeof read_kernels / sizeof read_kernels[0];
