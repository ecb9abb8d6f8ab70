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

/* A team on the CPUs that there are, one after the other, however many members. */
static struct team *new_team(size_t members)
{
    uint16_t cpus[8];
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

TEST(solution_does_not_depend_on_the_number_of_members)
{
    double solutions[2][400];
    for (size_t i = 0; i < 2; i++) {
        struct equations equations;
        open_system(&equations, gemm_kernels_for(cpu_features_detect()), 1 + 2 * i,
                    ARRAY_LENGTH(solutions[0]));
        lu_fill(&equations.lu, 7);
        lu_solve(&equations.lu);
        memcpy(solutions[i], equations.lu.matrix + equations.lu.order * equations.lu.stride,
               sizeof solutions[i]);
        close_system(&equations);
    }
    assert_memory_equal(solutions[0], solutions[1], sizeof solutions[0]);
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
        cmocka_unit_test(tiles_fit_their_limits),
        cmocka_unit_test(systems_of_any_order_are_solved_by_every_kernel),
        cmocka_unit_test(solution_does_not_depend_on_the_number_of_members),
        cmocka_unit_test(wrong_solution_has_a_large_residual),
        cmocka_unit_test(system_without_a_solution_is_noticed),
        cmocka_unit_test(elements_are_spread_evenly_around_zero),
        cmocka_unit_test(operations_are_counted_as_hpl_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
