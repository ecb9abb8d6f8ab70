#include "kernels/arithmetic_kernels.h"

#include <arm_neon.h>
#include <arm_sve.h>
#include <stdint.h>

/* --- NEON: 32 registers; Neoverse V1 has four units with a latency of four ------------------------ */

#define KERNEL_TARGET
#define CHAINS 24
#define KEEP(v) __asm__ volatile("" : "+w"(v))

#define KERNEL(name) name##_fp64_neon
#define VECTOR float64x2_t
#define SCALAR double
#define LANES 2
#define COUNTED 2
#define BROADCAST(x) vdupq_n_f64(x)
#define STORE(p, v) vst1q_f64(p, v)
#define ADD_ONE(v, one) vfmaq_f64(one, v, one)
#include "kernels/arithmetic_template.h"

#define KERNEL(name) name##_fp32_neon
#define VECTOR float32x4_t
#define SCALAR float
#define LANES 4
#define COUNTED 2
#define BROADCAST(x) vdupq_n_f32(x)
#define STORE(p, v) vst1q_f32(p, v)
#define ADD_ONE(v, one) vfmaq_f32(one, v, one)
#include "kernels/arithmetic_template.h"

#define KERNEL(name) name##_int32_neon
#define VECTOR int32x4_t
#define SCALAR int32_t
#define LANES 4
#define COUNTED 1
#define BROADCAST(x) vdupq_n_s32(x)
#define STORE(p, v) vst1q_s32(p, v)
#define ADD_ONE(v, one) vaddq_s32(v, one)
#include "kernels/arithmetic_template.h"

/* --- SVE: types without a size, so written out ----------------------------------------------------- */

#define SVE __attribute__((target("+sve")))
#define SVE_CHAINS 16
#define EACH_CHAIN(DO)                                                                                       \
    DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15)

#define BEGIN_AT_ONE(i) chain_type chain##i = one;
#define STEP(i)                                                                                              \
    chain##i = ADD_ONE(chain##i);                                                                            \
    __asm__ volatile("" : "+w"(chain##i));
#define CHECK(i) right = right && !svptest_any(all, svcmpne(all, chain##i, end));

#define SVE_KERNEL(name, element, type, broadcast, lanes, counted)                                           \
    SVE static bool run_##name(size_t steps)                                                                 \
    {                                                                                                        \
        const svbool_t all = svptrue_##element();                                                            \
        typedef type chain_type;                                                                             \
        const type one = broadcast(1);                                                                       \
        EACH_CHAIN(BEGIN_AT_ONE)                                                                             \
        for (size_t step = 0; step < steps; step++) {                                                        \
            EACH_CHAIN(STEP)                                                                                 \
        }                                                                                                    \
        bool right = true;                                                                                   \
        const type end = broadcast(steps + 1);                                                               \
        EACH_CHAIN(CHECK)                                                                                    \
        return right;                                                                                        \
    }                                                                                                        \
    SVE static size_t operations_##name(void)                                                                \
    {                                                                                                        \
        return SVE_CHAINS * lanes() * (counted);                                                             \
    }

#define BROADCAST_F64(x) svdup_f64((double)(x))
#define BROADCAST_F32(x) svdup_f32((float)(x))
#define BROADCAST_S32(x) svdup_s32((int32_t)(x))

#define ADD_ONE(v) svmla_x(all, one, v, one)
SVE_KERNEL(fp64_sve, b64, svfloat64_t, BROADCAST_F64, svcntd, 2)
SVE_KERNEL(fp32_sve, b32, svfloat32_t, BROADCAST_F32, svcntw, 2)
#undef ADD_ONE
#define ADD_ONE(v) svadd_x(all, v, one)
SVE_KERNEL(int32_sve, b32, svint32_t, BROADCAST_S32, svcntw, 1)

const struct arithmetic_kernels arithmetic_kernels[] = {
    {"sve", 1U << CPU_SVE, ARITHMETIC_KINDS_OF(sve)},
    {"neon", 1U << CPU_ASIMD, ARITHMETIC_KINDS_OF(neon)},
};
const size_t arithmetic_kernels_count = sizeof arithmetic_kernels / sizeof arithmetic_kernels[0];
