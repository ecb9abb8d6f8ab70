#include "linear/dgemm.h"
#include "linear/lu.h"
#include "linear/packing.h"
#include "topology/cpu_list.h"

#include "test.h"

#include <math.h>
#include <sched.h>
#include <string.h>

/* As simple as it gets: c -= a * b. */
static void subtract_plainly(const double *a, const double *b, size_t rows, size_t columns, size_t depth,
                             double *c)
{
    for (size_t j = 0; j < columns; j++)
        for (size_t k = 0; k < depth; k++)
            for (size_t i = 0; i < rows; i++)
                c[j * rows + i] -= a[k * rows + i] * b[j * depth + k];
}

static double *new_matrix(size_t count, uint64_t seed)
{
    double *matrix = aligned_alloc(64, (count + 8) / 8 * 64);
    assert_non_null(matrix);
    for (size_t i = 0; i < count; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        matrix[i] = (double)(int64_t)seed * 0x1p-63;
    }
    return matrix;
}

static void check_product(const struct gemm_kernels *kernels, size_t rows, size_t columns, size_t depth)
{
    AUTO_FREE double *a = new_matrix(rows * depth, 1);
    AUTO_FREE double *b = new_matrix(depth * columns, 2);
    AUTO_FREE double *c = new_matrix(rows * columns, 3);
    AUTO_FREE double *expected = new_matrix(rows * columns, 3);
    AUTO_FREE double *left = new_matrix(whole_strips(rows, kernels->rows()) * depth, 4);
    AUTO_FREE double *right = new_matrix(whole_strips(columns, kernels->columns) * depth, 5);
    pack_left(kernels, a, rows, rows, depth, left);
    pack_right(kernels, b, depth, depth, columns, right);
    subtract_product(kernels, left, right, rows, columns, depth, c, rows);
    subtract_plainly(a, b, rows, columns, depth, expected);
    for (size_t i = 0; i < rows * columns; i++)
        if (fabs(c[i] - expected[i]) > 1e-14 * (double)(depth + 1))
            fail_msg("%s, %zu x %zu x %zu: element %zu is %g, not %g", kernels->isa, rows, columns, depth, i,
                     c[i], expected[i]);
}

TEST(every_kernel_multiplies_matrices_of_any_shape)
{
    static const size_t sizes[] = {1, 2, 7, 8, 23, 24, 25, 61};
    cpu_feature_set have = cpu_features_detect();
    for (size_t row = 0; row < gemm_kernels_count; row++) {
        if (!cpu_features_include(have, gemm_kernels[row].needs))
            continue;
        for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++)
            for (size_t j = 0; j < ARRAY_LENGTH(sizes); j++)
                for (size_t k = 0; k < ARRAY_LENGTH(sizes); k++)
                    check_product(&gemm_kernels[row], sizes[i], sizes[j], sizes[k]);
    }
}

TEST(kernels_are_chosen_by_number_and_only_where_they_can_run)
{
    cpu_feature_set have = cpu_features_detect();
    struct err err = {0};
    assert_ptr_equal(gemm_kernels_choose(have, 0, &err), gemm_kernels_for(have));
    for (size_t row = 0; row < gemm_kernels_count; row++) {
        assert_ptr_equal(gemm_kernels_choose(gemm_kernels[row].needs, row + 1, &err), &gemm_kernels[row]);
        assert_null(gemm_kernels_choose(0, row + 1, &err));
        assert_int_equal(err.kind, ERR_UNSUPPORTED);
        assert_non_null(strstr(err.message, gemm_kernels[row].isa));
    }
}

static size_t largest_plainly(size_t count, const double *x)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++)
        if (!isnan(x[i]) && (best == count || fabs(x[i]) > fabs(x[best])))
            best = i;
    return best;
}

/* The largest element at each place, alone, with its equal behind it, and with what is no number. */
static void check_largest(const struct gemm_kernels *kernels, size_t count)
{
    for (size_t place = 0; place < count; place++) {
        AUTO_FREE double *x = new_matrix(count, 9);
        x[place] = place % 2 ? -3 : 3;
        assert_int_equal(kernels->largest(count, x), place);
        x[count - 1] = 3;
        assert_int_equal(kernels->largest(count, x), place);
        x[count / 2] = NAN;
        assert_int_equal(kernels->largest(count, x), largest_plainly(count, x));
        for (size_t i = 0; i < count; i++)
            x[i] = NAN;
        assert_int_equal(kernels->largest(count, x), count);
        x[place] = 0;
        assert_int_equal(kernels->largest(count, x), place);
    }
}

