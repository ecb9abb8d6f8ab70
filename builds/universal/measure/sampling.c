#include "measure/sampling.h"

#include "measure/random.h"
#include "measure/statistics.h"
#include "measure/stopwatch.h"

#include <math.h>

_Static_assert(SAMPLES_MAX <= STATISTICS_MAX && BURST_MAX <= STATISTICS_MAX, "statistics take all samples");

#define BURST_TIME (30 * (int64_t)NANOSECONDS / 1000)

/* Enough rounds, spread over enough seconds, to see the slow changes of a shared machine. */
#define ROUNDS_MIN 12
#define SPAN_MIN (5 * (int64_t)NANOSECONDS)

#define INTERVAL_WANTED 0.01
#define INTERVAL_UNSTABLE 0.05

bool burst_wants_more(const struct burst *burst)
{
    return burst->count == 0 || (burst->count < BURST_MAX && stopwatch_now() < burst->end);
}

void burst_add(struct burst *burst, double value)
{
    burst->values[burst->count++] = value;
}

static int take_sample(struct probe *probe, size_t round, struct err *err)
{
    struct burst burst = {.end = stopwatch_now() + BURST_TIME};
    if (probe->measure(probe->context, &burst, err) < 0)
        return err_prepend(err, "%s", probe->name);
    for (size_t i = 0; i < burst.count; i++)
        if (!isfinite(burst.values[i]) || burst.values[i] <= 0)
            return err_set(err, ERR_DATA, "%s: %g is no measurement", probe->name, burst.values[i]);
    probe->samples[round] = median_of(burst.values, burst.count);
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

static bool finished(const struct sampling *sampling, int64_t started, int64_t round_started,
                     int64_t deadline)
{
    int64_t now = stopwatch_now();
    bool settled = sampling->rounds >= ROUNDS_MIN && now - started >= SPAN_MIN &&
                   sampling->widest_interval <= INTERVAL_WANTED;
    bool no_time = now + (now - round_started) > deadline;
    return settled || no_time || sampling->rounds == SAMPLES_MAX;
}

int sampling_run(struct probe *probes, size_t count, int64_t deadline, struct progress *progress,
                 struct sampling *sampling, struct err *err)
{
    size_t order[PROBES_MAX];
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    struct random random = {1};
    int64_t started = stopwatch_now();
    int64_t round_started;
    *sampling = (struct sampling){0};
    progress_phase(progress, "measuring");
    do {
        round_started = stopwatch_now();
        shuffle(order, count, &random);
        for (size_t i = 0; i < count; i++) {
            struct probe *probe = &probes[order[i]];
            if (probe->measure && take_sample(probe, sampling->rounds, err) < 0)
                return -1;
            progress_tick(progress);
        }
        sampling->rounds++;
        sampling->widest_interval = widest_interval(probes, count, sampling->rounds);
    } while (!finished(sampling, started, round_started, deadline));
    sampling->unstable = sampling->widest_interval > INTERVAL_UNSTABLE;
    return 0;
}
