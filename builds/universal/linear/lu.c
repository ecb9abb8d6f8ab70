#include "linear/lu.h"

#include "linear/packing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define BLOCK 240         /* columns factored at a time: whole strips of every kernel's tiles */
#define PANEL_BASE 8      /* columns factored one by one */
#define PANEL_ROWS 96     /* rows packed at a time inside a panel */
#define TILE_BYTES 262144 /* of packed_left that one task works on: it stays in the second-level cache */
#define TILE_COLUMNS 1024 /* that one task works on */
#define LINE_DOUBLES 8

struct lu_candidate {
    _Alignas(64) double size;
    size_t row;
};

/* From `from` up to, not including, `to`. */
struct range {
    size_t from, to;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* A member's share of a range, in whole units. */
static struct range share_of(const struct lu *lu, size_t member, size_t from, size_t to, size_t unit)
{
    size_t members = team_size(lu->team);
    size_t units = to > from ? (to - from + unit - 1) / unit : 0;
    size_t first = from + units * member / members * unit;
    size_t last = from + units * (member + 1) / members * unit;
    return (struct range){smaller(first, larger(from, to)), smaller(last, larger(from, to))};
}

static double *element(const struct lu *lu, size_t row, size_t column)
{
    return lu->matrix + column * lu->stride + row;
}

/* --- memory ----------------------------------------------------------------------------------- */

/* An odd number of lines, so that the columns of a row don't all fall into the same set of a cache. */
static size_t stride_for(size_t order)
{
    size_t lines = (order + LINE_DOUBLES - 1) / LINE_DOUBLES;
    return (lines | 1) * LINE_DOUBLES;
}

static size_t member_space(void)
{
    return (size_t)BLOCK * (PANEL_ROWS + GEMM_ROWS_MAX) + (size_t)BLOCK * (BLOCK + GEMM_COLUMNS_MAX);
}

/* Everything in doubles, each part in whole lines. */
struct layout {
    size_t matrix, left, right, diagonal, spaces, candidates, pivots;
};

static struct layout layout_for(const struct gemm_kernels *kernels, size_t members, size_t order)
{
    size_t strip = kernels->rows();
    return (struct layout){
        .matrix = stride_for(order) * (order + 1),
        .left = whole_strips(order, strip) * BLOCK,
        .right = whole_strips(order + 1, LINE_DOUBLES * kernels->columns) * BLOCK,
        .diagonal = 2 * whole_strips(BLOCK, strip) * whole_strips(BLOCK, LINE_DOUBLES),
        .spaces = members * whole_strips(member_space(), LINE_DOUBLES),
        .candidates = members * LINE_DOUBLES,
        .pivots = whole_strips(order, LINE_DOUBLES),
    };
}

size_t lu_bytes(const struct gemm_kernels *kernels, size_t members, size_t order)
{
    struct layout layout = layout_for(kernels, members, order);
    return memory_rounded((layout.matrix + layout.left + layout.right + layout.diagonal + layout.spaces +
                           layout.candidates + layout.pivots) *
                          sizeof(double));
}

int lu_new(struct lu *lu, struct team *team, const struct gemm_kernels *kernels, size_t order,
           struct memory_budget *budget, struct err *err)
{
    struct layout layout = layout_for(kernels, team_size(team), order);
    *lu = (struct lu){.team = team, .kernels = kernels, .order = order, .stride = stride_for(order)};
    if (memory_map(budget, lu_bytes(kernels, team_size(team), order), &lu->region, err) < 0)
        return -1;
    lu->matrix = (double *)(void *)lu->region.base;
    lu->packed_left = lu->matrix + layout.matrix;
    lu->packed_right = lu->packed_left + layout.left;
    lu->packed_diagonal = lu->packed_right + layout.right;
    lu->member_spaces = lu->packed_diagonal + layout.diagonal;
    lu->candidates = (struct lu_candidate *)(void *)(lu->member_spaces + layout.spaces);
    lu->pivots = (uint32_t *)(void *)(lu->member_spaces + layout.spaces + layout.candidates);
    return 0;
}

void lu_free(struct lu *lu, struct memory_budget *budget)
{
    memory_unmap(budget, &lu->region);
    *lu = (struct lu){0};
}

/* --- one panel: BLOCK columns, all rows below the diagonal ------------------------------------- */

/* Inside a panel each member keeps to rows of its own. */
struct panel {
    struct lu *lu;
    size_t member;
    struct range rows;
};

static void find_candidate(const struct panel *panel, size_t column)
{
    struct lu_candidate best = {-1, 0};
    for (size_t row = larger(panel->rows.from, column); row < panel->rows.to; row++) {
        double size = fabs(*element(panel->lu, row, column));
        if (size > best.size)
            best = (struct lu_candidate){size, row};
    }
    panel->lu->candidates[panel->member] = best;
}

/* The largest of all members' candidates; the first of equals, whoever found it. */
static struct lu_candidate winner(const struct lu *lu)
{
    struct lu_candidate best = lu->candidates[0];
    for (size_t i = 1; i < team_size(lu->team); i++)
        if (lu->candidates[i].size > best.size)
            best = lu->candidates[i];
    return best;
}

static void exchange(struct lu *lu, size_t row, size_t other, struct range columns)
{
    for (size_t column = columns.from; row != other && column < columns.to; column++) {
        double moved = *element(lu, row, column);
        *element(lu, row, column) = *element(lu, other, column);
        *element(lu, other, column) = moved;
    }
}

static void eliminate_column(const struct panel *panel, size_t pivot, size_t end)
{
    struct lu *lu = panel->lu;
    size_t from = larger(panel->rows.from, pivot + 1);
    size_t count = panel->rows.to > from ? panel->rows.to - from : 0;
    double reciprocal = 1 / *element(lu, pivot, pivot);
    double *factors = element(lu, from, pivot);
    for (size_t i = 0; i < count; i++)
        factors[i] *= reciprocal;
    for (size_t other = pivot + 1; other < end; other++)
        lu->kernels->axpy(count, *element(lu, pivot, other), factors, element(lu, from, other));
}

/* Column by column: everyone looks for the largest element, one exchanges the rows, everyone eliminates. */
static void factor_few(const struct panel *panel, size_t from, size_t end)
{
    struct lu *lu = panel->lu;
    for (size_t column = from; column < end; column++) {
        find_candidate(panel, column);
        team_barrier(lu->team);
        struct lu_candidate pivot = winner(lu);
        if (panel->member == 0) {
            lu->pivots[column] = (uint32_t)pivot.row;
            lu->singular = lu->singular || !(pivot.size > 0);
            exchange(lu, column, pivot.row, (struct range){from, end});
        }
        team_barrier(lu->team);
        eliminate_column(panel, column, end);
    }
    team_barrier(lu->team);
}

/* What the factorisation of columns from..end means for columns further right: their rows change places, and
 * the rows beside the triangle become rows of U. */
static void carry_over(const struct panel *panel, size_t from, size_t end, size_t last)
{
    struct lu *lu = panel->lu;
    struct range own = share_of(lu, panel->member, end, last, 1);
    for (size_t column = own.from; column < own.to; column++) {
        for (size_t row = from; row < end; row++)
            exchange(lu, row, lu->pivots[row], (struct range){column, column + 1});
        for (size_t row = from; row < end; row++)
            lu->kernels->axpy(end - row - 1, *element(lu, row, column), element(lu, row + 1, row),
                              element(lu, row + 1, column));
    }
}

/* The columns end..last of the member's rows, minus what columns from..end say of them. */
static void update_own_rows(const struct panel *panel, size_t from, size_t end, size_t last)
{
    struct lu *lu = panel->lu;
    double *right = lu->member_spaces + panel->member * whole_strips(member_space(), LINE_DOUBLES);
    double *left = right + (size_t)BLOCK * (BLOCK + GEMM_COLUMNS_MAX);
    size_t depth = end - from;
    pack_right(lu->kernels, element(lu, from, end), lu->stride, depth, last - end, right);
    for (size_t row = larger(panel->rows.from, end); row < panel->rows.to; row += PANEL_ROWS) {
        size_t count = smaller(panel->rows.to - row, PANEL_ROWS);
        pack_left(lu->kernels, element(lu, row, from), lu->stride, count, depth, left);
        subtract_product(lu->kernels, left, right, count, last - end, depth, element(lu, row, end),
                         lu->stride);
    }
}

/* Factors columns from..last, all rows below `from`: the left half, what it means for the right half, the
 * right half. */
static void factor_columns(const struct panel *panel, size_t from, size_t last) // NOLINT(misc-no-recursion)
{
    struct lu *lu = panel->lu;
    if (last - from <= PANEL_BASE) {
        factor_few(panel, from, last);
        return;
    }
    size_t middle = from + larger((last - from) / 2 / PANEL_BASE, 1) * PANEL_BASE;
    factor_columns(panel, from, middle);
    carry_over(panel, from, middle, last);
    team_barrier(lu->team);
    update_own_rows(panel, from, middle, last);
    factor_columns(panel, middle, last);
    struct range own = share_of(lu, panel->member, from, middle, 1);
    for (size_t row = middle; row < last; row++)
        exchange(lu, row, lu->pivots[row], own);
    team_barrier(lu->team);
}

/* --- the rest of the matrix -------------------------------------------------------------------- */

/* One strip of the packed triangle: what lies left of the diagonal, then the inverse of the diagonal tile,
 * negated (the kernel subtracts). */
static void pack_diagonal_strip(struct lu *lu, size_t start, size_t width, size_t offset, double *packed)
{
    const size_t strip = lu->kernels->rows();
    const size_t present = smaller(width - offset, strip);
    pack_left(lu->kernels, element(lu, start + offset, start), lu->stride, present, offset, packed);
    double *inverse = packed + offset * strip; /* column k at k * strip */
    memset(inverse, 0, strip * strip * sizeof *inverse);
    for (size_t k = 0; k < present; k++) {
        double *column = inverse + k * strip;
        column[k] = -1;
        for (size_t row = k + 1; row < present; row++)
            for (size_t i = k; i < row; i++)
                column[row] -= *element(lu, start + offset + row, start + offset + i) * column[i];
    }
}

static double *diagonal_strip(const struct lu *lu, size_t offset)
{
    return lu->packed_diagonal + offset * (BLOCK + lu->kernels->rows());
}

/* Both factors of the update, and the triangle, shared out by strips. */
static void pack_panel(struct lu *lu, size_t member, size_t start, size_t end)
{
    const size_t strip = lu->kernels->rows();
    struct range own = share_of(lu, member, 0, end - start, strip);
    for (size_t offset = own.from; offset < own.to; offset += strip)
        pack_diagonal_strip(lu, start, end - start, offset, diagonal_strip(lu, offset));
    own = share_of(lu, member, 0, lu->order - end, strip);
    pack_left(lu->kernels, element(lu, end + own.from, start), lu->stride, own.to - own.from, end - start,
              lu->packed_left + own.from * (end - start));
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
    lu->kernels->tile(offset, triangle, packed, tile, strip);
    pack_right(lu->kernels, tile, strip, strip, width, packed_tile);
    memset(tile, 0, sizeof tile);
    lu->kernels->tile(strip, triangle + offset * strip, packed_tile, tile, strip);
    for (size_t j = 0; j < columns; j++)
        memcpy(c + j * lu->stride, tile + j * strip, rows * sizeof *tile);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < width; j++)
            packed[(offset + i) * width + j] = tile[j * strip + i];
}

