/*
 * Whether the measuring threads had their CPUs to themselves. A thread that does nothing but measure runs all
 * the time: what its own clock lacks of the wall clock went to others on the machine; steal is what the
 * hypervisor gave to other machines.
 */
#ifndef MEASURE_DISTURBANCE_H
#define MEASURE_DISTURBANCE_H

#include "topology/optional.h"

#include <stdint.h>

/* A point in time of the calling thread. */
struct thread_moment {
    int64_t wall; /* stopwatch time */
    int64_t run;  /* nanoseconds that this thread ran */
};

struct thread_moment thread_moment_now(void);

/* The share of the time from one moment to the other in which the thread did not run: 0 to 1. Spans too short
 * to tell count as undisturbed. */
double thread_lost_share(struct thread_moment from, struct thread_moment to);

/* Time stolen from this machine since its start, all CPUs together, in ticks; unknown where /proc hides it.
 */
struct optional_u64 stolen_ticks(const char *root);

/* How long so many ticks are. */
double seconds_of_ticks(uint64_t ticks);

/* The share of all CPUs' time that so many ticks are of so many nanoseconds. */
double stolen_share(struct optional_u64 before, struct optional_u64 after, int64_t nanoseconds);

#endif
