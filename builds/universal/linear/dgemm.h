/*
 * C -= A B for square matrices in double precision, by a team: what a BLAS calls DGEMM, packing included
 * (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008). The
 * elements are such that every sum is exact, so that the result can be checked to the last bit.
 */
#ifndef LINEAR_DGEMM_H
#define LINEAR_DGEMM_H

#include "base/error.h"
#include "kernels/gemm_kernels.h"
#include "linear/shared_product.h"
#include "measure/memory.h"
#include "measure/progress.h"
#include "measure/team.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dgemm {
    struct team *team; /* borrowed */
    const struct gemm_kernels *kernels;
    size_t order;
    size_t stride; /* elements from one column to the next, of all three */
    double *left, *right, *result;
    uint64_t runs;             /* since the result was 0 */
    size_t cache_bytes;        /* that a member has of the second-level cache; 0, as made: unknown */
    struct progress *progress; /* borrowed; ticks while a product is under way. NULL: none does */

    /* what follows is its own */
    struct memory_region region;
    double *packed_left, *packed_right;
    double *vectors; /* for the check */
    struct shared_product shared;
};

/* Bytes that matrices of this order take in all. */
size_t dgemm_bytes(const struct gemm_kernels *kernels, size_t order);

/* Matrices with values, and a result of 0. dgemm_free gives them back. ERR_UNSUPPORTED: there is too little
 * memory. */
int dgemm_new(struct dgemm *dgemm, struct team *team, const struct gemm_kernels *kernels, size_t order,
              struct memory_budget *budget, struct err *err);
void dgemm_free(struct dgemm *dgemm, struct memory_budget *budget);

/* Subtracts the product once more. */
void dgemm_run(struct dgemm *dgemm);

/* Whether the result is -runs A B, by Freivalds's method: both sides times a vector, none of whose elements
 * is 0, so that no single wrong element escapes. */
bool dgemm_is_right(struct dgemm *dgemm);

/* 2 n^3. */
double dgemm_operations(size_t order);

#endif