/* The member's columns right of the panel: rows exchanged, the panel's rows solved, and packed. */
static void solve_columns(struct lu *lu, size_t member, size_t start, size_t end)
{
    const size_t strip = lu->kernels->rows();
    const size_t width = lu->kernels->columns;
    struct range own = share_of(lu, member, end, lu->order + 1, width);
    for (size_t column = own.from; column < own.to; column += width) {
        size_t columns = smaller(own.to - column, width);
        double *packed = lu->packed_right + (column - end) * (end - start);
        for (size_t row = start; row < end; row++)
            exchange(lu, row, lu->pivots[row], (struct range){column, column + columns});
        for (size_t offset = 0; offset < end - start; offset += strip)
            solve_tile(lu, offset, smaller(end - start - offset, strip), columns,
                       element(lu, start + offset, column), packed);
    }
}

/* Whoever is free takes the next piece of what is left of the matrix. */
static void update_rest(struct lu *lu, size_t start, size_t end)
{
    const size_t strip = lu->kernels->rows();
    const size_t depth = end - start;
    const size_t tile_rows = larger(TILE_BYTES / sizeof(double) / depth / strip, 1) * strip;
    const size_t tiles_across = (lu->order + 1 - end + TILE_COLUMNS - 1) / TILE_COLUMNS;
    const size_t tiles_down = (lu->order - end + tile_rows - 1) / tile_rows;
    for (;;) {
        size_t tile = __atomic_fetch_add(&lu->next_tile, 1, __ATOMIC_RELAXED);
        if (tile >= tiles_across * tiles_down)
            return;
        size_t row = tile / tiles_across * tile_rows;
        size_t column = tile % tiles_across * TILE_COLUMNS;
        subtract_product(lu->kernels, lu->packed_left + row * depth, lu->packed_right + column * depth,
                         smaller(lu->order - end - row, tile_rows),
                         smaller(lu->order + 1 - end - column, TILE_COLUMNS), depth,
                         element(lu, end + row, end + column), lu->stride);
    }
}

