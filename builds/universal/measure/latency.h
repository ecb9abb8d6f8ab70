/* A pointer chase as something to sample: nanoseconds a step. */
#ifndef MEASURE_LATENCY_H
#define MEASURE_LATENCY_H

#include "measure/chase.h"
#include "measure/read_bandwidth.h"
#include "measure/sampling.h"

struct latency {
    struct chase chase;
    read_kernel
        *warm_kernel; /* reads all of the chase's memory into the caches before each sample; NULL: none */
    size_t warm_bytes;
    size_t sample_steps; /* for a sample of about a millisecond; 0: not found out yet */
};

/* For struct probe: the context is a struct latency. */
int latency_measure(void *context, struct burst *burst, struct err *err);

#endif
