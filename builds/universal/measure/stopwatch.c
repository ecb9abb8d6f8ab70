#include "measure/stopwatch.h"

#include <inttypes.h>
#include <time.h>

int64_t stopwatch_now(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

int stopwatch_seconds(int64_t start, int64_t end, double *seconds, struct err *err)
{
    if (end == start)
        return err_set(err, ERR_DATA, "the clock did not move while a sample was taken");
    if (end < start)
        return err_set(err, ERR_DATA, "the clock stepped back by %" PRId64 " ns while a sample was taken",
                       start - end);
    *seconds = (double)(end - start) / NANOSECONDS;
    return 0;
}
