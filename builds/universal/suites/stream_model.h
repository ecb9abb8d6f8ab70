/*
 * What the STREAM arrays must hold, worked out apart from the kernels. Every operation is linear, so after
 * any sequence of them each element is a fixed mixture of the three values that it and its neighbours in the
 * other arrays began with. The beginnings differ from element to element: a kernel that reads or writes the
 * wrong place, or leaves one out, is found, not only one that computes wrongly.
 */
#ifndef SUITES_STREAM_MODEL_H
#define SUITES_STREAM_MODEL_H

#include "kernels/stream_kernels.h"

#include <stddef.h>

enum stream_array { STREAM_A, STREAM_B, STREAM_C, STREAM_ARRAYS };

/* sqrt(2) - 1: a round in the order copy, scale, add, triad leaves the sizes of the values as they are, and
 * no order lets them leave the range of a double within thousands of operations. */
#define STREAM_SCALAR 0.41421356237309503

/* McCalpin's limit for doubles. */
#define STREAM_ERROR_ALLOWED 1e-13

struct stream_model {
    double mixture[STREAM_ARRAYS][STREAM_ARRAYS]; /* [array now][array at the beginning] */
};

struct stream_model stream_model_start(void);
void stream_model_apply(struct stream_model *model, enum stream_operation operation);

/* The value that element `index` of an array begins with: above 0, below 3. */
double stream_initial(enum stream_array array, size_t index);

/* The largest relative error in a piece of the three arrays: element i of each piece is element first_index +
 * i of its array. Infinite when one is not a number. */
double stream_largest_error(const struct stream_model *model, const double *const pieces[STREAM_ARRAYS],
                            size_t first_index, size_t count);

#endif