TEST(largest_element_is_found_wherever_it_is)
{
    cpu_feature_set have = cpu_features_detect();
    for (size_t row = 0; row < gemm_kernels_count; row++)
        for (size_t count = 1; count < 70 && cpu_features_include(have, gemm_kernels[row].needs); count++)
            check_largest(&gemm_kernels[row], count);
}

TEST(tiles_fit_their_limits)
{
    cpu_feature_set have = cpu_features_detect();
    for (size_t row = 0; row < gemm_kernels_count; row++) {
        if (!cpu_features_include(have, gemm_kernels[row].needs))
            continue;
        assert_true(gemm_kernels[row].rows() <= GEMM_ROWS_MAX);
        assert_true(gemm_kernels[row].columns <= GEMM_COLUMNS_MAX);
        assert_int_equal(gemm_kernels[row].rows() % 2, 0);
    }
}

#define MEMBERS_MAX 16

/* A team on the CPUs that there are, one after the other, however many members. */
static struct team *new_team(size_t members)
{
    uint16_t cpus[MEMBERS_MAX];
    cpu_set_t usable;
    size_t count = 0;
    struct err err = {0};
    assert_int_equal(sched_getaffinity(0, sizeof usable, &usable), 0);
    while (count < members)
        for (uint16_t cpu = 0; cpu < CPU_SETSIZE && count < members; cpu++)
            if (CPU_ISSET(cpu, &usable))
                cpus[count++] = cpu;
    struct team *team = team_start(cpus, members, &err);
    assert_non_null(team);
    return team;
}

struct equations {
    struct team *team;
    struct memory_budget budget;
    struct lu lu;
};

static void open_system(struct equations *equations, const struct gemm_kernels *kernels, size_t members,
                        size_t order)
{
    struct err err = {0};
    *equations = (struct equations){.team = new_team(members), .budget = {.limit = UINT64_C(1) << 30}};
    assert_int_equal(lu_new(&equations->lu, equations->team, kernels, order, &equations->budget, &err), 0);
    assert_int_equal(equations->budget.used, lu_bytes(kernels, members, order));
}

static void close_system(struct equations *equations)
{
    lu_free(&equations->lu, &equations->budget);
    assert_int_equal(equations->budget.used, 0);
    team_stop(equations->team);
}

TEST(systems_of_any_order_are_solved_by_every_kernel)
{
    static const size_t orders[] = {1, 2, 5, 8, 9, 64, 239, 240, 241, 300, 500};
    cpu_feature_set have = cpu_features_detect();
    for (size_t row = 0; row < gemm_kernels_count; row++) {
        for (size_t i = 0; i < ARRAY_LENGTH(orders); i++) {
            struct equations equations;
            if (!cpu_features_include(have, gemm_kernels[row].needs))
                continue;
            open_system(&equations, &gemm_kernels[row], 1 + i % 3, orders[i]);
            lu_fill(&equations.lu, i);
            lu_solve(&equations.lu);
            double residual = lu_residual(&equations.lu, i);
            if (!(residual < 1))
                fail_msg("%s, order %zu: residual %g", gemm_kernels[row].isa, orders[i], residual);
            close_system(&equations);
        }
    }
}

static void solve_with(size_t members, size_t order, double *solution)
{
    struct equations equations;
    open_system(&equations, gemm_kernels_for(cpu_features_detect()), members, order);
    lu_fill(&equations.lu, 7);
    lu_solve(&equations.lu);
    memcpy(solution, equations.lu.matrix + order * equations.lu.stride, order * sizeof *solution);
    close_system(&equations);
}

/* Of these orders the last is so large that every team looks ahead, with one or several members at the panel.
 */
TEST(solution_does_not_depend_on_the_number_of_members)
{
    static const size_t orders[] = {3, 400, 1501};
    static const size_t members[] = {2, 3, 5, MEMBERS_MAX};
    static double alone[1501], together[1501];
    for (size_t i = 0; i < ARRAY_LENGTH(orders); i++) {
        solve_with(1, orders[i], alone);
        for (size_t j = 0; j < ARRAY_LENGTH(members); j++) {
            solve_with(members[j], orders[i], together);
            assert_memory_equal(alone, together, orders[i] * sizeof *alone);
        }
    }
}

/* The same equations by Gauss's elimination, as a textbook has it, in extended precision. `system` is column
 * after column, the right side last; returns the solution in its place. */
