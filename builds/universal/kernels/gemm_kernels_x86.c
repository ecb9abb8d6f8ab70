#include "kernels/gemm_kernels.h"

#include <immintrin.h>

#define FEATURE(name) (1U << CPU_##name)

/* Tiles as large as the registers allow: 24 x 8 takes 24 of 32 for the sums and 3 for A; 12 x 4 takes 12 of
 * 16; SSE2 has no operand that is broadcast on the way, so 4 x 4 takes 8. */

#define KERNEL(name) name##_avx512
#define KERNEL_TARGET __attribute__((target("avx512f")))
#define VECTOR __m512d
#define LANES 8
#define VECTORS 3
#define COLUMNS 8
#define LOAD(p) _mm512_load_pd(p)
#define LOAD_ANY(p) _mm512_loadu_pd(p)
#define STORE_ANY(p, v) _mm512_storeu_pd(p, v)
#define ZERO() _mm512_setzero_pd()
#define BROADCAST(p) _mm512_set1_pd(*(p))
#define MULTIPLY_ADD(x, y, z) _mm512_fmadd_pd(x, y, z)
#define SUBTRACT(x, y) _mm512_sub_pd(x, y)
#define MULTIPLY_SUBTRACT(x, y, z) _mm512_fnmadd_pd(x, y, z)
#define MAGNITUDE(x) _mm512_abs_pd(x)
#define LARGER(x, y) _mm512_max_pd(x, y)
#define MULTIPLY_SUBTRACT_ONE(x, y, z) __builtin_fma(-(x), y, z)
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define PREFETCH_FAR(p) _mm_prefetch((const char *)(p), _MM_HINT_T1)
#include "kernels/gemm_template.h"

#define KERNEL(name) name##_avx2
#define KERNEL_TARGET __attribute__((target("avx2,fma")))
#define VECTOR __m256d
#define LANES 4
#define VECTORS 3
#define COLUMNS 4
#define LOAD(p) _mm256_load_pd(p)
#define LOAD_ANY(p) _mm256_loadu_pd(p)
#define STORE_ANY(p, v) _mm256_storeu_pd(p, v)
#define ZERO() _mm256_setzero_pd()
#define BROADCAST(p) _mm256_broadcast_sd(p)
#define MULTIPLY_ADD(x, y, z) _mm256_fmadd_pd(x, y, z)
#define SUBTRACT(x, y) _mm256_sub_pd(x, y)
#define MULTIPLY_SUBTRACT(x, y, z) _mm256_fnmadd_pd(x, y, z)
#define MAGNITUDE(x) _mm256_andnot_pd(_mm256_set1_pd(-0.0), x)
#define LARGER(x, y) _mm256_max_pd(x, y)
#define MULTIPLY_SUBTRACT_ONE(x, y, z) __builtin_fma(-(x), y, z)
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define PREFETCH_FAR(p) _mm_prefetch((const char *)(p), _MM_HINT_T1)
#include "kernels/gemm_template.h"

#define KERNEL(name) name##_sse2
#define KERNEL_TARGET
#define VECTOR __m128d
#define LANES 2
#define VECTORS 2
#define COLUMNS 4
#define LOAD(p) _mm_load_pd(p)
#define LOAD_ANY(p) _mm_loadu_pd(p)
#define STORE_ANY(p, v) _mm_storeu_pd(p, v)
#define ZERO() _mm_setzero_pd()
#define BROADCAST(p) _mm_set1_pd(*(p))
#define MULTIPLY_ADD(x, y, z) _mm_add_pd(_mm_mul_pd(x, y), z)
#define SUBTRACT(x, y) _mm_sub_pd(x, y)
#define MULTIPLY_SUBTRACT(x, y, z) _mm_sub_pd(z, _mm_mul_pd(x, y))
#define MAGNITUDE(x) _mm_andnot_pd(_mm_set1_pd(-0.0), x)
#define LARGER(x, y) _mm_max_pd(x, y)
#define MULTIPLY_SUBTRACT_ONE(x, y, z) ((z) - (x) * (y))
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define PREFETCH_FAR(p) _mm_prefetch((const char *)(p), _MM_HINT_T1)
#include "kernels/gemm_template.h"

const struct gemm_kernels gemm_kernels[] = {
    {"avx512", FEATURE(AVX512F), rows_avx512, 8, tile_avx512, axpy_avx512, largest_avx512},
    {"avx2", FEATURE(AVX2) | FEATURE(FMA), rows_avx2, 4, tile_avx2, axpy_avx2, largest_avx2},
    {"sse2", FEATURE(SSE2), rows_sse2, 4, tile_sse2, axpy_sse2, largest_sse2},
};
const size_t gemm_kernels_count = sizeof gemm_kernels / sizeof gemm_kernels[0];
