/*
 * Matrices in the order in which the innermost kernel (kernels/gemm_kernels.h) reads them: strips of as many
 * rows or columns as a tile has, the last one filled up with zeros; and the product of two matrices so
 * packed. Matrices are stored column by column, `stride` elements from one column to the next.
 */
#ifndef LINEAR_PACKING_H
#define LINEAR_PACKING_H

#include "kernels/gemm_kernels.h"

#include <stddef.h>

/* Rounds up to whole strips. */
static inline size_t whole_strips(size_t count, size_t strip)
{
    return (count + strip - 1) / strip * strip;
}

/* Packs rows x depth elements as strips of rows; takes whole_strips(rows) * depth elements, aligned to 64
 * bytes.
 */
void pack_left(const struct gemm_kernels *kernels, const double *from, size_t stride, size_t rows,
               size_t depth, double *packed);

/* Packs depth x columns elements as strips of columns. */
void pack_right(const struct gemm_kernels *kernels, const double *from, size_t stride, size_t depth,
                size_t columns, double *packed);

/* c -= left * right, for rows x columns elements of c. */
void subtract_product(const struct gemm_kernels *kernels, const double *left, const double *right,
                      size_t rows, size_t columns, size_t depth, double *c, size_t stride);

#endif
