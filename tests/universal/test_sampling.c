#include "measure/disturbance.h"
#include "measure/sampling.h"
#include "measure/statistics.h"
#include "measure/stopping.h"
#include "measure/stopwatch.h"

#include "test.h"
#include "tree.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct progress quiet_progress(void)
{
    struct progress progress;
    progress_start(&progress, 1000);
    return progress;
}

static int run(struct probe *probes, size_t count, int64_t deadline, struct sampling *sampling,
               struct err *err)
{
    struct progress progress = quiet_progress();
    const struct sampling_rule rule = {
        .deadline = deadline, .interval_wanted = 0.01, .root = "", .progress = &progress};
    return sampling_run(probes, count, &rule, sampling, err);
}

/* A probe that gives the same values again and again. */
struct script {
    const double *values;
    size_t count;
    size_t next;
    size_t bursts;
};

static int play(void *context, struct burst *burst, struct err *err)
{
    struct script *script = context;
    (void)err;
    burst_add(burst, script->values[script->next++ % script->count]);
    script->bursts++;
    return 0;
}

TEST(median_is_the_middle)
{
    assert_float_equal(median_of((const double[]){3, 1, 2}, 3), 2, 0);
    assert_float_equal(median_of((const double[]){4, 1, 2, 3}, 4), 2.5, 0);
    assert_float_equal(median_of((const double[]){7}, 1), 7, 0);
}

TEST(student_quantiles_agree_with_the_tables)
{
    assert_float_equal(student_t95(4), 2.776, 0.028);
    assert_float_equal(student_t95(11), 2.201, 0.002);
    assert_float_equal(student_t95(30), 2.042, 0.002);
    assert_float_equal(student_t95(1000), 1.962, 0.001);
}

TEST(interval_follows_its_formula)
{
    const double values[] = {98, 99, 100, 101, 102};
    double wanted = 1.25 * student_t95(4) * 1.4826 * 5 / 4.2 * 1 / sqrt(5) / 100;
    assert_float_equal(relative_interval(values, 5), wanted, 1e-12);
    assert_true(isinf(relative_interval(values, 1)));
}

TEST(one_wild_value_hardly_widens_the_interval)
{
    const double values[] = {100, 101, 99, 100, 101, 99, 100, 1, 100, 101, 99, 100};
    assert_true(relative_interval(values, ARRAY_LENGTH(values)) < 0.02);
}

TEST(stops_at_the_deadline_but_finishes_the_first_round)
{
    const double value = 5;
    struct script script = {&value, 1, 0, 0};
    struct probe probes[2] = {{.name = "one", .measure = play, .context = &script}, {.name = "absent"}};
    struct sampling sampling;
    assert_int_equal(run(probes, 2, stopwatch_now() - 1, &sampling, NULL), 0);
    assert_int_equal(sampling.rounds_begun, 1);
    assert_int_equal(probes[0].count, 1);
    assert_int_equal(script.bursts, 1);
    assert_float_equal(probes[0].samples[0], 5, 0);
    assert_true(sampling.unstable);
}

TEST(measures_every_probe_once_a_round_and_never_too_often)
{
    const double values[] = {1, 2};
    struct script first = {values, 2, 0, 0}, second = {values, 2, 0, 0};
    struct probe probes[2] = {{.name = "first", .measure = play, .context = &first},
                              {.name = "second", .measure = play, .context = &second}};
    struct sampling sampling;
    int64_t deadline = stopwatch_now() + 100 * (int64_t)NANOSECONDS;
    assert_int_equal(run(probes, 2, deadline, &sampling, NULL), 0);
    assert_int_equal(sampling.rounds_begun, SAMPLES_MAX);
    assert_int_equal(sampling.unsettled, 2);
    assert_int_equal(first.bursts + second.bursts, 2 * SAMPLES_MAX + sampling.discarded);
    assert_true(sampling.unstable);
}

/* --- the rule, without a clock ------------------------------------------------------------------- */

static const struct sampling_rule one_percent = {.interval_wanted = 0.01};

/* As many samples as given, which differ by so much from 100, to both sides in turn. */
static struct probe probe_with(size_t count, double difference, unsigned group)
{
    struct probe probe = {.measure = play, .group = group, .interval = INFINITY};
    for (size_t i = 0; i < count; i++)
        stopping_add(&probe, 100 + (i % 2 ? difference : -difference));
    return probe;
}

static size_t wanted_after(struct probe *probes, size_t count, int64_t seconds)
{
    return stopping_choose(probes, count, &one_percent, seconds * NANOSECONDS);
}

