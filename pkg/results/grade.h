/* How much a published figure can bear, in a letter, by a rule that is published with it. */
#ifndef RESULTS_GRADE_H
#define RESULTS_GRADE_H

#include "results/stats.h"

struct grade {
    const char *letter;
    const char *rule; /* for people */
};

/* Best first; the last one takes every figure. */
#define GRADES 4
extern const struct grade grades[GRADES];

/* The first whose rule the medians of so many results meet. Static. */
const char *grade_of(const struct summary *medians);

#endif
