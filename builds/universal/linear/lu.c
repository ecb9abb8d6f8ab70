#include "linear/lu_parts.h"

#include "linear/packing.h"

/* A panel's members work at a fraction of the speed of the rest, as its columns are few. */
#define PANEL_SLOWNESS 4

/* --- memory ----------------------------------------------------------------------------------- */

/* An odd number of lines, so that the columns of a row don't all fall into the same set of a cache. */
static size_t stride_for(size_t order)
{
    size_t lines = (order + LINE_DOUBLES - 1) / LINE_DOUBLES;
    return (lines | 1) * LINE_DOUBLES;
}

/* Everything in doubles, each part in whole lines. */
struct layout {
    size_t matrix, left, right, triangle, spaces, candidates, pivots;
};

static struct layout layout_for(const struct gemm_kernels *kernels, size_t members, size_t order)
{
    return (struct layout){
        .matrix = stride_for(order) * (order + 1),
        .left = whole_strips(order, kernels->rows()) * LU_BLOCK,
        .right = whole_strips(order + 1, LINE_DOUBLES * kernels->columns) * LU_BLOCK,
        .triangle = whole_strips(upper_triangle_size(kernels), LINE_DOUBLES),
        .spaces = members * whole_strips(panel_space(), LINE_DOUBLES),
        .candidates = members * LINE_DOUBLES,
        .pivots = whole_strips(order, LINE_DOUBLES),
    };
}

