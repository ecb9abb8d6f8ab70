/*
 * Reading, writing and copying memory as fast as vector instructions can, once per instruction set and in two
 * ways: one stream of plain loads and stores for what lies in a cache, several streams side by side with
 * prefetches, and with non-temporal stores where there are any, for what does not.
 */
#ifndef KERNELS_MEMORY_KERNELS_H
#define KERNELS_MEMORY_KERNELS_H

#include "topology/cpu_features.h"

#include <stddef.h>

/* A kernel takes whole blocks of bytes only, and memory aligned to a line of 64 bytes. */
#define MEMORY_BLOCK_BYTES 4096

/* What a write kernel leaves in every 64-bit word. */
#define MEMORY_WRITTEN_WORD UINT64_C(0x5A17C0DE5A17C0DE)

enum memory_operation {
    MEMORY_READ,
    MEMORY_WRITE,
    MEMORY_COPY, /* the first half of the memory to the second */
    MEMORY_OPERATIONS
};

/* Goes `passes` times over all of the memory. A read kernel returns the sum, modulo 2^64, of all 64-bit words
 * read; the others return 0. */
typedef uint64_t memory_kernel(void *memory, size_t bytes, size_t passes);

struct memory_kernels {
    const char *isa;
    cpu_feature_set needs;
    memory_kernel *in_cache[MEMORY_OPERATIONS];
    const char *isa_beyond;
    memory_kernel *beyond[MEMORY_OPERATIONS]; /* the caches */
};

/* Kernels for this architecture, widest vectors first; the last row runs everywhere. */
extern const struct memory_kernels memory_kernels[];
extern const size_t memory_kernels_count;

/* The first row that a CPU with these features can run. */
const struct memory_kernels *memory_kernels_for(cpu_feature_set have);

#endif
