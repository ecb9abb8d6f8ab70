/* The benchmark's system of equations: how it is made, and how its solution is checked. */
#include "linear/lu_parts.h"

#include "measure/random.h"

#include <float.h>
#include <math.h>

#define SEED_BITS 40 /* systems of up to 2^20 equations have no element in common */

/* Any element out of its place alone. */
static double system_element(uint64_t seed, size_t order, size_t row, size_t column)
{
    struct random random = {(seed << SEED_BITS) + (uint64_t)column * order + row};
    return (double)(int64_t)random_next(&random) * 0x1p-64;
}

struct fill {
    struct lu *lu;
    uint64_t seed;
};

/* Columns go to the members in turn, so that what is left of the matrix is spread over all nodes at all
 * times. */
static void fill_member(void *context, size_t member)
{
    const struct fill *fill = context;
    struct lu *lu = fill->lu;
    for (size_t column = member; column <= lu->order; column += team_size(lu->team))
        for (size_t row = 0; row < lu->order; row++)
            *lu_element(lu, row, column) = system_element(fill->seed, lu->order, row, column);
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
    const double *solution = lu_element(lu, 0, lu->order);
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
    struct range own =
        share_of(team_size(residual->lu->team), member, (struct range){0, residual->lu->order}, LINE_DOUBLES);
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
        size_x = largest(fabs(*lu_element(lu, row, lu->order)), size_x);
        size_b = largest(fabs(system_element(seed, lu->order, row, lu->order)), size_b);
    }
    double scale = DBL_EPSILON / 2 * (norms[1] * size_x + size_b) * (double)lu->order;
    return norms[0] / scale;
}
