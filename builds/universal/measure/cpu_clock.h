/* The core clock as it runs now, measured rather than believed. */
#ifndef MEASURE_CPU_CLOCK_H
#define MEASURE_CPU_CLOCK_H

#include "base/error.h"

/* GHz of the CPU that the caller runs on, out of the time that a chain of dependent instructions of known
 * latency takes; the fastest of a few runs of about 0.3 ms, since all that can happen to one makes it slower.
 */
int cpu_clock_measure(double *ghz, struct err *err);

/* The same after the CPU had 20 ms of work to come up to speed. */
int cpu_clock_measure_warm(double *ghz, struct err *err);

#endif