static void solve_plainly(size_t order, long double *matrix)
{
    long double *side = matrix + order * order;
    for (size_t k = 0; k < order; k++) {
        size_t pivot = k;
        for (size_t row = k + 1; row < order; row++)
            if (fabsl(matrix[k * order + row]) > fabsl(matrix[k * order + pivot]))
                pivot = row;
        for (size_t column = k; column <= order; column++) {
            long double *elements = matrix + column * order;
            long double moved = elements[k];
            elements[k] = elements[pivot];
            elements[pivot] = moved;
            for (size_t row = k + 1; row < order && column > k; row++)
                elements[row] -= matrix[k * order + row] / matrix[k * order + k] * elements[k];
        }
    }
    for (size_t k = order; k-- > 0;) {
        side[k] /= matrix[k * order + k];
        for (size_t row = 0; row < k; row++)
            side[row] -= matrix[k * order + row] * side[k];
    }
}

/* Rows times powers of two from 2^-60 to 2^60, in no order: what is large is not what matters. */
static void scale_badly(struct lu *lu)
{
    for (size_t row = 0; row < lu->order; row++)
        for (size_t column = 0; column <= lu->order; column++)
            lu->matrix[column * lu->stride + row] *= exp2((double)(row * 77 % 121) - 60);
}

static void compare_with_plain(const struct gemm_kernels *kernels, size_t members, size_t order,
                               bool badly_scaled)
{
    struct equations equations;
    open_system(&equations, kernels, members, order);
    struct lu *lu = &equations.lu;
    lu_fill(lu, order);
    if (badly_scaled)
        scale_badly(lu);
    AUTO_FREE long double *expected = calloc(order * (order + 1), sizeof *expected);
    assert_non_null(expected);
    for (size_t column = 0; column <= order; column++)
        for (size_t row = 0; row < order; row++)
            expected[column * order + row] = lu->matrix[column * lu->stride + row];
    solve_plainly(order, expected);
    lu_solve(lu);
    long double largest = 0;
    for (size_t row = 0; row < order; row++)
        largest = fmaxl(largest, fabsl(expected[order * order + row]));
    for (size_t row = 0; row < order; row++) {
        long double apart = fabsl(lu->matrix[order * lu->stride + row] - expected[order * order + row]);
        if (!(apart <= 1e-9L * largest))
            fail_msg("%s, order %zu, %zu members: x[%zu] is off by %Lg of %Lg", kernels->isa, order, members,
                     row, apart, largest);
    }
    close_system(&equations);
}

TEST(solution_is_that_of_plain_elimination_in_extended_precision)
{
    static const size_t orders[] = {1, 2, 7, 25, 61, 241, 317};
    cpu_feature_set have = cpu_features_detect();
    for (size_t row = 0; row < gemm_kernels_count; row++)
        for (size_t i = 0; i < ARRAY_LENGTH(orders) && cpu_features_include(have, gemm_kernels[row].needs);
             i++) {
            compare_with_plain(&gemm_kernels[row], 1 + i % 3, orders[i], false);
            compare_with_plain(&gemm_kernels[row], 1 + i % 3, orders[i], true);
        }
}

TEST(more_members_than_columns_solve_a_system_too)
{
    const struct gemm_kernels *kernels = gemm_kernels_for(cpu_features_detect());
    compare_with_plain(kernels, MEMBERS_MAX, 1, false);
    compare_with_plain(kernels, MEMBERS_MAX, 5, false);
    compare_with_plain(kernels, MEMBERS_MAX, 90, true);
}

/* --- products of square matrices ------------------------------------------------------------------ */

static void check_dgemm(const struct gemm_kernels *kernels, size_t members, size_t order)
{
    struct err err = {0};
    struct memory_budget budget = {.limit = UINT64_C(1) << 30};
    AUTO_TEAM struct team *team = new_team(members);
    struct dgemm dgemm;
    assert_int_equal(dgemm_new(&dgemm, team, kernels, order, &budget, &err), 0);
    assert_int_equal(budget.used, dgemm_bytes(kernels, order));
    size_t elements = dgemm.stride * order;
    AUTO_FREE double *expected = calloc(elements, sizeof *expected);
    assert_non_null(expected);
    for (int run = 0; run < 2; run++)
        for (size_t j = 0; j < order; j++)
            for (size_t k = 0; k < order; k++)
                for (size_t i = 0; i < order; i++)
                    expected[j * dgemm.stride + i] -=
                        dgemm.left[k * dgemm.stride + i] * dgemm.right[j * dgemm.stride + k];
    dgemm_run(&dgemm);
    assert_true(dgemm_is_right(&dgemm));
    dgemm_run(&dgemm);
    assert_true(dgemm_is_right(&dgemm));
    for (size_t j = 0; j < order; j++)
        assert_memory_equal(dgemm.result + j * dgemm.stride, expected + j * dgemm.stride,
                            order * sizeof(double));
    double *one = &dgemm.result[order / 2 * dgemm.stride + order / 3];
    *one += 0.25;
    assert_false(dgemm_is_right(&dgemm));
    *one = NAN;
    assert_false(dgemm_is_right(&dgemm));
    dgemm_free(&dgemm, &budget);
    assert_int_equal(budget.used, 0);
}

