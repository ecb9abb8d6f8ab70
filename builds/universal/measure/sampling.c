#include "measure/sampling.h"

#include "measure/disturbance.h"
#include "measure/random.h"
#include "measure/statistics.h"
#include "measure/stopwatch.h"

#include <math.h>

_Static_assert(SAMPLES_MAX <= STATISTICS_MAX && BURST_MAX <= STATISTICS_MAX, "statistics take all samples");

#define BURST_TIME (30 * (int64_t)NANOSECONDS / 1000)

/* Enough rounds, spread over enough seconds, to see the slow changes of a shared machine. */
#define ROUNDS_MIN 12
#define SPAN_MIN (5 * (int64_t)NANOSECONDS)

#define UNSTABLE_TIMES 5 /* an interval so many times as wide as wanted is worth a word */

/* A burst is disturbed from this share of lost time on, and is taken so many times at most. */
#define LOST_SHARE 0.02
#define BURST_TRIES 3

#define OFTEN_DISTURBED(samples) ((samples) / 10)

bool burst_wants_more(const struct burst *burst)
{
    return burst->count == 0 || (burst->count < BURST_MAX && stopwatch_now() < burst->end);
}

void burst_add(struct burst *burst, double value)
{
    burst->values[burst->count++] = value;
}

/* A burst, and the share of its time in which some measuring thread did not run. */
static int take_burst(struct probe *probe, const char *root, struct burst *burst, double *lost,
                      struct err *err)
{
    struct optional_u64 stolen = stolen_ticks(root);
    struct thread_moment start = thread_moment_now();
    *burst = (struct burst){.end = start.wall + BURST_TIME};
    if (probe->measure(probe->context, burst, err) < 0)
        return err_prepend(err, "%s", probe->name);
    struct thread_moment end = thread_moment_now();
    *lost = fmax(fmax(thread_lost_share(start, end), burst->lost),
                 stolen_share(stolen, stolen_ticks(root), end.wall - start.wall));
    for (size_t i = 0; i < burst->count; i++)
        if (!isfinite(burst->values[i]) || burst->values[i] <= 0)
            return err_set(err, ERR_DATA, "%s: %g is no measurement", probe->name, burst->values[i]);
    return 0;
}

/* Of a few bursts the first that nothing disturbed, else the one that was disturbed least. Where most are
 * disturbed, or the time is up, more would be in vain. */
static int take_sample(struct probe *probe, const struct sampling_rule *rule, struct sampling *sampling,
                       struct err *err)
{
    double least = INFINITY;
    int tries = sampling->disturbed > sampling->samples / 2 ? 1 : BURST_TRIES;
    for (int try = 0; try < tries && least > LOST_SHARE; try++) {
        struct burst burst;
        double lost = 0;
        if (try > 0 && stopwatch_now() > rule->deadline)
            break;
        if (take_burst(probe, rule->root, &burst, &lost, err) < 0)
            return -1;
        sampling->discarded += try > 0;
        if (lost < least)
            probe->samples[sampling->rounds] = median_of(burst.values, burst.count);
        least = fmin(least, lost);
    }
    sampling->disturbed += least > LOST_SHARE;
    sampling->samples++;
    return 0;
}

static void shuffle(size_t *order, size_t count, struct random *random)
{
    for (size_t left = count; left > 1; left--) {
        size_t other = random_below(random, left);
        size_t moved = order[left - 1];
        order[left - 1] = order[other];
        order[other] = moved;
    }
}

static double widest_interval(const struct probe *probes, size_t count, size_t rounds)
{
    double widest = 0;
    for (size_t i = 0; i < count; i++)
        if (probes[i].measure)
            widest = fmax(widest, relative_interval(probes[i].samples, rounds));
    return widest;
}

static bool finished(const struct sampling *sampling, const struct sampling_rule *rule, int64_t started,
                     int64_t round_started)
{
    int64_t now = stopwatch_now();
    bool settled = sampling->rounds >= ROUNDS_MIN && now - started >= SPAN_MIN &&
                   sampling->widest_interval <= rule->interval_wanted;
    bool no_time = now + (now - round_started) > rule->deadline;
    return settled || no_time || sampling->rounds == SAMPLES_MAX;
}

static int take_round(struct probe *probes, size_t *order, size_t count, const struct sampling_rule *rule,
                      struct sampling *sampling, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct probe *probe = &probes[order[i]];
        if (probe->measure && take_sample(probe, rule, sampling, err) < 0)
            return -1;
        progress_tick(rule->progress);
    }
    sampling->rounds++;
    sampling->widest_interval = widest_interval(probes, count, sampling->rounds);
    return 0;
}

int sampling_run(struct probe *probes, size_t count, const struct sampling_rule *rule,
                 struct sampling *sampling, struct err *err)
{
    size_t order[PROBES_MAX];
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    struct random random = {1};
    int64_t started = stopwatch_now();
    int64_t round_started;
    *sampling = (struct sampling){0};
    progress_phase(rule->progress, "measuring");
    do {
        round_started = stopwatch_now();
        shuffle(order, count, &random);
        if (take_round(probes, order, count, rule, sampling, err) < 0)
            return -1;
    } while (!finished(sampling, rule, started, round_started));
    sampling->unstable = sampling->widest_interval > UNSTABLE_TIMES * rule->interval_wanted;
    sampling->often_disturbed = sampling->disturbed > OFTEN_DISTURBED(sampling->samples);
    return 0;
}
