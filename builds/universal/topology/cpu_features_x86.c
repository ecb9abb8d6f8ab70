#include "topology/cpu_features.h"

#include "base/attributes.h"

#include <cpuid.h>

enum { EAX, EBX, ECX, EDX };

/* Register state that the kernel must have switched on in XCR0 before an instruction set may be used. */
#define STATE_NONE 0U
#define STATE_AVX 0x06U    /* SSE, AVX */
#define STATE_AVX512 0xE6U /* the same, opmask, both halves of ZMM */
#define STATE_AMX 0x60000U /* tile configuration, tile data */

struct feature_row {
    const char *name;
    unsigned leaf, subleaf;
    unsigned word, bit;
    unsigned state;
};

/* Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, CPUID. */
static const struct feature_row rows[CPU_FEATURES] = {
    [CPU_SSE2] = {"sse2", 1, 0, EDX, 26, STATE_NONE},
    [CPU_SSE4_2] = {"sse4_2", 1, 0, ECX, 20, STATE_NONE},
    [CPU_AVX] = {"avx", 1, 0, ECX, 28, STATE_AVX},
    [CPU_AVX2] = {"avx2", 7, 0, EBX, 5, STATE_AVX},
    [CPU_FMA] = {"fma", 1, 0, ECX, 12, STATE_AVX},
    [CPU_AVX512F] = {"avx512f", 7, 0, EBX, 16, STATE_AVX512},
    [CPU_AVX512DQ] = {"avx512dq", 7, 0, EBX, 17, STATE_AVX512},
    [CPU_AVX512BW] = {"avx512bw", 7, 0, EBX, 30, STATE_AVX512},
    [CPU_AVX512VL] = {"avx512vl", 7, 0, EBX, 31, STATE_AVX512},
    [CPU_AVX512_VNNI] = {"avx512_vnni", 7, 0, ECX, 11, STATE_AVX512},
    [CPU_AVX512_BF16] = {"avx512_bf16", 7, 1, EAX, 5, STATE_AVX512},
    [CPU_AVX512_FP16] = {"avx512_fp16", 7, 0, EDX, 23, STATE_AVX512},
    [CPU_AMX_TILE] = {"amx_tile", 7, 0, EDX, 24, STATE_AMX},
};

#define BIT_OSXSAVE (1U << 27)

/* The low half of XCR0; 0 where the kernel does not manage extended state. */
static unsigned enabled_state(void)
{
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & BIT_OSXSAVE))
        return 0;
    __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    return eax;
}

static bool has(const struct feature_row *row, unsigned state)
{
    unsigned words[4];
    if (!__get_cpuid_count(row->leaf, row->subleaf, &words[EAX], &words[EBX], &words[ECX], &words[EDX]))
        return false;
    return (words[row->word] >> row->bit & 1) && (state & row->state) == row->state;
}

cpu_feature_set cpu_features_detect(void)
{
    unsigned state = enabled_state();
    cpu_feature_set set = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (has(&rows[i], state))
            set |= cpu_feature_bit((enum cpu_feature)i);
    return set;
}

const char *cpu_feature_name(enum cpu_feature feature)
{
    return rows[feature].name;
}
