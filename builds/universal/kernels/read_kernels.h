/* Reading memory as fast as vector loads can, once per instruction set. */
#ifndef KERNELS_READ_KERNELS_H
#define KERNELS_READ_KERNELS_H

#include "topology/cpu_features.h"

#include <stddef.h>

/* A kernel takes whole blocks of bytes only, and memory aligned to a line of 64 bytes. */
#define READ_BLOCK_BYTES 1024

/* Reads `bytes` bytes `passes` times over; returns the sum, modulo 2^64, of all 64-bit words read. */
typedef uint64_t read_kernel(const void *memory, size_t bytes, size_t passes);

struct read_kernels {
    const char *isa;
    cpu_feature_set needs;
    read_kernel *run;
};

/* Kernels for this architecture, widest vectors first; the last row runs everywhere. */
extern const struct read_kernels read_kernels[];
extern const size_t read_kernels_count;

/* The first row that a CPU with these features can run. */
const struct read_kernels *read_kernels_for(cpu_feature_set have);

#endif