/* --- back substitution ------------------------------------------------------------------------- */

static void back_substitute(struct lu *lu, size_t member)
{
    double *side = element(lu, 0, lu->order);
    for (size_t end = lu->order; end > 0;) {
        size_t start = end > BLOCK ? end - BLOCK : 0;
        for (size_t column = end; member == 0 && column-- > start;) {
            side[column] /= *element(lu, column, column);
            lu->kernels->axpy(column - start, side[column], element(lu, start, column), side + start);
        }
        team_barrier(lu->team);
        struct range own = share_of(lu, member, 0, start, LINE_DOUBLES);
        for (size_t column = start; column < end; column++)
            lu->kernels->axpy(own.to - own.from, side[column], element(lu, own.from, column),
                              side + own.from);
        team_barrier(lu->team);
        end = start;
    }
}

/* --- all of it --------------------------------------------------------------------------------- */

static void solve_member(void *context, size_t member)
{
    struct lu *lu = context;
    for (size_t start = 0; start < lu->order; start += BLOCK) {
        size_t end = smaller(start + BLOCK, lu->order);
        struct panel panel = {lu, member, share_of(lu, member, start, lu->order, LINE_DOUBLES)};
        factor_columns(&panel, start, end);
        pack_panel(lu, member, start, end);
        team_barrier(lu->team);
        solve_columns(lu, member, start, end);
        if (member == 0)
            lu->next_tile = 0;
        team_barrier(lu->team);
        update_rest(lu, start, end);
        team_barrier(lu->team);
        if (member == 0 && lu->progress)
            progress_tick(lu->progress);
    }
    back_substitute(lu, member);
}