TEST(products_are_exact_and_a_wrong_one_is_noticed)
{
    static const size_t orders[] = {1, 7, 24, 121, 259};
    cpu_feature_set have = cpu_features_detect();
    for (size_t row = 0; row < gemm_kernels_count; row++)
        for (size_t i = 0; i < ARRAY_LENGTH(orders) && cpu_features_include(have, gemm_kernels[row].needs);
             i++)
            check_dgemm(&gemm_kernels[row], 1 + i, orders[i]);
    check_dgemm(gemm_kernels_for(have), MEMBERS_MAX, 50);
}

TEST(wrong_solution_has_a_large_residual)
{
    struct equations equations;
    open_system(&equations, gemm_kernels_for(cpu_features_detect()), 2, 100);
    lu_fill(&equations.lu, 1);
    lu_solve(&equations.lu);
    double *solution = equations.lu.matrix + equations.lu.order * equations.lu.stride;
    assert_true(lu_residual(&equations.lu, 1) < 1);
    assert_true(lu_residual(&equations.lu, 2) > 16); /* of another system */
    solution[50] *= 1 + 1e-9;
    assert_true(lu_residual(&equations.lu, 1) > 16);
    solution[50] = NAN;
    assert_false(lu_residual(&equations.lu, 1) <= 16);
    close_system(&equations);
}

TEST(system_without_a_solution_is_noticed)
{
    struct equations equations;
    open_system(&equations, gemm_kernels_for(cpu_features_detect()), 2, 30);
    lu_fill(&equations.lu, 1);
    memset(equations.lu.matrix + 17 * equations.lu.stride, 0, equations.lu.order * sizeof(double));
    lu_solve(&equations.lu);
    assert_true(equations.lu.singular);
    assert_true(isinf(lu_residual(&equations.lu, 1)));
    close_system(&equations);
}

TEST(elements_are_spread_evenly_around_zero)
{
    struct equations equations;
    double sum = 0;
    double largest = 0;
    open_system(&equations, gemm_kernels_for(cpu_features_detect()), 1, 300);
    lu_fill(&equations.lu, 1);
    for (size_t column = 0; column < 300; column++)
        for (size_t row = 0; row < 300; row++) {
            double value = equations.lu.matrix[column * equations.lu.stride + row];
            sum += value;
            largest = fmax(largest, fabs(value));
        }
    assert_true(largest <= 0.5 && largest > 0.4999);
    assert_true(fabs(sum / 90000) < 0.004); /* four standard errors */
    close_system(&equations);
}

TEST(operations_are_counted_as_hpl_does)
{
    assert_true(fabs(lu_operations(1000) - (2e9 / 3 + 1.5e6)) < 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_multiplies_matrices_of_any_shape),
        cmocka_unit_test(kernels_are_chosen_by_number_and_only_where_they_can_run),
        cmocka_unit_test(largest_element_is_found_wherever_it_is),
        cmocka_unit_test(tiles_fit_their_limits),
        cmocka_unit_test(systems_of_any_order_are_solved_by_every_kernel),
        cmocka_unit_test(solution_does_not_depend_on_the_number_of_members),
        cmocka_unit_test(solution_is_that_of_plain_elimination_in_extended_precision),
        cmocka_unit_test(more_members_than_columns_solve_a_system_too),
        cmocka_unit_test(products_are_exact_and_a_wrong_one_is_noticed),
        cmocka_unit_test(wrong_solution_has_a_large_residual),
        cmocka_unit_test(system_without_a_solution_is_noticed),
        cmocka_unit_test(elements_are_spread_evenly_around_zero),
        cmocka_unit_test(operations_are_counted_as_hpl_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
