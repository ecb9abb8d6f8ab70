#include "suites/stream_model.h"

#include <math.h>
#include <stdint.h>

struct stream_model stream_model_start(void)
{
    return (struct stream_model){{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
}

void stream_model_apply(struct stream_model *model, enum stream_operation operation)
{
    double *a = model->mixture[STREAM_A];
    double *b = model->mixture[STREAM_B];
    double *c = model->mixture[STREAM_C];
    for (size_t i = 0; i < STREAM_ARRAYS; i++) {
        switch (operation) {
        case STREAM_COPY:
            c[i] = a[i];
            break;
        case STREAM_SCALE:
            b[i] = STREAM_SCALAR * c[i];
            break;
        case STREAM_ADD:
            c[i] = a[i] + b[i];
            break;
        case STREAM_TRIAD:
            a[i] = b[i] + STREAM_SCALAR * c[i];
            break;
        case STREAM_OPERATIONS:
            break;
        }
    }
}

double stream_initial(enum stream_array array, size_t index)
{
    static const uint64_t multipliers[STREAM_ARRAYS] = {
        [STREAM_A] = UINT64_C(0x9E3779B97F4A7C15),
        [STREAM_B] = UINT64_C(0xC2B2AE3D27D4EB4F),
        [STREAM_C] = UINT64_C(0x165667B19E3779F9),
    };
    static const double base[STREAM_ARRAYS] = {[STREAM_A] = 1, [STREAM_B] = 2, [STREAM_C] = 0.5};
    uint64_t mixed = (uint64_t)index * multipliers[array];
    return base[array] + (double)(mixed >> 54) / 1024;
}

static double relative_error(const double mixture[STREAM_ARRAYS], const double initial[STREAM_ARRAYS],
                             double value)
{
    double expected = mixture[STREAM_A] * initial[STREAM_A] + mixture[STREAM_B] * initial[STREAM_B] +
                      mixture[STREAM_C] * initial[STREAM_C];
    return fabs(value - expected) / expected;
}

double stream_largest_error(const struct stream_model *model, const double *const pieces[STREAM_ARRAYS],
                            size_t first_index, size_t count)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        double initial[STREAM_ARRAYS];
        for (enum stream_array array = STREAM_A; array < STREAM_ARRAYS; array++)
            initial[array] = stream_initial(array, first_index + i);
        for (enum stream_array array = STREAM_A; array < STREAM_ARRAYS; array++) {
            double error = relative_error(model->mixture[array], initial, pieces[array][i]);
            if (!(error <= largest)) /* also when it is not a number */
                largest = isnan(error) ? INFINITY : error;
        }
    }
    return largest;
}
