#include "topology/caches.h"

#include <cpuid.h>

#define LEAF_INTEL 4U
#define LEAF_AMD 0x8000001DU

enum { TYPE_NONE = 0, TYPE_DATA = 1, TYPE_UNIFIED = 3 };

static unsigned bits(unsigned word, unsigned first, unsigned count)
{
    return word >> first & ((1U << count) - 1);
}

/* Both vendors use one layout: Intel's manual, CPUID leaf 4; AMD's, function 8000_001Dh. */
static void decode(unsigned eax, unsigned ebx, unsigned ecx, size_t logical_cpus, struct cache *cache)
{
    unsigned line = bits(ebx, 0, 12) + 1;
    unsigned partitions = bits(ebx, 12, 10) + 1;
    unsigned ways = bits(ebx, 22, 10) + 1;
    size_t sharing = bits(eax, 14, 12) + 1;
    *cache = (struct cache){
        .level = bits(eax, 5, 3),
        .type = bits(eax, 0, 5) == TYPE_DATA ? CACHE_DATA : CACHE_UNIFIED,
        .size_bytes = (uint64_t)line * partitions * ways * ((uint64_t)ecx + 1),
        .line_bytes = line,
        .instances = logical_cpus > sharing ? (logical_cpus + sharing - 1) / sharing : 1,
    };
}

static void ask_leaf(unsigned leaf, size_t logical_cpus, struct caches *caches)
{
    for (unsigned subleaf = 0; caches->count < CACHE_LEVELS_MAX; subleaf++) {
        unsigned eax, ebx, ecx, edx;
        if (!__get_cpuid_count(leaf, subleaf, &eax, &ebx, &ecx, &edx))
            return;
        unsigned type = bits(eax, 0, 5);
        if (type == TYPE_NONE)
            return;
        if (type == TYPE_DATA || type == TYPE_UNIFIED)
            decode(eax, ebx, ecx, logical_cpus, &caches->rows[caches->count++]);
    }
}

void caches_ask_cpu(size_t logical_cpus, struct caches *caches)
{
    caches->count = 0;
    ask_leaf(LEAF_INTEL, logical_cpus, caches);
    if (caches->count == 0)
        ask_leaf(LEAF_AMD, logical_cpus, caches);
}
