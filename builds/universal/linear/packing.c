#include "linear/packing.h"

#include <string.h>

static size_t at_most(size_t count, size_t limit)
{
    return count < limit ? count : limit;
}

void pack_left(const struct gemm_kernels *kernels, const double *from, size_t stride, size_t rows,
               size_t depth, double *packed)
{
    const size_t strip = kernels->rows();
    for (size_t i = 0; i < rows; i += strip) {
        size_t present = at_most(rows - i, strip);
        for (size_t k = 0; k < depth; k++, packed += strip) {
            memcpy(packed, from + k * stride + i, present * sizeof *packed);
            for (size_t missing = present; missing < strip; missing++)
                packed[missing] = 0;
        }
    }
}

void pack_right(const struct gemm_kernels *kernels, const double *from, size_t stride, size_t depth,
                size_t columns, double *packed)
{
    const size_t strip = kernels->columns;
    for (size_t j = 0; j < columns; j += strip, packed += depth * strip) {
        size_t present = at_most(columns - j, strip);
        for (size_t missing = present; missing < strip; missing++)
            for (size_t k = 0; k < depth; k++)
                packed[k * strip + missing] = 0;
        for (size_t column = 0; column < present; column++)
            for (size_t k = 0; k < depth; k++)
                packed[k * strip + column] = from[(j + column) * stride + k];
    }
}

/* A tile that reaches over the edge of c is computed beside it, and what lies inside is taken over. */
static void subtract_edge(const struct gemm_kernels *kernels, const double *left, const double *right,
                          size_t rows, size_t columns, size_t depth, double *c, size_t stride,
                          const double *ahead)
{
    _Alignas(64) double tile[GEMM_ROWS_MAX * GEMM_COLUMNS_MAX] = {0};
    const size_t strip = kernels->rows();
    kernels->tile(depth, left, right, tile, strip, ahead);
    for (size_t j = 0; j < columns; j++)
        for (size_t i = 0; i < rows; i++)
            c[j * stride + i] += tile[j * strip + i];
}

void subtract_product(const struct gemm_kernels *kernels, const double *left, const double *right,
                      size_t rows, size_t columns, size_t depth, double *c, size_t stride)
{
    const size_t tile_rows = kernels->rows();
    const size_t tile_columns = kernels->columns;
    for (size_t j = 0; j < columns; j += tile_columns, right += depth * tile_columns) {
        const double *strip = left;
        for (size_t i = 0; i < rows; i += tile_rows, strip += depth * tile_rows) {
            double *at = c + j * stride + i;
            /* the last tile with a strip of the right matrix asks for the next one */
            const double *ahead = i + tile_rows < rows ? right : right + depth * tile_columns;
            if (rows - i >= tile_rows && columns - j >= tile_columns)
                kernels->tile(depth, strip, right, at, stride, ahead);
            else
                subtract_edge(kernels, strip, right, at_most(rows - i, tile_rows),
                              at_most(columns - j, tile_columns), depth, at, stride, ahead);
        }
    }
}