TEST(a_probe_wants_twelve_samples_over_five_seconds_and_a_narrow_interval)
{
    struct probe few = probe_with(11, 0.1, 0), enough = probe_with(12, 0.1, 0), wide = probe_with(12, 9, 0);
    assert_int_equal(wanted_after(&few, 1, 60), 1);
    assert_int_equal(wanted_after(&enough, 1, 4), 1);
    assert_int_equal(wanted_after(&enough, 1, 5), 0);
    assert_int_equal(wanted_after(&wide, 1, 60), 1);
}

TEST(only_probes_that_are_not_done_go_on)
{
    struct probe probes[] = {probe_with(12, 0.1, 0), probe_with(12, 9, 0), {.name = "absent"}};
    assert_int_equal(wanted_after(probes, ARRAY_LENGTH(probes), 5), 1);
    assert_false(probes[0].wanted);
    assert_true(probes[1].wanted);
    assert_false(probes[2].wanted);
}

TEST(no_probe_gets_more_samples_than_the_document_takes)
{
    const struct sampling_rule rule = {.interval_wanted = 0.01, .samples_max = 15};
    struct probe probe = probe_with(14, 9, 0);
    assert_int_equal(stopping_choose(&probe, 1, &rule, 60 * (int64_t)NANOSECONDS), 1);
    stopping_add(&probe, 100);
    assert_int_equal(stopping_choose(&probe, 1, &rule, 60 * (int64_t)NANOSECONDS), 0);
}

TEST(probes_of_a_group_go_on_together)
{
    struct probe probes[] = {
        probe_with(12, 0.1, 1), probe_with(12, 9, 1), probe_with(12, 0.1, 2), {.name = "absent", .group = 1}};
    assert_int_equal(wanted_after(probes, ARRAY_LENGTH(probes), 5), 2);
    assert_true(probes[0].wanted);
    assert_false(probes[2].wanted);
    assert_false(probes[3].wanted);
}

TEST(no_round_is_begun_that_would_pass_the_deadline)
{
    const struct sampling_rule rule = {.deadline = 100};
    assert_true(stopping_has_time(&rule, 70, 85));
    assert_false(stopping_has_time(&rule, 70, 86));
}

TEST(intervals_wider_than_wanted_are_counted_and_far_wider_ones_are_unstable)
{
    struct probe probes[] = {probe_with(12, 0.1, 0), probe_with(12, 2, 0), {.name = "absent"}};
    struct sampling sampling = {0};
    stopping_conclude(probes, 2, &one_percent, &sampling);
    assert_int_equal(sampling.unsettled, 1);
    assert_false(sampling.unstable);
    probes[0] = probe_with(12, 9, 0);
    stopping_conclude(probes, ARRAY_LENGTH(probes), &one_percent, &sampling);
    assert_int_equal(sampling.unsettled, 2);
    assert_true(sampling.unstable);
    assert_float_equal(sampling.widest_interval, probes[0].interval, 0);
}

/* Bursts of which some are disturbed: value and share lost of each. */
struct disturbed_script {
    const double (*bursts)[2];
    size_t count;
    size_t next;
};

static int play_disturbed(void *context, struct burst *burst, struct err *err UNUSED)
{
    struct disturbed_script *script = context;
    const double *next = script->bursts[script->next++ % script->count];
    burst_add(burst, next[0]);
    burst->lost = next[1];
    return 0;
}

TEST(disturbed_burst_is_discarded_and_taken_again)
{
    static const double bursts[][2] = {{5, 0.999}, {7, 0}};
    struct disturbed_script script = {bursts, 2, 0};
    struct probe probe = {.name = "disturbed", .measure = play_disturbed, .context = &script};
    struct sampling sampling;
    assert_int_equal(run(&probe, 1, stopwatch_now() + 100 * (int64_t)NANOSECONDS, &sampling, NULL), 0);
    for (size_t i = 0; i < probe.count; i++)
        assert_float_equal(probe.samples[i], 7, 0);
    assert_true(sampling.discarded >= probe.count); /* more where this machine itself disturbs */
    assert_true(sampling.disturbed < probe.count);
}

TEST(least_disturbed_burst_stays_where_all_are_and_that_is_said)
{
    static const double bursts[][2] = {{5, 0.999}, {7, 0.1}, {6, 0.998}};
    struct disturbed_script script = {bursts, 3, 0};
    struct probe probe = {.name = "disturbed", .measure = play_disturbed, .context = &script};
    struct sampling sampling;
    assert_int_equal(run(&probe, 1, stopwatch_now() + 100 * (int64_t)NANOSECONDS, &sampling, NULL), 0);
    assert_float_equal(probe.samples[0], 7, 0);
    assert_int_equal(probe.count, SAMPLES_MAX);
    assert_int_equal(sampling.discarded, 2); /* the second time there is one try only */
    assert_int_equal(sampling.disturbed, SAMPLES_MAX);
    assert_true(sampling.often_disturbed);
}

