#include "measure/sampling.h"

#include "measure/random.h"
#include "measure/stopping.h"
#include "measure/stopwatch.h"

#include <math.h>

/* A disturbed burst is taken again, so many times in all. */
#define BURST_TRIES 3

#define OFTEN_DISTURBED(samples) ((samples) / 10)

/* Of a few bursts the first that nothing disturbed, else the one that was disturbed least. Where most are
 * disturbed, or the time is up, more would be in vain. */
static int take_sample(struct probe *probe, const struct sampling_rule *rule, struct sampling *sampling,
                       struct err *err)
{
    struct burst best = {.lost = INFINITY};
    int64_t time = probe->burst_time ? probe->burst_time : BURST_TIME;
    int tries = sampling->disturbed > sampling->samples / 2 ? 1 : BURST_TRIES;
    for (int try = 0; try < tries && burst_is_disturbed(&best); try++) {
        struct burst burst;
        if (try > 0 && stopwatch_now() > rule->deadline)
            break;
        if (burst_take(probe->measure, probe->context, time, rule->root, &burst, err) < 0)
            return err_prepend(err, "%s", probe->name);
        sampling->discarded += try > 0;
        if (burst.lost < best.lost)
            best = burst;
    }
    stopping_add(probe, burst_sample(&best));
    sampling->disturbed += burst_is_disturbed(&best);
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

static int take_round(struct probe *probes, const size_t *order, size_t count,
                      const struct sampling_rule *rule, struct sampling *sampling, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct probe *probe = &probes[order[i]];
        if (probe->wanted && take_sample(probe, rule, sampling, err) < 0)
            return -1;
        progress_tick(rule->progress);
    }
    sampling->rounds_begun++;
    return 0;
}

static void start_over(struct probe *probes, size_t count, size_t *order)
{
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
        probes[i].count = 0;
        probes[i].interval = INFINITY;
    }
}

int sampling_run(struct probe *probes, size_t count, const struct sampling_rule *rule,
                 struct sampling *sampling, struct err *err)
{
    size_t order[PROBES_MAX];
    struct random random = {1};
    int64_t started = stopwatch_now();
    int64_t now = started;
    int64_t round_started = started;
    *sampling = (struct sampling){0};
    start_over(probes, count, order);
    progress_phase(rule->progress, "measuring");
    while (stopping_choose(probes, count, rule, now - started) > 0 &&
           (sampling->rounds_begun == 0 || stopping_has_time(rule, round_started, now))) {
        round_started = now;
        shuffle(order, count, &random);
        if (take_round(probes, order, count, rule, sampling, err) < 0)
            return -1;
        now = stopwatch_now();
    }
    stopping_conclude(probes, count, rule, sampling);
    sampling->often_disturbed = sampling->disturbed > OFTEN_DISTURBED(sampling->samples);
    return 0;
}
