/* Rows of U: what a panel's triangle makes of the rows beside it. The triangle is solved by the kernel of
 * products: the diagonal's tiles are inverted. */
#include "linear/lu_parts.h"

#include "linear/packing.h"

#include <string.h>

size_t upper_triangle_size(const struct gemm_kernels *kernels)
{
    return whole_strips(LU_BLOCK, kernels->rows()) * (LU_BLOCK + kernels->rows());
}

/* One strip of the packed triangle: what lies left of the diagonal, then the inverse of the diagonal tile,
 * negated (the kernel subtracts). */
static void pack_diagonal_strip(struct lu *lu, size_t start, size_t width, size_t offset, double *packed)
{
    const size_t strip = lu->kernels->rows();
    const size_t present = smaller(width - offset, strip);
    pack_left(lu->kernels, lu_element(lu, start + offset, start), lu->stride, present, offset, packed);
    double *inverse = packed + offset * strip; /* column k at k * strip */
    memset(inverse, 0, strip * strip * sizeof *inverse);
    for (size_t k = 0; k < present; k++) {
        double *column = inverse + k * strip;
        column[k] = -1;
        for (size_t row = k + 1; row < present; row++)
            for (size_t i = k; i < row; i++)
                column[row] -= *lu_element(lu, start + offset + row, start + offset + i) * column[i];
    }
}

static double *diagonal_strip(const struct lu *lu, size_t offset)
{
    return lu->packed_triangle + offset * (LU_BLOCK + lu->kernels->rows());
}

void upper_pack_triangle(struct lu *lu, size_t member, const struct lu_step *step)
{
    const size_t strip = lu->kernels->rows();
    const size_t width = step->end - step->start;
    struct range own = share_of(team_size(lu->team), member, (struct range){0, width}, strip);
    for (size_t offset = own.from; offset < own.to; offset += strip)
        pack_diagonal_strip(lu, step->start, width, offset, diagonal_strip(lu, offset));
}

/* One tile of U: what was above it taken off, times the inverse of the diagonal tile. `packed` is the strip
 * of U so far, and gets the tile's rows. */
static void solve_tile(struct lu *lu, size_t offset, size_t rows, size_t columns, double *c, double *packed)
{
    const size_t strip = lu->kernels->rows();
    const size_t width = lu->kernels->columns;
    const double *triangle = diagonal_strip(lu, offset);
    _Alignas(64) double tile[GEMM_ROWS_MAX * GEMM_COLUMNS_MAX] = {0};
    _Alignas(64) double packed_tile[GEMM_ROWS_MAX * GEMM_COLUMNS_MAX];
    for (size_t j = 0; j < columns; j++)
        memcpy(tile + j * strip, c + j * lu->stride, rows * sizeof *tile);
    lu->kernels->tile(offset, triangle, packed, tile, strip, packed);
    pack_right(lu->kernels, tile, strip, strip, width, packed_tile);
    memset(tile, 0, sizeof tile);
    lu->kernels->tile(strip, triangle + offset * strip, packed_tile, tile, strip, packed_tile);
    for (size_t j = 0; j < columns; j++)
        memcpy(c + j * lu->stride, tile + j * strip, rows * sizeof *tile);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < width; j++)
            packed[(offset + i) * width + j] = tile[j * strip + i];
}

void upper_solve(struct lu *lu, const struct lu_step *step, struct range columns)
{
    const size_t strip = lu->kernels->rows();
    const size_t width = lu->kernels->columns;
    const size_t depth = step->end - step->start;
    for (size_t column = columns.from; column < columns.to; column += width) {
        const struct range here = {column, smaller(column + width, columns.to)};
        double *packed = lu->packed_right + (column - step->end) * depth;
        lu_exchange(lu, (struct range){step->start, step->end}, here);
        for (size_t offset = 0; offset < depth; offset += strip) {
            const size_t rows = smaller(depth - offset, strip);
            const size_t row = step->start + offset;
            solve_tile(lu, offset, rows, here.to - here.from, lu_element(lu, row, column), packed);
        }
    }
}
