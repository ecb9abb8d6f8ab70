/*
 * The four STREAM operations as McCalpin defines them, once per instruction set:
 *   copy c = a    scale b = scalar * c    add c = a + b    triad a = b + scalar * c
 */
#ifndef KERNELS_STREAM_KERNELS_H
#define KERNELS_STREAM_KERNELS_H

#include "base/attributes.h"
#include "topology/cpu_features.h"

#include <stddef.h>

enum stream_operation { STREAM_COPY, STREAM_SCALE, STREAM_ADD, STREAM_TRIAD, STREAM_OPERATIONS };

/* A kernel takes whole blocks of elements only, and arrays aligned to a line of 64 bytes. */
#define STREAM_BLOCK_ELEMENTS 512
#define STREAM_LINE_ELEMENTS 8

typedef void stream_kernel(double *restrict a, double *restrict b, double *restrict c, double scalar,
                           size_t elements);

struct stream_kernels {
    const char *isa;
    cpu_feature_set needs;
    bool non_temporal; /* stores go round the caches */
    stream_kernel *run[STREAM_OPERATIONS];
};

/* Kernels for this architecture, widest vectors first; the last row runs everywhere. */
extern const struct stream_kernels stream_kernels[];
extern const size_t stream_kernels_count;

/* The same as plain loops, compiled for any CPU of this architecture: what most published STREAM figures come
 * from. */
extern const struct stream_kernels stream_reference;

/* The first row that a CPU with these features can run. */
const struct stream_kernels *stream_kernels_for(cpu_feature_set have);

#endif
