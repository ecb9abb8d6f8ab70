/* Time as the suites measure it: nanoseconds of CLOCK_MONOTONIC, and no span that is not positive. */
#ifndef MEASURE_STOPWATCH_H
#define MEASURE_STOPWATCH_H

#include "base/error.h"

#include <stdint.h>

#define NANOSECONDS 1000000000

int64_t stopwatch_now(void);

/* Seconds from start to end. -1 with ERR_DATA when the clock did not move or stepped back: a rate made of
 * that would be a wrong number. */
int stopwatch_seconds(int64_t start, int64_t end, double *seconds, struct err *err);

#endif
