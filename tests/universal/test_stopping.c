/*
 * How often the interval holds the truth when measuring stops by it: the program's own rule, over made-up
 * samples whose median is known. What samples a real machine gives is another question (docs/methodology.md).
 */
#include "measure/random.h"
#include "measure/statistics.h"
#include "measure/stopping.h"
#include "measure/stopwatch.h"

#include "test.h"

#include <math.h>

#define RUNS 2000
#define TRUTH 100.0
#define ROUND (NANOSECONDS / 2)

static const struct sampling_rule rule = {.interval_wanted = 0.01};

/* Samples that scatter by so much; each is alike to the one before by `memory` (0: not at all, below 1). */
struct source {
    struct random random;
    double scatter;
    double memory;
    bool heavy_tails; /* Student's t with 3 degrees of freedom, else normal */
    double state;
};

static double uniform(struct source *source)
{
    return ((double)(random_next(&source->random) >> 11) + 0.5) * 0x1p-53;
}

/* Box and Muller. */
static double normal(struct source *source)
{
    double radius = sqrt(-2 * log(uniform(source)));
    return radius * cos(2 * M_PI * uniform(source));
}

static double deviate(struct source *source)
{
    double value = normal(source);
    if (!source->heavy_tails)
        return value;
    double squares = 0;
    for (int i = 0; i < 3; i++)
        squares += pow(normal(source), 2);
    return value / sqrt(squares / 3);
}

static double sample_of(struct source *source)
{
    source->state = source->memory * source->state + sqrt(1 - pow(source->memory, 2)) * deviate(source);
    return TRUTH * (1 + source->scatter * source->state);
}

static int no_measurement(void *context UNUSED, struct burst *burst UNUSED, struct err *err UNUSED)
{
    return -1;
}

/* Takes samples until the rule has enough. True: the truth lies in the interval. */
static bool holds_the_truth(struct source *source)
{
    double sorted[SAMPLES_MAX];
    struct probe probe = {.measure = no_measurement, .interval = INFINITY};
    for (int64_t elapsed = 0; stopping_choose(&probe, 1, &rule, elapsed) > 0; elapsed += ROUND)
        stopping_add(&probe, sample_of(source));
    for (size_t i = 0; i < probe.count; i++)
        sorted[i] = probe.samples[i];
    double median = median_of(sorted, probe.count);
    return fabs(median - TRUTH) <= probe.interval * median;
}

/* Share of the runs whose interval holds the truth. */
static double coverage(double scatter, double memory, bool heavy_tails)
{
    struct source source = {{1}, scatter, memory, heavy_tails, 0};
    size_t held = 0;
    for (size_t run = 0; run < RUNS; run++) {
        source.state = deviate(&source);
        held += holds_the_truth(&source);
    }
    double share = (double)held / RUNS;
    print_message("scatter %g, memory %g, %s tails: %.3f\n", scatter, memory, heavy_tails ? "heavy" : "no",
                  share);
    return share;
}

TEST(interval_holds_the_truth_as_often_as_it_should_of_independent_samples)
{
    for (size_t i = 0; i < 4; i++) {
        static const double scatters[] = {0.002, 0.01, 0.02, 0.05};
        assert_true(coverage(scatters[i], 0, false) >= 0.9);
        assert_true(coverage(scatters[i], 0, true) >= 0.9);
    }
}

TEST(samples_that_are_alike_make_an_interval_that_is_too_narrow)
{
    assert_true(coverage(0.02, 0.95, false) < 0.6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_holds_the_truth_as_often_as_it_should_of_independent_samples),
        cmocka_unit_test(samples_that_are_alike_make_an_interval_that_is_too_narrow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
