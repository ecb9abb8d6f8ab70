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

double stream_largest_error(const struct stream_model *model, enum stream_array array, const double *values,
                            size_t first_index, size_t count)
{
    const double *mixture = model->mixture[array];
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        double expected = 0;
        for (enum stream_array from = STREAM_A; from < STREAM_ARRAYS; from++)
            expected += mixture[from] * stream_initial(from, first_index + i);
        double error = fabs(values[i] - expected) / expected;
        if (isnan(error))
            return INFINITY;
        largest = fmax(largest, error);
    }
    return largest;
}