void lu_solve(struct lu *lu)
{
    lu->singular = false;
    team_run(lu->team, solve_member, lu);
}

double lu_operations(size_t order)
{
    double n = (double)order;
    return 2.0 / 3 * n * n * n + 1.5 * n * n;
}

/* --- the benchmark's system -------------------------------------------------------------------- */

/* Any element out of its place alone (Steele, Lea, Flood, "Fast splittable pseudorandom number generators",
 * OOPSLA 2014). */
static double system_element(uint64_t seed, size_t order, size_t row, size_t column)
{
    uint64_t z = (seed + (uint64_t)column * order + row + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (double)(int64_t)(z ^ z >> 31) * 0x1p-64;
}

struct fill {
    struct lu *lu;
    uint64_t seed;
};

static void fill_member(void *context, size_t member)
{
    const struct fill *fill = context;
    struct lu *lu = fill->lu;
    struct range own = share_of(lu, member, 0, lu->order + 1, 1);
    for (size_t column = own.from; column < own.to; column++)
        for (size_t row = 0; row < lu->order; row++)
            *element(lu, row, column) = system_element(fill->seed, lu->order, row, column);
}

void lu_fill(struct lu *lu, uint64_t seed)
{
    struct fill fill = {lu, seed};
    team_run(lu->team, fill_member, &fill);
}

struct residual {
    const struct lu *lu;
    uint64_t seed;
    double *norms; /* of each member's rows: |Ax - b|, then |A| */
};

#define RESIDUAL_ROWS 512

static double largest(double value, double so_far)
{
    return value > so_far || isnan(value) ? value : so_far;
}

/* Some rows of Ax - b and of the sums of |A|. */
static void residual_rows(const struct residual *residual, size_t from, size_t count, double *norms)
{
    const struct lu *lu = residual->lu;
    const double *solution = element(lu, 0, lu->order);
    double difference[RESIDUAL_ROWS] = {0};
    double sum[RESIDUAL_ROWS] = {0};
    for (size_t column = 0; column < lu->order; column++)
        for (size_t i = 0; i < count; i++) {
            double value = system_element(residual->seed, lu->order, from + i, column);
            difference[i] += value * solution[column];
            sum[i] += fabs(value);
        }
    for (size_t i = 0; i < count; i++) {
        difference[i] -= system_element(residual->seed, lu->order, from + i, lu->order);
        norms[0] = largest(fabs(difference[i]), norms[0]);
        norms[1] = largest(sum[i], norms[1]);
    }
}

static void residual_member(void *context, size_t member)
{
    const struct residual *residual = context;
    struct range own = share_of(residual->lu, member, 0, residual->lu->order, LINE_DOUBLES);
    double *norms = residual->norms + member * LINE_DOUBLES;
    norms[0] = norms[1] = 0;
    for (size_t row = own.from; row < own.to; row += RESIDUAL_ROWS)
        residual_rows(residual, row, smaller(own.to - row, RESIDUAL_ROWS), norms);
}

double lu_residual(const struct lu *lu, uint64_t seed)
{
    /* the packed factors are no longer needed: their place takes the norms */
    struct residual residual = {lu, seed, lu->packed_left};
    double norms[2] = {0, 0};
    double size_x = 0;
    double size_b = 0;
    if (lu->singular)
        return INFINITY;
    team_run(lu->team, residual_member, &residual);
    for (size_t member = 0; member < team_size(lu->team); member++)
        for (size_t i = 0; i < 2; i++)
            norms[i] = largest(residual.norms[member * LINE_DOUBLES + i], norms[i]);
    for (size_t row = 0; row < lu->order; row++) {
        size_x = largest(fabs(*element(lu, row, lu->order)), size_x);
        size_b = largest(fabs(system_element(seed, lu->order, row, lu->order)), size_b);
    }
    double scale = DBL_EPSILON / 2 * (norms[1] * size_x + size_b) * (double)lu->order;
    return norms[0] / scale;
}
