#include "kernels/memory_kernels.h"

#include <immintrin.h>
#include <string.h>

#define KERNEL(name) name##_sse2
#define KERNEL_TARGET
#define VECTOR __m128i
#define LOAD(p) _mm_load_si128((const __m128i *)(p))
#define STORE(p, v) _mm_store_si128((__m128i *)(p), v)
#define STORE_BEYOND(p, v) _mm_stream_si128((__m128i *)(p), v)
#define FENCE() _mm_sfence()
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define ADD(x, y) _mm_add_epi64(x, y)
#define FILL(word) _mm_set1_epi64x((long long)(word))
#include "kernels/memory_template.h"

#define KERNEL(name) name##_avx2
#define KERNEL_TARGET __attribute__((target("avx2")))
#define VECTOR __m256i
#define LOAD(p) _mm256_load_si256((const __m256i *)(p))
#define STORE(p, v) _mm256_store_si256((__m256i *)(p), v)
#define STORE_BEYOND(p, v) _mm256_stream_si256((__m256i *)(p), v)
#define FENCE() _mm_sfence()
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define ADD(x, y) _mm256_add_epi64(x, y)
#define FILL(word) _mm256_set1_epi64x((long long)(word))
#include "kernels/memory_template.h"

#define KERNEL(name) name##_avx512
#define KERNEL_TARGET __attribute__((target("avx512f")))
#define VECTOR __m512i
#define LOAD(p) _mm512_load_si512((const void *)(p))
#define STORE(p, v) _mm512_store_si512((void *)(p), v)
#define ADD(x, y) _mm512_add_epi64(x, y)
#define FILL(word) _mm512_set1_epi64((long long)(word))
#include "kernels/memory_template.h"

#define IN_CACHE(isa) .in_cache = {read_##isa, write_##isa, copy_##isa}
#define BEYOND(isa) .beyond = {read_beyond_##isa, write_beyond_##isa, copy_beyond_##isa}

/* Beyond the caches the width of a vector decides nothing, but that Zen 4 reads by halves of 64 bytes with
 * less delay than by wholes. */
const struct memory_kernels memory_kernels[] = {
    {"avx512", 1U << CPU_AVX512F | 1U << CPU_AVX2, IN_CACHE(avx512), "avx2", BEYOND(avx2)},
    {"avx2", 1U << CPU_AVX2, IN_CACHE(avx2), "avx2", BEYOND(avx2)},
    {"sse2", 1U << CPU_SSE2, IN_CACHE(sse2), "sse2", BEYOND(sse2)},
};
const size_t memory_kernels_count = sizeof memory_kernels / sizeof memory_kernels[0];
