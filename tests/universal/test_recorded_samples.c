/*
 * How often the interval holds when measuring stops by it, over samples that were recorded on a real machine
 * (tests/data/samples/README.md): the program's own rule, begun at every sample of every series. What the
 * interval speaks of is the time in which the samples were taken. So two measurements of the same time, of
 * every other sample each, must agree as often as 95 % intervals do: within the root of the sum of both
 * squares. The median of the whole recording, of minutes, is another matter: a shared machine changes in that
 * time, and the test says by how much that is missed.
 */
#include "measure/statistics.h"
#include "measure/stopping.h"
#include "measure/stopwatch.h"

#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD "tests/data/samples/recorded.txt"

#define SUITE_TIME (20 * (int64_t)NANOSECONDS) /* a suite's own, if nothing else is said */

static const struct sampling_rule rule = {.interval_wanted = 0.01};

struct series {
    int64_t round; /* nanoseconds */
    size_t count;
    double samples[SAMPLES_MAX];
};

/* Every stride-th sample from the start on. */
struct choice {
    size_t start, stride;
};

struct outcome {
    double median, half; /* of the interval */
};

struct coverage {
    size_t held, all;
};

/* The number that *at points to; *at is moved behind it. */
static double next_number(char **at)
{
    char *end;
    double number = strtod(*at, &end);
    assert_true(end > *at);
    *at = end;
    return number;
}

/* "series NAME SECONDS COUNT" */
static void read_head(char *line, struct series *series)
{
    char *at = line + strlen("series ");
    at += strcspn(at, " ");
    series->round = (int64_t)(next_number(&at) * NANOSECONDS);
    series->count = (size_t)next_number(&at);
    assert_true(series->round > 0 && series->count <= SAMPLES_MAX);
}

static bool read_series(FILE *file, struct series *series)
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) > 0 && strncmp(line, "series ", 7) != 0)
        ;
    bool found = !feof(file);
    if (found) {
        read_head(line, series);
        assert_true(getline(&line, &size, file) > 0);
        char *at = line;
        for (size_t i = 0; i < series->count; i++)
            series->samples[i] = next_number(&at);
    }
    free(line);
    return found;
}

static int no_measurement(void *context UNUSED, struct burst *burst UNUSED, struct err *err UNUSED)
{
    return -1;
}

/* Measures until the rule has enough, or the suite's time is over. False: the series ends before. */
static bool measure(const struct series *series, struct choice choice, struct outcome *outcome)
{
    struct probe probe = {.measure = no_measurement, .interval = INFINITY};
    int64_t step = series->round * (int64_t)choice.stride;
    for (int64_t elapsed = 0; stopping_choose(&probe, 1, &rule, elapsed) > 0 && elapsed + step <= SUITE_TIME;
         elapsed += step) {
        size_t next = choice.start + choice.stride * probe.count;
        if (next >= series->count)
            return false;
        stopping_add(&probe, series->samples[next]);
    }
    outcome->median = median_of(probe.samples, probe.count);
    outcome->half = probe.interval * outcome->median;
    return true;
}

static void count(struct coverage *coverage, bool held)
{
    coverage->all++;
    coverage->held += held;
}

static double share(const struct coverage *coverage)
{
    assert_true(coverage->all > 1000);
    return (double)coverage->held / (double)coverage->all;
}

static void replay(const struct series *series, struct coverage *same_time, struct coverage *minutes)
{
    double whole = median_of(series->samples, series->count);
    for (size_t start = 0; start < series->count; start++) {
        struct outcome one, other;
        if (measure(series, (struct choice){start, 1}, &one))
            count(minutes, fabs(one.median - whole) <= one.half);
        if (measure(series, (struct choice){start, 2}, &one) &&
            measure(series, (struct choice){start + 1, 2}, &other))
            count(same_time, fabs(one.median - other.median) <= hypot(one.half, other.half));
    }
}

TEST(interval_holds_as_often_as_it_says_for_the_time_it_was_taken_in)
{
    FILE *file = fopen(RECORD, "r");
    struct coverage same_time = {0}, minutes = {0};
    struct series *series = calloc(1, sizeof *series);
    assert_non_null(file);
    assert_non_null(series);
    while (read_series(file, series))
        replay(series, &same_time, &minutes);
    free(series);
    fclose(file);
    print_message("two measurements of the same time agree: %.3f of %zu\n", share(&same_time), same_time.all);
    print_message("holds the median of minutes: %.3f of %zu\n", share(&minutes), minutes.all);
    assert_true(share(&same_time) >= 0.95);
    assert_true(share(&minutes) < 0.8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_holds_as_often_as_it_says_for_the_time_it_was_taken_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
