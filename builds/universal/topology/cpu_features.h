/*
 * What the CPU can do and the kernel lets us use, from CPUID and XCR0 (x86) or the auxiliary vector (arm64):
 * features alone decide which code runs, never the name of a model.
 */
#ifndef TOPOLOGY_CPU_FEATURES_H
#define TOPOLOGY_CPU_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cpu_feature {
#if defined(__x86_64__)
    CPU_SSE2,
    CPU_SSE4_2,
    CPU_AVX,
    CPU_AVX2,
    CPU_FMA,
    CPU_AVX512F,
    CPU_AVX512DQ,
    CPU_AVX512BW,
    CPU_AVX512VL,
    CPU_AVX512_VNNI,
    CPU_AVX512_BF16,
    CPU_AVX512_FP16,
    CPU_AMX_TILE,
#elif defined(__aarch64__)
    CPU_ASIMD,
    CPU_ATOMICS,
    CPU_CRC32,
    CPU_FPHP,
    CPU_ASIMDHP,
    CPU_ASIMDDP,
    CPU_SVE,
    CPU_SVE2,
    CPU_I8MM,
    CPU_BF16,
#endif
    CPU_FEATURES
};

/* A set of features: bit 1 << feature. */
typedef uint32_t cpu_feature_set;

cpu_feature_set cpu_features_detect(void);

static inline cpu_feature_set cpu_feature_bit(enum cpu_feature feature)
{
    return (cpu_feature_set)1 << feature;
}

static inline bool cpu_features_include(cpu_feature_set have, cpu_feature_set wanted)
{
    return (have & wanted) == wanted;
}

/* The name that Linux uses in /proc/cpuinfo. Static. */
const char *cpu_feature_name(enum cpu_feature feature);

#endif