size_t lu_bytes(const struct gemm_kernels *kernels, size_t members, size_t order)
{
    struct layout layout = layout_for(kernels, members, order);
    return memory_rounded((layout.matrix + layout.left + layout.right + layout.triangle + layout.spaces +
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
    lu->packed_triangle = lu->packed_right + layout.right;
    lu->member_spaces = lu->packed_triangle + layout.triangle;
    lu->candidates = (struct lu_candidate *)(void *)(lu->member_spaces + layout.spaces);
    lu->pivots = (uint32_t *)(void *)(lu->member_spaces + layout.spaces + layout.candidates);
    return 0;
}

void lu_free(struct lu *lu, struct memory_budget *budget)
{
    memory_unmap(budget, &lu->region);
    *lu = (struct lu){0};
}

void lu_exchange(const struct lu *lu, struct range rows, struct range columns)
{
    for (size_t column = columns.from; column < columns.to; column++) {
        double *elements = lu_element(lu, 0, column);
        for (size_t row = rows.from; row < rows.to; row++) {
            double moved = elements[row];
            elements[row] = elements[lu->pivots[row]];
            elements[lu->pivots[row]] = moved;
        }
    }
}

/* --- factorisation ----------------------------------------------------------------------------- */

/*
 * How many members factor the next panel: so many that they are done before the others, who have what is left
 * of the matrix, `rows` wide and high. A panel is rows * LU_BLOCK^2 operations at a fraction of the speed,
 * the rest is 2 * rows^2 * LU_BLOCK.
 */
static size_t group_for(size_t members, size_t rows)
{
    size_t needed = members * PANEL_SLOWNESS * LU_BLOCK / (2 * larger(rows, 1)) + 1;
    return smaller(needed, members);
}

/* One member prepares what all need for a step, while the others are at the same packing. */
static void plan(struct lu *lu, const struct lu_step *step)
{
    const size_t members = team_size(lu->team);
    lu->group = group_for(members, lu->order - step->end);
    const bool together = lu->group == members;
    const size_t column = together ? step->end : step->next;
    barrier_init(&lu->group_barrier, lu->group);
    latch_init(&lu->solved, together ? 0 : members - lu->group);
    lu->rest = (struct shared_product){
        .kernels = lu->kernels,
        .left = lu->packed_left,
        .right = lu->packed_right + (column - step->end) * (step->end - step->start),
        .rows = lu->order - step->end,
        .columns = lu->order + 1 - column,
        .depth = step->end - step->start,
        .result = lu_element(lu, step->end, column),
        .stride = lu->stride,
        .cache_bytes = lu->cache_bytes,
    };
    shared_product_begin(&lu->rest, members);
}

static void pack_step(struct lu *lu, size_t member, const struct lu_step *step)
{
    const size_t depth = step->end - step->start;
    struct range own =
        share_of(team_size(lu->team), member, (struct range){step->end, lu->order}, lu->kernels->rows());
    upper_pack_triangle(lu, member, step);
    pack_left(lu->kernels, lu_element(lu, own.from, step->start), lu->stride, own.to - own.from, depth,
              lu->packed_left + (own.from - step->end) * depth);
}

/* A member's share of columns, in strips, out of those that `members` members have in hand. */
static void solve_share(struct lu *lu, size_t members, size_t member, const struct lu_step *step,
                        struct range columns)
{
    upper_solve(lu, step, share_of(members, member, columns, lu->kernels->columns));
}

/* The next panel's columns are made ready, and factored, before the rest of the matrix is. */
static void look_ahead(struct lu *lu, size_t member, const struct lu_step *step)
{
    const size_t depth = step->end - step->start;
    struct range rows =
        share_of(lu->group, member, (struct range){step->end, lu->order}, lu->kernels->rows());
    solve_share(lu, lu->group, member, step, (struct range){step->end, step->next});
    barrier_wait(&lu->group_barrier);
    subtract_product(lu->kernels, lu->packed_left + (rows.from - step->end) * depth, lu->packed_right,
                     rows.to - rows.from, step->next - step->end, depth, lu_element(lu, rows.from, step->end),
                     lu->stride);
    barrier_wait(&lu->group_barrier);
    panel_factor(lu, member, step->end, step->next);
}

static void advance(struct lu *lu, size_t member, const struct lu_step *step)
{
    const size_t members = team_size(lu->team);
    if (lu->group == members) {
        solve_share(lu, members, member, step, (struct range){step->end, lu->order + 1});
        team_barrier(lu->team);
        shared_product_take(&lu->rest);
        team_barrier(lu->team);
        panel_factor(lu, member, step->end, step->next);
        return;
    }
    if (member < lu->group) {
        look_ahead(lu, member, step);
    } else {
        solve_share(lu, members - lu->group, member - lu->group, step,
                    (struct range){step->next, lu->order + 1});
        latch_arrive(&lu->solved);
    }
    latch_wait(&lu->solved);
    shared_product_take(&lu->rest);
}

/* --- back substitution ------------------------------------------------------------------------- */

static void back_substitute(struct lu *lu, size_t member)
{
    double *side = lu_element(lu, 0, lu->order);
    for (size_t end = lu->order; end > 0;) {
        size_t start = end > LU_BLOCK ? end - LU_BLOCK : 0;
        for (size_t column = end; member == 0 && column-- > start;) {
            side[column] /= *lu_element(lu, column, column);
            lu->kernels->axpy(column - start, side[column], lu_element(lu, start, column), side + start);
        }
        team_barrier(lu->team);
        struct range own = share_of(team_size(lu->team), member, (struct range){0, start}, LINE_DOUBLES);
        for (size_t column = start; column < end; column++)
            lu->kernels->axpy(own.to - own.from, side[column], lu_element(lu, own.from, column),
                              side + own.from);
        team_barrier(lu->team);
        end = start;
    }
}

/* --- all of it --------------------------------------------------------------------------------- */

static void solve_member(void *context, size_t member)
{
    struct lu *lu = context;
    struct lu_step step = {0, 0, smaller(LU_BLOCK, lu->order)};
    panel_factor(lu, member, 0, step.next);
    while (step.next > step.end) {
        step = (struct lu_step){step.end, step.next, smaller(step.next + LU_BLOCK, lu->order)};
        team_barrier(lu->team);
        pack_step(lu, member, &step);
        if (member == 0)
            plan(lu, &step);
        team_barrier(lu->team);
        advance(lu, member, &step);
        if (member == 0 && lu->progress)
            progress_tick(lu->progress);
    }
    team_barrier(lu->team);
    back_substitute(lu, member);
}

void lu_solve(struct lu *lu)
{
    lu->singular = false;
    lu->group = team_size(lu->team);
    barrier_init(&lu->group_barrier, lu->group);
    team_run(lu->team, solve_member, lu);
}

double lu_operations(size_t order)
{
    double n = (double)order;
    return 2.0 / 3 * n * n * n + 1.5 * n * n;
}