TEST(thread_that_sleeps_has_lost_that_time)
{
    struct thread_moment start = thread_moment_now();
    struct timespec pause = {0, 20 * 1000 * 1000};
    nanosleep(&pause, NULL);
    assert_true(thread_lost_share(start, thread_moment_now()) > 0.9);
    assert_true(thread_lost_share(start, start) == 0);
}

static struct optional_u64 stolen_in(const char *stat)
{
    AUTO_TREE struct tree tree = tree_make();
    if (stat)
        tree_write(&tree, "/proc/stat", stat);
    return stolen_ticks(tree.root);
}

TEST(stolen_time_is_the_eighth_number_of_proc_stat)
{
    struct optional_u64 ticks = stolen_in("cpu  1 2 3 4 5 6 7 890 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
    assert_true(ticks.known && ticks.value == 890);
    assert_false(stolen_in(NULL).known);
    assert_false(stolen_in("intr 1 2 3 4 5 6 7 8").known);
    assert_false(stolen_in("cpu  1 2 3").known);
}

TEST(stolen_share_is_of_all_cpus)
{
    long ticks_a_second = sysconf(_SC_CLK_TCK);
    double cpus = (double)sysconf(_SC_NPROCESSORS_ONLN);
    struct optional_u64 before = known_u64(100);
    struct optional_u64 after = known_u64(100 + (uint64_t)ticks_a_second);
    assert_true(fabs(stolen_share(before, after, NANOSECONDS) * cpus - 1) < 1e-9);
    assert_true(stolen_share(before, before, NANOSECONDS) == 0);
    assert_true(stolen_share((struct optional_u64){0}, after, NANOSECONDS) == 0);
}

static void expect_refused(double value)
{
    struct script script = {&value, 1, 0, 0};
    struct probe probe = {.name = "wrong", .measure = play, .context = &script};
    struct sampling sampling;
    struct err err = {0};
    assert_int_equal(run(&probe, 1, stopwatch_now(), &sampling, &err), -1);
    assert_int_equal(err.kind, ERR_DATA);
    assert_non_null(strstr(err.message, "wrong"));
}

TEST(refuses_values_that_are_no_measurement)
{
    expect_refused(0);
    expect_refused(-1);
    expect_refused(NAN);
    expect_refused(INFINITY);
}

TEST(clock_that_stands_or_steps_back_is_an_error)
{
    double seconds = 0;
    struct err err = {0};
    assert_int_equal(stopwatch_seconds(5, 5, &seconds, &err), -1);
    assert_int_equal(err.kind, ERR_DATA);
    assert_int_equal(stopwatch_seconds(6, 5, &seconds, &err), -1);
    assert_non_null(strstr(err.message, "stepped back"));
    assert_int_equal(stopwatch_seconds(0, NANOSECONDS / 2, &seconds, &err), 0);
    assert_float_equal(seconds, 0.5, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(median_is_the_middle),
        cmocka_unit_test(student_quantiles_agree_with_the_tables),
        cmocka_unit_test(interval_follows_its_formula),
        cmocka_unit_test(one_wild_value_hardly_widens_the_interval),
        cmocka_unit_test(stops_at_the_deadline_but_finishes_the_first_round),
        cmocka_unit_test(measures_every_probe_once_a_round_and_never_too_often),
        cmocka_unit_test(a_probe_wants_twelve_samples_over_five_seconds_and_a_narrow_interval),
        cmocka_unit_test(only_probes_that_are_not_done_go_on),
        cmocka_unit_test(no_probe_gets_more_samples_than_the_document_takes),
        cmocka_unit_test(probes_of_a_group_go_on_together),
        cmocka_unit_test(no_round_is_begun_that_would_pass_the_deadline),
        cmocka_unit_test(intervals_wider_than_wanted_are_counted_and_far_wider_ones_are_unstable),
        cmocka_unit_test(disturbed_burst_is_discarded_and_taken_again),
        cmocka_unit_test(least_disturbed_burst_stays_where_all_are_and_that_is_said),
        cmocka_unit_test(thread_that_sleeps_has_lost_that_time),
        cmocka_unit_test(stolen_time_is_the_eighth_number_of_proc_stat),
        cmocka_unit_test(stolen_share_is_of_all_cpus),
        cmocka_unit_test(refuses_values_that_are_no_measurement),
        cmocka_unit_test(clock_that_stands_or_steps_back_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
