#include "linear/dgemm.h"

#include "linear/packing.h"
#include "linear/range.h"
#include "measure/random.h"

#define DEPTH_MOST 320
#define LINE_DOUBLES 8
#define VECTORS 4 /* x, B x, A B x, C x */

/* An odd number of lines, so that the columns of a row don't all fall into the same set of a cache. */
static size_t stride_for(size_t order)
{
    return ((order + LINE_DOUBLES - 1) / LINE_DOUBLES | 1) * LINE_DOUBLES;
}

/* Of the inner dimension, at a time. Parts are alike, since each goes over all of the result: a short one
 * would take time for little. */
static size_t depth_for(size_t order)
{
    size_t parts = larger((order + DEPTH_MOST - 1) / DEPTH_MOST, 1);
    return (order + parts - 1) / parts;
}

static size_t packed_size(size_t order, size_t strip)
{
    return whole_strips(whole_strips(order, strip), LINE_DOUBLES) * depth_for(order);
}

size_t dgemm_bytes(const struct gemm_kernels *kernels, size_t order)
{
    return memory_rounded((3 * stride_for(order) * order + packed_size(order, kernels->rows()) +
                           packed_size(order, kernels->columns) + VECTORS * stride_for(order)) *
                          sizeof(double));
}

/* One, three, five or seven halves to either side, never 0: products are quarters, whose sums are exact up to
 * 2^51. */
static double value_of(uint64_t place)
{
    struct random random = {place + 1};
    return (double)(int64_t)(random_next(&random) >> 61) - 3.5;
}

/* Columns go to the members in turn, so that each node gets its part of the memory. */
static void fill_member(void *context, size_t member)
{
    struct dgemm *dgemm = context;
    for (size_t column = member; column < dgemm->order; column += team_size(dgemm->team))
        for (size_t row = 0; row < dgemm->order; row++) {
            size_t place = column * dgemm->stride + row;
            dgemm->left[place] = value_of(2 * place);
            dgemm->right[place] = value_of(2 * place + 1);
            dgemm->result[place] = 0;
        }
}

int dgemm_new(struct dgemm *dgemm, struct team *team, const struct gemm_kernels *kernels, size_t order,
              struct memory_budget *budget, struct err *err)
{
    *dgemm = (struct dgemm){.team = team, .kernels = kernels, .order = order, .stride = stride_for(order)};
    if (memory_map(budget, dgemm_bytes(kernels, order), &dgemm->region, err) < 0)
        return -1;
    dgemm->left = (double *)(void *)dgemm->region.base;
    dgemm->right = dgemm->left + dgemm->stride * order;
    dgemm->result = dgemm->right + dgemm->stride * order;
    dgemm->packed_left = dgemm->result + dgemm->stride * order;
    dgemm->packed_right = dgemm->packed_left + packed_size(order, kernels->rows());
    dgemm->vectors = dgemm->packed_right + packed_size(order, kernels->columns);
    team_run(team, fill_member, dgemm);
    return 0;
}

void dgemm_free(struct dgemm *dgemm, struct memory_budget *budget)
{
    memory_unmap(budget, &dgemm->region);
    *dgemm = (struct dgemm){0};
}

static void run_member(void *context, size_t member)
{
    struct dgemm *dgemm = context;
    const size_t members = team_size(dgemm->team);
    const struct range all = {0, dgemm->order};
    const struct range rows = share_of(members, member, all, dgemm->kernels->rows());
    const struct range columns = share_of(members, member, all, dgemm->kernels->columns);
    const size_t deepest = depth_for(dgemm->order);
    for (size_t k = 0; k < dgemm->order; k += deepest) {
        size_t depth = smaller(dgemm->order - k, deepest);
        pack_left(dgemm->kernels, dgemm->left + k * dgemm->stride + rows.from, dgemm->stride,
                  rows.to - rows.from, depth, dgemm->packed_left + rows.from * depth);
        pack_right(dgemm->kernels, dgemm->right + columns.from * dgemm->stride + k, dgemm->stride, depth,
                   columns.to - columns.from, dgemm->packed_right + columns.from * depth);
        if (member == 0) {
            dgemm->shared.depth = depth;
            shared_product_begin(&dgemm->shared, members);
        }
        team_barrier(dgemm->team);
        shared_product_take(&dgemm->shared);
        team_barrier(dgemm->team);
        if (member == 0 && dgemm->progress)
            progress_tick(dgemm->progress);
    }
}

void dgemm_run(struct dgemm *dgemm)
{
    dgemm->shared = (struct shared_product){.kernels = dgemm->kernels,
                                            .left = dgemm->packed_left,
                                            .right = dgemm->packed_right,
                                            .rows = dgemm->order,
                                            .columns = dgemm->order,
                                            .result = dgemm->result,
                                            .stride = dgemm->stride,
                                            .cache_bytes = dgemm->cache_bytes};
    team_run(dgemm->team, run_member, dgemm);
    dgemm->runs++;
}

/* Some rows of y = matrix x. */
static void multiply_rows(const struct dgemm *dgemm, struct range rows, const double *matrix, const double *x,
                          double *y)
{
    for (size_t row = rows.from; row < rows.to; row++)
        y[row] = 0;
    for (size_t column = 0; column < dgemm->order; column++)
        for (size_t row = rows.from; row < rows.to; row++)
            y[row] += matrix[column * dgemm->stride + row] * x[column];
}

static void check_member(void *context, size_t member)
{
    struct dgemm *dgemm = context;
    struct range own =
        share_of(team_size(dgemm->team), member, (struct range){0, dgemm->order}, LINE_DOUBLES);
    double *x = dgemm->vectors;
    double *right_x = x + dgemm->stride;
    double *product_x = right_x + dgemm->stride;
    double *result_x = product_x + dgemm->stride;
    for (size_t row = own.from; row < own.to; row++)
        x[row] = value_of(~(uint64_t)row);
    team_barrier(dgemm->team);
    multiply_rows(dgemm, own, dgemm->right, x, right_x);
    multiply_rows(dgemm, own, dgemm->result, x, result_x);
    team_barrier(dgemm->team);
    multiply_rows(dgemm, own, dgemm->left, right_x, product_x);
}

bool dgemm_is_right(struct dgemm *dgemm)
{
    team_run(dgemm->team, check_member, dgemm);
    const double *product_x = dgemm->vectors + 2 * dgemm->stride;
    const double *result_x = product_x + dgemm->stride;
    size_t row = 0;
    while (row < dgemm->order && result_x[row] == -(double)dgemm->runs * product_x[row])
        row++;
    return row == dgemm->order;
}

double dgemm_operations(size_t order)
{
    double n = (double)order;
    return 2 * n * n * n;
}
