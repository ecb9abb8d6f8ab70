/*
 * The innermost loop of a matrix product, once per instruction set: a tile of C, kept in registers, minus the
 * product of a strip of A and a strip of B. Strips are packed: step after step of the inner dimension, `rows`
 * elements of A or `columns` elements of B, aligned to 64 bytes (Goto and van de Geijn, "Anatomy of
 * High-Performance Matrix Multiplication", ACM TOMS 34(3), 2008).
 */
#ifndef KERNELS_GEMM_KERNELS_H
#define KERNELS_GEMM_KERNELS_H

#include "base/error.h"
#include "topology/cpu_features.h"

#include <stddef.h>

/* The largest tile of any row of the table. */
#define GEMM_ROWS_MAX 96
#define GEMM_COLUMNS_MAX 8

/* c[i + j * stride] -= sum over k < depth of a[k * rows + i] * b[k * columns + j], for all i < rows, j <
 * columns. Asks meanwhile for depth * columns elements from `ahead` on, which the next call is going to need.
 */
typedef void gemm_kernel(size_t depth, const double *restrict a, const double *restrict b, double *restrict c,
                         size_t stride, const double *ahead);

/* y[i] -= factor * x[i] for i < count. */
typedef void axpy_kernel(size_t count, double factor, const double *restrict x, double *restrict y);

/* The place of the first of the elements of largest magnitude; what is no number is passed over. count: there
 * is none. */
typedef size_t largest_kernel(size_t count, const double *x);

struct gemm_kernels {
    const char *isa;
    cpu_feature_set needs;
    size_t (*rows)(void); /* of a tile; the vectors of SVE have a length of their own on each CPU */
    size_t columns;
    gemm_kernel *tile;
    axpy_kernel *axpy;
    largest_kernel *largest;
};

/* Kernels for this architecture, widest vectors first; the last row runs everywhere. */
extern const struct gemm_kernels gemm_kernels[];
extern const size_t gemm_kernels_count;

/* The first row that a CPU with these features can run. */
const struct gemm_kernels *gemm_kernels_for(cpu_feature_set have);

/* The name of a row; NULL after the last. */
const char *gemm_kernels_isa(size_t row);

/* Row choice - 1, or with 0 what gemm_kernels_for says. NULL with ERR_UNSUPPORTED: the CPU can't run it. */
const struct gemm_kernels *gemm_kernels_choose(cpu_feature_set have, size_t choice, struct err *err);

#endif
