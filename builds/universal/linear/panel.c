/* The panel of a factorisation: a block of columns, all rows below the diagonal, split in two again and
 * again. */
#include "linear/lu_parts.h"

#include "linear/packing.h"

#include <math.h>

#define BASE_COLUMNS 8 /* factored one by one */
#define CHUNK_ROWS 96  /* packed at a time */

struct lu_candidate {
    _Alignas(64) double size;
    size_t row;
};

/* Each member keeps to rows of its own. */
struct panel {
    struct lu *lu;
    size_t member;
    struct range rows;
};

size_t panel_space(void)
{
    return (size_t)LU_BLOCK * (CHUNK_ROWS + GEMM_ROWS_MAX) + (size_t)LU_BLOCK * (LU_BLOCK + GEMM_COLUMNS_MAX);
}

static struct range member_share(const struct panel *panel, struct range columns)
{
    return share_of(panel->lu->group, panel->member, columns, 1);
}

static void meet(const struct panel *panel)
{
    barrier_wait(&panel->lu->group_barrier);
}

static void find_candidate(const struct panel *panel, size_t column)
{
    struct lu *lu = panel->lu;
    size_t from = larger(panel->rows.from, column);
    size_t count = panel->rows.to > from ? panel->rows.to - from : 0;
    const double *elements = lu_element(lu, from, column);
    size_t place = lu->kernels->largest(count, elements);
    lu->candidates[panel->member] = place < count ? (struct lu_candidate){fabs(elements[place]), from + place}
                                                  : (struct lu_candidate){-1, column};
}

/* The largest of all members' candidates; the first of equals, whoever found it. */
static struct lu_candidate winner(const struct lu *lu)
{
    struct lu_candidate best = lu->candidates[0];
    for (size_t i = 1; i < lu->group; i++)
        if (lu->candidates[i].size > best.size)
            best = lu->candidates[i];
    return best;
}

static void eliminate_column(const struct panel *panel, size_t pivot, size_t end)
{
    struct lu *lu = panel->lu;
    size_t from = larger(panel->rows.from, pivot + 1);
    size_t count = panel->rows.to > from ? panel->rows.to - from : 0;
    double reciprocal = 1 / *lu_element(lu, pivot, pivot);
    double *factors = lu_element(lu, from, pivot);
    for (size_t i = 0; i < count; i++)
        factors[i] *= reciprocal;
    for (size_t other = pivot + 1; other < end; other++)
        lu->kernels->axpy(count, *lu_element(lu, pivot, other), factors, lu_element(lu, from, other));
}

/* Column by column: everyone looks for the largest element, one exchanges the rows, everyone eliminates. */
static void factor_few(const struct panel *panel, size_t from, size_t end)
{
    struct lu *lu = panel->lu;
    for (size_t column = from; column < end; column++) {
        find_candidate(panel, column);
        meet(panel);
        struct lu_candidate pivot = winner(lu);
        if (panel->member == 0) {
            lu->pivots[column] = (uint32_t)pivot.row;
            lu->singular = lu->singular || !(pivot.size > 0);
            lu_exchange(lu, (struct range){column, column + 1}, (struct range){from, end});
        }
        meet(panel);
        eliminate_column(panel, column, end);
    }
    meet(panel);
}

/* What the factorisation of columns from..end means for columns further right: their rows change places, and
 * the rows beside the triangle become rows of U. */
static void carry_over(const struct panel *panel, size_t from, size_t end, size_t last)
{
    struct lu *lu = panel->lu;
    struct range own = member_share(panel, (struct range){end, last});
    lu_exchange(lu, (struct range){from, end}, own);
    for (size_t column = own.from; column < own.to; column++) {
        for (size_t row = from; row < end; row++)
            lu->kernels->axpy(end - row - 1, *lu_element(lu, row, column), lu_element(lu, row + 1, row),
                              lu_element(lu, row + 1, column));
    }
}

/* The columns end..last of the member's rows, minus what columns from..end say of them. */
static void update_own_rows(const struct panel *panel, size_t from, size_t end, size_t last)
{
    struct lu *lu = panel->lu;
    double *right = lu->member_spaces + panel->member * whole_strips(panel_space(), LINE_DOUBLES);
    double *left = right + (size_t)LU_BLOCK * (LU_BLOCK + GEMM_COLUMNS_MAX);
    size_t depth = end - from;
    pack_right(lu->kernels, lu_element(lu, from, end), lu->stride, depth, last - end, right);
    for (size_t row = larger(panel->rows.from, end); row < panel->rows.to; row += CHUNK_ROWS) {
        size_t count = smaller(panel->rows.to - row, CHUNK_ROWS);
        pack_left(lu->kernels, lu_element(lu, row, from), lu->stride, count, depth, left);
        subtract_product(lu->kernels, left, right, count, last - end, depth, lu_element(lu, row, end),
                         lu->stride);
    }
}

/* Factors columns from..last, all rows below `from`: the left half, what it means for the right half, the
 * right half. */
static void factor_columns(const struct panel *panel, size_t from, size_t last) // NOLINT(misc-no-recursion)
{
    struct lu *lu = panel->lu;
    if (last - from <= BASE_COLUMNS) {
        factor_few(panel, from, last);
        return;
    }
    size_t middle = from + larger((last - from) / 2 / BASE_COLUMNS, 1) * BASE_COLUMNS;
    factor_columns(panel, from, middle);
    carry_over(panel, from, middle, last);
    meet(panel);
    update_own_rows(panel, from, middle, last);
    factor_columns(panel, middle, last);
    lu_exchange(lu, (struct range){middle, last}, member_share(panel, (struct range){from, middle}));
    meet(panel);
}

void panel_factor(struct lu *lu, size_t member, size_t start, size_t end)
{
    struct panel panel = {lu, member,
                          share_of(lu->group, member, (struct range){start, lu->order}, LINE_DOUBLES)};
    if (start < end)
        factor_columns(&panel, start, end);
}
