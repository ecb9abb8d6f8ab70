/* What the parts of the factorisation (lu.h) share: panel, rows of U, the benchmark's system. */
#ifndef LINEAR_LU_PARTS_H
#define LINEAR_LU_PARTS_H

#include "linear/lu.h"
#include "linear/range.h"

#define LU_BLOCK 240 /* columns factored at a time: whole strips of every kernel's tiles */
#define LINE_DOUBLES 8

/* A block of columns has been factored, the columns from `end` on are to follow. */
struct lu_step {
    size_t start, end;
    size_t next; /* where the block behind it ends */
};

static inline double *lu_element(const struct lu *lu, size_t row, size_t column)
{
    return lu->matrix + column * lu->stride + row;
}

/* Row by row, makes these rows of some columns change places as the panel's pivots say. */
void lu_exchange(const struct lu *lu, struct range rows, struct range columns);

/* --- panel.c ---------------------------------------------------------------------------------- */

/* Doubles that each member needs for itself. */
size_t panel_space(void);

/* Factors the columns start..end, all rows below start; by lu->group members together, each calls it. */
void panel_factor(struct lu *lu, size_t member, size_t start, size_t end);

/* --- upper.c ---------------------------------------------------------------------------------- */

/* Doubles that the packed triangle of a panel takes. */
size_t upper_triangle_size(const struct gemm_kernels *kernels);

/* Packs a member's share of a step's triangle, for upper_solve. */
void upper_pack_triangle(struct lu *lu, size_t member, const struct lu_step *step);

/* Exchanges the rows of some columns, makes their rows start..end rows of U, and packs these. */
void upper_solve(struct lu *lu, const struct lu_step *step, struct range columns);

#endif
