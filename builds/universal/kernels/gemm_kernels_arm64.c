#include "kernels/gemm_kernels.h"

#include <arm_neon.h>
#include <arm_sve.h>

/* 8 x 6 takes 24 of 32 registers for the sums and 4 for A. */
#define KERNEL(name) name##_neon
#define KERNEL_TARGET
#define VECTOR float64x2_t
#define LANES 2
#define VECTORS 4
#define COLUMNS 6
#define LOAD(p) vld1q_f64(p)
#define LOAD_ANY(p) vld1q_f64(p)
#define STORE_ANY(p, v) vst1q_f64(p, v)
#define ZERO() vdupq_n_f64(0)
#define BROADCAST(p) vld1q_dup_f64(p)
#define MULTIPLY_ADD(x, y, z) vfmaq_f64(z, x, y)
#define SUBTRACT(x, y) vsubq_f64(x, y)
#define MULTIPLY_SUBTRACT(x, y, z) vfmsq_f64(z, x, y)
#define MAGNITUDE(x) vabsq_f64(x)
#define LARGER(x, y) vmaxnmq_f64(x, y)
#define MULTIPLY_SUBTRACT_ONE(x, y, z) __builtin_fma(-(x), y, z)
#define PREFETCH(p) __builtin_prefetch(p)
#define PREFETCH_FAR(p) __builtin_prefetch(p, 0, 2)
#include "kernels/gemm_template.h"

/*
 * SVE's vectors have a length that is known only at run time, and types of no size, which can't be held in
 * arrays: the tile of 3 vectors by 8 columns is written out.
 */
#define SVE __attribute__((target("+sve")))
#define SVE_VECTORS 3
#define SVE_COLUMNS 8
#define EACH_SVE_COLUMN(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)

SVE static size_t rows_sve(void)
{
    return SVE_VECTORS * svcntd();
}

#define NOTHING_YET(j) svfloat64_t x##j = svdup_f64(0), y##j = x##j, z##j = x##j;
#define ADD_PRODUCT(j)                                                                                       \
    {                                                                                                        \
        svfloat64_t right = svdup_f64(b[j]);                                                                 \
        x##j = svmla_x(all, x##j, left0, right);                                                             \
        y##j = svmla_x(all, y##j, left1, right);                                                             \
        z##j = svmla_x(all, z##j, left2, right);                                                             \
    }
#define TAKE_FROM_C(j)                                                                                       \
    {                                                                                                        \
        double *at = c + (j)*stride;                                                                         \
        svst1(all, at, svsub_x(all, svld1(all, at), x##j));                                                  \
        svst1(all, at + lanes, svsub_x(all, svld1(all, at + lanes), y##j));                                  \
        svst1(all, at + 2 * lanes, svsub_x(all, svld1(all, at + 2 * lanes), z##j));                          \
    }

SVE static void tile_sve(size_t depth, const double *restrict a, const double *restrict b, double *restrict c,
                         size_t stride, const double *ahead)
{
    const svbool_t all = svptrue_b64();
    const size_t lanes = svcntd();
    EACH_SVE_COLUMN(NOTHING_YET)
    for (size_t k = 0; k < depth; k++) {
        svfloat64_t left0 = svld1(all, a);
        svfloat64_t left1 = svld1(all, a + lanes);
        svfloat64_t left2 = svld1(all, a + 2 * lanes);
        EACH_SVE_COLUMN(ADD_PRODUCT)
        __builtin_prefetch(ahead, 0, 2);
        ahead += SVE_COLUMNS;
        a += SVE_VECTORS * lanes;
        b += SVE_COLUMNS;
    }
    EACH_SVE_COLUMN(TAKE_FROM_C)
}

SVE static void axpy_sve(size_t count, double factor, const double *restrict x, double *restrict y)
{
    for (size_t i = 0; i < count; i += svcntd()) {
        svbool_t some = svwhilelt_b64(i, count);
        svst1(some, y + i, svmls_x(some, svld1(some, y + i), svld1(some, x + i), factor));
    }
}

SVE static size_t largest_sve(size_t count, const double *x)
{
    svfloat64_t most = svdup_f64(-1);
    for (size_t i = 0; i < count; i += svcntd()) {
        svbool_t some = svwhilelt_b64(i, count);
        most = svmaxnm_m(some, most, svabs_x(some, svld1(some, x + i)));
    }
    double size = svmaxnmv(svptrue_b64(), most);
    size_t first = 0;
    while (first < count && __builtin_fabs(x[first]) != size)
        first++;
    return first;
}

const struct gemm_kernels gemm_kernels[] = {
    {"sve", 1U << CPU_SVE, rows_sve, SVE_COLUMNS, tile_sve, axpy_sve, largest_sve},
    {"neon", 1U << CPU_ASIMD, rows_neon, 6, tile_neon, axpy_neon, largest_neon},
};
const size_t gemm_kernels_count = sizeof gemm_kernels / sizeof gemm_kernels[0];
