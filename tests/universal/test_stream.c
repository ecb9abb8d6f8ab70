#include "kernels/stream_kernels.h"
#include "suites/stream_model.h"

#include "test.h"

#include <math.h>

#define BLOCKS 5
#define ELEMENTS ((size_t)BLOCKS * STREAM_BLOCK_ELEMENTS)
/* Elements before and behind a slice that no kernel may touch. */
#define MARGIN ((size_t)STREAM_BLOCK_ELEMENTS)
#define ALL (ELEMENTS + 2 * MARGIN)

struct arrays {
    double *array[STREAM_ARRAYS];
};

static struct arrays new_arrays(void)
{
    struct arrays arrays;
    for (enum stream_array array = STREAM_A; array < STREAM_ARRAYS; array++) {
        arrays.array[array] = aligned_alloc(64, ALL * sizeof(double));
        assert_non_null(arrays.array[array]);
        for (size_t i = 0; i < ALL; i++)
            arrays.array[array][i] = stream_initial(array, i);
    }
    return arrays;
}

static void free_arrays(struct arrays *arrays)
{
    for (enum stream_array array = STREAM_A; array < STREAM_ARRAYS; array++)
        free(arrays->array[array]);
}

#define AUTO_ARRAYS CLEANUP(free_arrays)

static void run_kernel(const struct stream_kernels *kernels, enum stream_operation operation,
                       struct arrays *arrays)
{
    kernels->run[operation](arrays->array[STREAM_A] + MARGIN, arrays->array[STREAM_B] + MARGIN,
                            arrays->array[STREAM_C] + MARGIN, STREAM_SCALAR, ELEMENTS);
}

static double largest_error(const struct stream_model *model, const struct arrays *arrays)
{
    const double *const pieces[STREAM_ARRAYS] = {
        arrays->array[STREAM_A] + MARGIN, arrays->array[STREAM_B] + MARGIN, arrays->array[STREAM_C] + MARGIN};
    return stream_largest_error(model, pieces, MARGIN, ELEMENTS);
}

static void expect_margins_untouched(const struct arrays *arrays)
{
    for (enum stream_array array = STREAM_A; array < STREAM_ARRAYS; array++)
        for (size_t i = 0; i < MARGIN; i++) {
            size_t behind = MARGIN + ELEMENTS + i;
            assert_true(arrays->array[array][i] == stream_initial(array, i));
            assert_true(arrays->array[array][behind] == stream_initial(array, behind));
        }
}

static bool can_run(const struct stream_kernels *kernels)
{
    return cpu_features_include(cpu_features_detect(), kernels->needs);
}

TEST(every_kernel_does_what_its_operation_says)
{
    for (size_t row = 0; row < stream_kernels_count; row++) {
        if (!can_run(&stream_kernels[row]))
            continue;
        for (enum stream_operation operation = 0; operation < STREAM_OPERATIONS; operation++) {
            AUTO_ARRAYS struct arrays arrays = new_arrays();
            struct stream_model model = stream_model_start();
            run_kernel(&stream_kernels[row], operation, &arrays);
            assert_true(largest_error(&model, &arrays) > STREAM_ERROR_ALLOWED); /* something changed */
            stream_model_apply(&model, operation);
            assert_true(largest_error(&model, &arrays) <= STREAM_ERROR_ALLOWED);
            expect_margins_untouched(&arrays);
        }
    }
}

TEST(model_follows_hundreds_of_operations_in_any_order)
{
    const struct stream_kernels *kernels = stream_kernels_for(cpu_features_detect());
    for (unsigned order = 0; order < 4; order++) {
        AUTO_ARRAYS struct arrays arrays = new_arrays();
        struct stream_model model = stream_model_start();
        for (unsigned step = 0; step < 800; step++) {
            enum stream_operation operation = (step * (order + 1) + step / 7 * order) % STREAM_OPERATIONS;
            run_kernel(kernels, operation, &arrays);
            stream_model_apply(&model, operation);
        }
        assert_true(largest_error(&model, &arrays) <= STREAM_ERROR_ALLOWED);
        assert_true(isnormal(arrays.array[STREAM_A][MARGIN]));
    }
}

TEST(repeating_an_operation_changes_nothing)
{
    const struct stream_kernels *kernels = stream_kernels_for(cpu_features_detect());
    for (enum stream_operation operation = 0; operation < STREAM_OPERATIONS; operation++) {
        AUTO_ARRAYS struct arrays arrays = new_arrays();
        struct stream_model model = stream_model_start();
        stream_model_apply(&model, operation);
        for (unsigned pass = 0; pass < 3; pass++)
            run_kernel(kernels, operation, &arrays);
        assert_true(largest_error(&model, &arrays) <= STREAM_ERROR_ALLOWED);
    }
}

TEST(one_wrong_element_is_found)
{
    AUTO_ARRAYS struct arrays arrays = new_arrays();
    struct stream_model model = stream_model_start();
    double *values = arrays.array[STREAM_B] + MARGIN;
    static const size_t places[] = {0, 1, STREAM_BLOCK_ELEMENTS, ELEMENTS - 1};
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        double kept = values[places[i]];
        values[places[i]] = kept * (1 + 1e-12);
        assert_true(largest_error(&model, &arrays) > STREAM_ERROR_ALLOWED);
        values[places[i]] = NAN;
        assert_true(isinf(largest_error(&model, &arrays)));
        values[places[i]] = kept;
        assert_true(largest_error(&model, &arrays) <= STREAM_ERROR_ALLOWED);
    }
}

TEST(elements_in_each_others_place_are_found)
{
    AUTO_ARRAYS struct arrays arrays = new_arrays();
    struct stream_model model = stream_model_start();
    double *values = arrays.array[STREAM_A] + MARGIN;
    double moved = values[10];
    values[10] = values[11];
    values[11] = moved;
    assert_true(largest_error(&model, &arrays) > STREAM_ERROR_ALLOWED);
}

TEST(last_row_runs_on_every_cpu_and_the_first_that_can_is_chosen)
{
    assert_ptr_equal(stream_kernels_for(0), &stream_kernels[stream_kernels_count - 1]);
    assert_ptr_equal(stream_kernels_for(~(cpu_feature_set)0), &stream_kernels[0]);
    assert_true(can_run(stream_kernels_for(cpu_features_detect())));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_does_what_its_operation_says),
        cmocka_unit_test(model_follows_hundreds_of_operations_in_any_order),
        cmocka_unit_test(repeating_an_operation_changes_nothing),
        cmocka_unit_test(one_wrong_element_is_found),
        cmocka_unit_test(elements_in_each_others_place_are_found),
        cmocka_unit_test(last_row_runs_on_every_cpu_and_the_first_that_can_is_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
