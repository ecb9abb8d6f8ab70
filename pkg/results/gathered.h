/*
 * What the documents of one instance type say of one metric, a value from each, and what they say together:
 * the figure that is published with all that qualifies it. Values may be added in any order; what is made of
 * them is the same to the last bit.
 */
#ifndef RESULTS_GATHERED_H
#define RESULTS_GATHERED_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One document's samples of the metric. */
struct run_value {
    double median;
    double mean;
    double deviation; /* standard deviation; NAN of a single sample */
    uint32_t samples;
    uint32_t run; /* index of the document in its type's list of runs */
};

struct gathered {
    struct run_value *values;
    size_t count;
    size_t capacity;
    bool lacks; /* a document says that the hardware lacks it */
};

void gathered_free(struct gathered *gathered);
int gathered_add(struct gathered *gathered, const struct run_value *value, struct err *err);

/* Puts the values pointed to into the order of what they say, by their medians first. */
void gathered_sort(const struct gathered *gathered);

/* The median of the medians; NAN where the hardware lacks it, or nobody measured it. Of sorted values. */
double gathered_median(const struct gathered *gathered);

/* Two sources of spread, as standard deviations: how far samples of one document lie apart, and how far the
 * true values of documents do, what the former explains taken off (one-way random effects, unbalanced, by
 * the ANOVA estimators: Searle, Casella, McCulloch, "Variance Components", 1992, 3.6). Where the samples
 * explain more than all, `between` is 0. NAN where there is too little to tell: `within` without a document
 * of two samples, `between` with one document. */
struct spread {
    double within;
    double between;
};

/* Of sorted values. */
struct spread spread_of(const struct gathered *gathered);

#endif
