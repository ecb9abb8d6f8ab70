/*
 * The product of two packed matrices, subtracted from a third by many threads: whoever is free takes the next
 * tile. Each element of the result is computed in the same order of operations, whoever does it.
 */
#ifndef LINEAR_SHARED_PRODUCT_H
#define LINEAR_SHARED_PRODUCT_H

#include "kernels/gemm_kernels.h"

#include <stdatomic.h>
#include <stddef.h>

struct shared_product {
    const struct gemm_kernels *kernels;
    const double *left, *right; /* packed (packing.h) */
    size_t rows, columns, depth;
    double *result;
    size_t stride;
    size_t cache_bytes; /* that a thread has of the second-level cache; 0: unknown */
    size_t tile_rows, tile_columns;
    atomic_size_t next_tile;
};

/* Chooses the tiles, so that `members` threads are done at about the same time. By one thread, before any
 * other takes one; `product` has everything but the last three. */
void shared_product_begin(struct shared_product *product, size_t members);

/* Computes tiles until none is left; others may still be at theirs then. */
void shared_product_take(struct shared_product *product);

#endif
