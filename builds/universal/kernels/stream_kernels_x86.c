/* Non-temporal stores everywhere: a plain store reads the line first, which moves a third more than STREAM
 * counts. */
#include "kernels/stream_kernels.h"

#include <immintrin.h>

#define FEATURE(name) (1U << CPU_##name)

#define KERNEL(operation) operation##_sse2
#define KERNEL_TARGET
#define VECTOR __m128d
#define LANES 2
#define SUBSTREAMS 4
#define LOAD(p) _mm_load_pd(p)
#define STORE(p, v) _mm_stream_pd(p, v)
#define FENCE() _mm_sfence()
#define BROADCAST(x) _mm_set1_pd(x)
#define ADD(x, y) _mm_add_pd(x, y)
#define MULTIPLY(x, y) _mm_mul_pd(x, y)
#define MULTIPLY_ADD(x, y, z) _mm_add_pd(_mm_mul_pd(x, y), z)
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#include "kernels/stream_template.h"

#define KERNEL(operation) operation##_avx2
#define KERNEL_TARGET __attribute__((target("avx2,fma")))
#define VECTOR __m256d
#define LANES 4
#define SUBSTREAMS 4
#define LOAD(p) _mm256_load_pd(p)
#define STORE(p, v) _mm256_stream_pd(p, v)
#define FENCE() _mm_sfence()
#define BROADCAST(x) _mm256_set1_pd(x)
#define ADD(x, y) _mm256_add_pd(x, y)
#define MULTIPLY(x, y) _mm256_mul_pd(x, y)
#define MULTIPLY_ADD(x, y, z) _mm256_fmadd_pd(x, y, z)
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#include "kernels/stream_template.h"

#define KERNEL(operation) operation##_avx512
#define KERNEL_TARGET __attribute__((target("avx512f")))
#define VECTOR __m512d
#define LANES 8
#define SUBSTREAMS 4
#define LOAD(p) _mm512_load_pd(p)
#define STORE(p, v) _mm512_stream_pd(p, v)
#define FENCE() _mm_sfence()
#define BROADCAST(x) _mm512_set1_pd(x)
#define ADD(x, y) _mm512_add_pd(x, y)
#define MULTIPLY(x, y) _mm512_mul_pd(x, y)
#define MULTIPLY_ADD(x, y, z) _mm512_fmadd_pd(x, y, z)
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#include "kernels/stream_template.h"

const struct stream_kernels stream_kernels[] = {
    {"avx512", FEATURE(AVX512F), true, {copy_avx512, scale_avx512, add_avx512, triad_avx512}},
    {"avx2", FEATURE(AVX2) | FEATURE(FMA), true, {copy_avx2, scale_avx2, add_avx2, triad_avx2}},
    {"sse2", FEATURE(SSE2), true, {copy_sse2, scale_sse2, add_sse2, triad_sse2}},
};
const size_t stream_kernels_count = sizeof stream_kernels / sizeof stream_kernels[0];
