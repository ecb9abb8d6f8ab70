#include "kernels/arithmetic_kernels.h"

#include <immintrin.h>
#include <stdint.h>

#define FEATURE(name) (1U << CPU_##name)

/* --- AVX-512: 32 registers ---------------------------------------------------------------------- */

#define KERNEL_TARGET __attribute__((target("avx512f")))
#define CHAINS 24
#define KEEP(v) __asm__ volatile("" : "+v"(v))

#define KERNEL(name) name##_fp64_avx512
#define VECTOR __m512d
#define SCALAR double
#define LANES 8
#define COUNTED 2
#define BROADCAST(x) _mm512_set1_pd(x)
#define STORE(p, v) _mm512_storeu_pd(p, v)
#define ADD_ONE(v, one) _mm512_fmadd_pd(v, one, one)
#include "kernels/arithmetic_template.h"

#define KERNEL(name) name##_fp32_avx512
#define VECTOR __m512
#define SCALAR float
#define LANES 16
#define COUNTED 2
#define BROADCAST(x) _mm512_set1_ps(x)
#define STORE(p, v) _mm512_storeu_ps(p, v)
#define ADD_ONE(v, one) _mm512_fmadd_ps(v, one, one)
#include "kernels/arithmetic_template.h"

#define KERNEL(name) name##_int32_avx512
#define VECTOR __m512i
#define SCALAR int32_t
#define LANES 16
#define COUNTED 1
#define BROADCAST(x) _mm512_set1_epi32(x)
#define STORE(p, v) _mm512_storeu_si512(p, v)
#define ADD_ONE(v, one) _mm512_add_epi32(v, one)
#include "kernels/arithmetic_template.h"

#undef KERNEL_TARGET
#undef CHAINS
#undef KEEP

/* --- AVX2 with FMA: 16 registers ---------------------------------------------------------------- */

#define KERNEL_TARGET __attribute__((target("avx2,fma")))
#define CHAINS 12
#define KEEP(v) __asm__ volatile("" : "+x"(v))

#define KERNEL(name) name##_fp64_avx2
#define VECTOR __m256d
#define SCALAR double
#define LANES 4
#define COUNTED 2
#define BROADCAST(x) _mm256_set1_pd(x)
#define STORE(p, v) _mm256_storeu_pd(p, v)
#define ADD_ONE(v, one) _mm256_fmadd_pd(v, one, one)
#include "kernels/arithmetic_template.h"

#define KERNEL(name) name##_fp32_avx2
#define VECTOR __m256
#define SCALAR float
#define LANES 8
#define COUNTED 2
#define BROADCAST(x) _mm256_set1_ps(x)
#define STORE(p, v) _mm256_storeu_ps(p, v)
#define ADD_ONE(v, one) _mm256_fmadd_ps(v, one, one)
#include "kernels/arithmetic_template.h"

#define KERNEL(name) name##_int32_avx2
#define VECTOR __m256i
#define SCALAR int32_t
#define LANES 8
#define COUNTED 1
#define BROADCAST(x) _mm256_set1_epi32(x)
#define STORE(p, v) _mm256_storeu_si256((__m256i *)(void *)(p), v)
#define ADD_ONE(v, one) _mm256_add_epi32(v, one)
#include "kernels/arithmetic_template.h"

#undef KERNEL_TARGET
#undef CHAINS
#undef KEEP

/* --- SSE2: no fused operation; multiplications in every other register --------------------------- */

#define KERNEL_TARGET
#define CHAINS 12
#define KEEP(v) __asm__ volatile("" : "+x"(v))

#define KERNEL(name) name##_fp64_sse2
#define VECTOR __m128d
#define SCALAR double
#define LANES 2
#define COUNTED 1
#define BROADCAST(x) _mm_set1_pd(x)
#define STORE(p, v) _mm_storeu_pd(p, v)
#define ADD_ONE(v, one) _mm_add_pd(v, one)
#define TURN(v, minus_one) _mm_mul_pd(v, minus_one)
#include "kernels/arithmetic_template.h"

#define KERNEL(name) name##_fp32_sse2
#define VECTOR __m128
#define SCALAR float
#define LANES 4
#define COUNTED 1
#define BROADCAST(x) _mm_set1_ps(x)
#define STORE(p, v) _mm_storeu_ps(p, v)
#define ADD_ONE(v, one) _mm_add_ps(v, one)
#define TURN(v, minus_one) _mm_mul_ps(v, minus_one)
#include "kernels/arithmetic_template.h"

#define KERNEL(name) name##_int32_sse2
#define VECTOR __m128i
#define SCALAR int32_t
#define LANES 4
#define COUNTED 1
#define BROADCAST(x) _mm_set1_epi32(x)
#define STORE(p, v) _mm_storeu_si128((__m128i *)(void *)(p), v)
#define ADD_ONE(v, one) _mm_add_epi32(v, one)
#include "kernels/arithmetic_template.h"

const struct arithmetic_kernels arithmetic_kernels[] = {
    {"avx512", FEATURE(AVX512F), ARITHMETIC_KINDS_OF(avx512)},
    {"avx2", FEATURE(AVX2) | FEATURE(FMA), ARITHMETIC_KINDS_OF(avx2)},
    {"sse2", FEATURE(SSE2), ARITHMETIC_KINDS_OF(sse2)},
};
const size_t arithmetic_kernels_count = sizeof arithmetic_kernels / sizeof arithmetic_kernels[0];
