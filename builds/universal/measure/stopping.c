#include "measure/stopping.h"

#include "measure/statistics.h"
#include "measure/stopwatch.h"

#include <math.h>

_Static_assert(SAMPLES_MAX <= STATISTICS_MAX, "statistics take all samples");

/* Enough rounds, spread over enough seconds, to see the slow changes of a shared machine. */
#define ROUNDS_MIN 12
#define SPAN_MIN (5 * (int64_t)NANOSECONDS)

#define UNSTABLE_TIMES 5 /* an interval so many times as wide as wanted is worth a word */

void stopping_add(struct probe *probe, double sample)
{
    probe->samples[probe->count++] = sample;
    probe->interval = relative_interval(probe->samples, probe->count);
}

static bool is_done(const struct probe *probe, const struct sampling_rule *rule, int64_t elapsed)
{
    return probe->count >= ROUNDS_MIN && elapsed >= SPAN_MIN && probe->interval <= rule->interval_wanted;
}

static bool group_is_done(const struct probe *probes, size_t count, unsigned group,
                          const struct sampling_rule *rule, int64_t elapsed)
{
    for (size_t i = 0; i < count; i++)
        if (probes[i].measure && probes[i].group == group && !is_done(&probes[i], rule, elapsed))
            return false;
    return true;
}

size_t stopping_choose(struct probe *probes, size_t count, const struct sampling_rule *rule, int64_t elapsed)
{
    size_t wanted = 0;
    size_t most = rule->samples_max && rule->samples_max < SAMPLES_MAX ? rule->samples_max : SAMPLES_MAX;
    for (size_t i = 0; i < count; i++) {
        struct probe *probe = &probes[i];
        bool done = probe->group ? group_is_done(probes, count, probe->group, rule, elapsed)
                                 : is_done(probe, rule, elapsed);
        probe->wanted = probe->measure && probe->count < most && !done;
        wanted += probe->wanted;
    }
    return wanted;
}

bool stopping_has_time(const struct sampling_rule *rule, int64_t round_started, int64_t now)
{
    return now + (now - round_started) <= rule->deadline;
}

void stopping_conclude(const struct probe *probes, size_t count, const struct sampling_rule *rule,
                       struct sampling *sampling)
{
    sampling->widest_interval = 0;
    sampling->unsettled = 0;
    for (size_t i = 0; i < count; i++) {
        if (!probes[i].measure)
            continue;
        sampling->widest_interval = fmax(sampling->widest_interval, probes[i].interval);
        sampling->unsettled += probes[i].interval > rule->interval_wanted;
    }
    sampling->unstable = sampling->widest_interval > UNSTABLE_TIMES * rule->interval_wanted;
}
