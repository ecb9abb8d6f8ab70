#include "kernels/read_kernels.h"

#include <immintrin.h>
#include <string.h>

#define KERNEL read_sse2
#define KERNEL_TARGET
#define VECTOR __m128i
#define LOAD(p) _mm_load_si128((const __m128i *)(p))
#define ADD(x, y) _mm_add_epi64(x, y)
#define ZERO() _mm_setzero_si128()
#include "kernels/read_template.h"

#define KERNEL read_avx2
#define KERNEL_TARGET __attribute__((target("avx2")))
#define VECTOR __m256i
#define LOAD(p) _mm256_load_si256((const __m256i *)(p))
#define ADD(x, y) _mm256_add_epi64(x, y)
#define ZERO() _mm256_setzero_si256()
#include "kernels/read_template.h"

#define KERNEL read_avx512
#define KERNEL_TARGET __attribute__((target("avx512f")))
#define VECTOR __m512i
#define LOAD(p) _mm512_load_si512((const void *)(p))
#define ADD(x, y) _mm512_add_epi64(x, y)
#define ZERO() _mm512_setzero_si512()
#include "kernels/read_template.h"

const struct read_kernels read_kernels[] = {
    {"avx512", 1U << CPU_AVX512F, read_avx512},
    {"avx2", 1U << CPU_AVX2, read_avx2},
    {"sse2", 1U << CPU_SSE2, read_sse2},
};
const size_t read_kernels_count = sizeof read_kernels / sizeof read_kernels[0];
