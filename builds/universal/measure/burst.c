#include "measure/burst.h"

#include "measure/disturbance.h"
#include "measure/statistics.h"

#include <math.h>

_Static_assert(BURST_MAX <= STATISTICS_MAX, "statistics take a whole burst");

#define LOST_SHARE 0.02

bool burst_wants_more(const struct burst *burst)
{
    return burst->count == 0 || (burst->count < BURST_MAX && stopwatch_now() < burst->end);
}

void burst_add(struct burst *burst, double value)
{
    burst->values[burst->count++] = value;
}

int burst_take(burst_measure *measure, void *context, int64_t nanoseconds, const char *root,
               struct burst *burst, struct err *err)
{
    struct optional_u64 stolen = stolen_ticks(root);
    struct thread_moment start = thread_moment_now();
    *burst = (struct burst){.end = start.wall + nanoseconds};
    if (measure(context, burst, err) < 0)
        return -1;
    struct thread_moment end = thread_moment_now();
    double stolen_here = stolen_share(stolen, stolen_ticks(root), end.wall - start.wall);
    burst->lost = fmax(fmax(thread_lost_share(start, end), burst->lost), stolen_here);
    for (size_t i = 0; i < burst->count; i++)
        if (!isfinite(burst->values[i]) || burst->values[i] <= 0)
            return err_set(err, ERR_DATA, "%g is no measurement", burst->values[i]);
    return 0;
}

bool burst_is_disturbed(const struct burst *burst)
{
    return burst->lost > LOST_SHARE;
}

double burst_sample(const struct burst *burst)
{
    return median_of(burst->values, burst->count);
}
