/* A pointer chase as something to sample: nanoseconds a step. */
#ifndef MEASURE_LATENCY_H
#define MEASURE_LATENCY_H

#include "measure/chase.h"
#include "measure/sampling.h"
#include "measure/transfer.h"

struct latency {
    struct chase chase;
    memory_kernel *reader; /* takes all of the chase's memory into the caches before each sample; NULL: no */
    size_t warm_bytes;
    size_t sample_steps; /* for a sample of about a millisecond; 0: not found out yet */
};

/* Nanoseconds a step of a walk of so many steps (a multiple of CHASE_STEPS). -1 when the clock stood or
 * stepped back. */
int latency_of_walk(struct chase *chase, size_t steps, double *nanoseconds, struct err *err);

/* For struct probe: the context is a struct latency. */
int latency_measure(void *context, struct burst *burst, struct err *err);

#endif
