/*
 * What took CPU time from a suite, counted over the whole of it: how quiet the machine was, for whoever reads
 * the numbers later. Whether a single burst was disturbed is another question: disturbance.h.
 */
#ifndef MEASURE_DISTURBANCE_COUNTS_H
#define MEASURE_DISTURBANCE_COUNTS_H

#include "topology/machine.h"
#include "topology/throttling.h"

struct disturbance_counts {
    struct optional_u64 stolen_ticks; /* by the hypervisor, from all CPUs of the machine */
    struct quota_stops quota_stops;
    struct optional_u64 thermal_throttles;
    struct optional_u64 preemptions; /* how often a thread of ours lost its CPU to another */
};

/* The counters as they stand now. */
struct disturbance_counts disturbance_counts_read(const struct machine *machine);

/* What was added between two readings; unknown where either is, or where the counter went back. */
struct disturbance_counts disturbance_counts_between(const struct disturbance_counts *before,
                                                     const struct disturbance_counts *after);

#endif
