/* The peak of one instruction set and kind of arithmetic, over a team. */
#ifndef MEASURE_ARITHMETIC_PEAK_H
#define MEASURE_ARITHMETIC_PEAK_H

#include "kernels/arithmetic_kernels.h"
#include "measure/sampling.h"
#include "measure/team.h"

#include <stdatomic.h>

struct arithmetic_peak {
    struct team *team; /* borrowed */
    arithmetic_kernel *run;
    size_t operations;   /* of a step */
    size_t steps;        /* of a pass; 0: not yet chosen */
    atomic_size_t wrong; /* passes whose end was not right */
};

void arithmetic_peak_init(struct arithmetic_peak *peak, struct team *team,
                          const struct arithmetic_kernels *kernels, enum arithmetic kind);

/* Fills a burst with 10^9 operations a second, all members together (struct probe, measure/sampling.h). */
int arithmetic_peak_measure(void *context, struct burst *burst, struct err *err);

#endif
