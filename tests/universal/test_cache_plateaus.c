#include "measure/latency_curve.h"
#include "measure/random.h"
#include "suites/cache_plateaus.h"

#include "test.h"

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)
#define LEVELS_MAX 4

/* A made-up machine: each cache's size and latency, and at last memory's. */
struct model {
    size_t count; /* with memory */
    size_t bytes[LEVELS_MAX];
    double nanoseconds[LEVELS_MAX];
};

static const struct model server = {
    4, {48 * KIB, 2 * MIB, 32 * MIB}, {1.4, 4.3, 22, 110}}; /* three levels, and memory */
static const struct model without_third = {3, {32 * KIB, 1 * MIB}, {1.1, 3.5, 95}};

struct curve {
    size_t count;
    struct size_latency points[CURVE_POINTS_MAX];
};

/* A step through so much memory: what does not fit a cache is drawn out of it, so that the share that hits it
 * falls off fast; the latency is the mean over all levels. */
static double model_latency(const struct model *model, size_t bytes)
{
    double missing = 1, sum = 0;
    for (size_t level = 0; level + 1 < model->count; level++) {
        double held = (double)model->bytes[level] / (double)bytes;
        double hits = held >= 1 ? 1 : held * held * held;
        double so_far = 1 - missing;
        double share = hits > so_far ? hits - so_far : 0;
        sum += share * model->nanoseconds[level];
        missing -= share;
    }
    return sum + missing * model->nanoseconds[model->count - 1];
}

/* Every point off by up to `noise` (a fraction) to both sides. */
static struct curve make_curve(const struct model *model, size_t most, double noise, uint64_t seed)
{
    struct curve curve = {0};
    struct random random = {seed};
    for (size_t octave = CURVE_BYTES_MIN; octave <= most; octave *= 2)
        for (size_t half = 0; half < 2 && octave + half * octave / 2 <= most; half++) {
            size_t bytes = octave + half * octave / 2;
            double off = ((double)random_below(&random, 2001) / 1000 - 1) * noise;
            curve.points[curve.count++] =
                (struct size_latency){bytes, model_latency(model, bytes) * (1 + off)};
        }
    return curve;
}

static struct plateaus find(const struct curve *curve)
{
    struct plateaus plateaus;
    plateaus_find(curve->points, curve->count, &plateaus);
    return plateaus;
}

static void expect_levels(const struct plateaus *plateaus, const struct model *model)
{
    assert_int_equal(plateaus->count, model->count);
    for (size_t i = 0; i < model->count; i++) {
        const struct plateau *row = &plateaus->rows[i];
        assert_true(row->first_bytes <= row->last_bytes && row->last_bytes <= row->capacity_bytes);
        if (i + 1 < model->count)
            assert_in_range(row->capacity_bytes, model->bytes[i] / 2, model->bytes[i] * 2);
        assert_true(row->nanoseconds > 0.75 * model->nanoseconds[i]);
        assert_true(row->nanoseconds < 1.33 * model->nanoseconds[i]);
    }
}

TEST(finds_three_levels_and_memory)
{
    struct curve curve = make_curve(&server, 512 * MIB, 0, 1);
    struct plateaus plateaus = find(&curve);
    expect_levels(&plateaus, &server);
    assert_int_equal(plateaus.rows[0].capacity_bytes, 48 * KIB);
    assert_int_equal(plateaus.rows[0].first_bytes, 4 * KIB);
}

TEST(finds_that_there_is_no_third_level)
{
    struct curve curve = make_curve(&without_third, 64 * MIB, 0, 1);
    struct plateaus plateaus = find(&curve);
    expect_levels(&plateaus, &without_third);
}

TEST(noise_of_a_tenth_changes_nothing)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct curve curve = make_curve(&server, 512 * MIB, 0.1, seed);
        struct plateaus plateaus = find(&curve);
        expect_levels(&plateaus, &server);
        curve = make_curve(&without_third, 64 * MIB, 0.1, seed);
        plateaus = find(&curve);
        expect_levels(&plateaus, &without_third);
    }
}

/* What an interrupt or a neighbour does to a single point, wherever it strikes. */
TEST(single_outliers_change_nothing)
{
    for (size_t struck = 0; struck < 34; struck++) {
        struct curve curve = make_curve(&server, 512 * MIB, 0.05, struck);
        curve.points[struck].nanoseconds *= 4;
        struct plateaus plateaus = find(&curve);
        if (struck == 0 || struck + 1 == curve.count)
            continue; /* an end has but one neighbour */
        expect_levels(&plateaus, &server);
    }
}

/* Pages that lie anywhere fill the sets unevenly: the latency rises long before the capacity. This curve was
 * measured on a guest of a Zen 4 machine: 32 KiB, 1 MiB, 32 MiB. */
TEST(finds_capacities_behind_slow_rises)
{
    static const double measured[] = {1.08,  1.08,  1.08,  1.08,  1.08,  1.08, 1.21,  3.8,   3.8,
                                      3.8,   3.8,   3.8,   3.8,   4.45,  5.45, 6.98,  8.77,  12.04,
                                      13.28, 14.67, 14.81, 15.63, 15.8,  16.2, 22.91, 47.15, 84.94,
                                      102.7, 117.9, 149,   166.5, 197.5, 209};
    struct curve curve = make_curve(&server, 256 * MIB, 0, 1);
    assert_int_equal(curve.count, ARRAY_LENGTH(measured));
    for (size_t i = 0; i < curve.count; i++)
        curve.points[i].nanoseconds = measured[i];
    struct plateaus plateaus = find(&curve);
    assert_int_equal(plateaus.count, 4);
    assert_int_equal(plateaus.rows[0].capacity_bytes, 32 * KIB);
    assert_in_range(plateaus.rows[1].capacity_bytes, 512 * KIB, 1 * MIB);
    assert_in_range(plateaus.rows[1].last_bytes, 256 * KIB, 384 * KIB);
    assert_in_range(plateaus.rows[2].capacity_bytes, 16 * MIB, 32 * MIB);
}

TEST(slow_rise_of_memory_is_one_plateau)
{
    struct curve curve = make_curve(&without_third, 64 * MIB, 0, 1);
    for (size_t i = 0; i < curve.count; i++)
        if (curve.points[i].bytes > 8 * MIB)
            curve.points[i].nanoseconds *= 1 + 0.08 * (double)(i - 22);
    struct plateaus plateaus = find(&curve);
    assert_int_equal(plateaus.count, 3);
}

TEST(flat_and_empty_curves_are_one_plateau_and_none)
{
    static const struct model flat = {1, {0}, {50}};
    struct curve curve = make_curve(&flat, 8 * MIB, 0.1, 1);
    struct plateaus plateaus = find(&curve);
    assert_int_equal(plateaus.count, 1);
    curve.count = 0;
    plateaus = find(&curve);
    assert_int_equal(plateaus.count, 0);
    curve = make_curve(&flat, CURVE_BYTES_MIN, 0, 1);
    plateaus = find(&curve);
    assert_int_equal(plateaus.count, 0);
}

/* --- verdicts ------------------------------------------------------------------------------------------- */

static struct caches told_of(size_t count, uint64_t first, uint64_t second, uint64_t third)
{
    return (struct caches){.count = count,
                           .rows = {{.level = 1, .size_bytes = first, .line_bytes = 64, .instances = 4},
                                    {.level = 2, .size_bytes = second, .line_bytes = 64, .instances = 4},
                                    {.level = 3, .size_bytes = third, .line_bytes = 64, .instances = 1}}};
}

static struct cache_verdict verdict_of(struct caches told, const struct model *model, size_t most)
{
    struct curve curve = make_curve(model, most, 0.05, 1);
    struct plateaus plateaus = find(&curve);
    struct cache_verdict verdict;
    cache_verdict_reach(&told, &plateaus, curve.points[curve.count - 1].bytes, &verdict);
    return verdict;
}

TEST(sizes_that_agree_are_taken_as_told)
{
    struct cache_verdict verdict = verdict_of(told_of(3, 48 * KIB, 2 * MIB, 32 * MIB), &server, 256 * MIB);
    assert_false(verdict.disputed);
    assert_int_equal(verdict.caches.count, 3);
    assert_int_equal(verdict.caches.rows[2].size_bytes, 32 * MIB);
    assert_int_equal(verdict.caches.rows[0].instances, 4);
    assert_int_equal(verdict.last_level_bytes, 32 * MIB);
    assert_in_range(verdict.seen[1], 1 * MIB, 4 * MIB);
    assert_in_range(verdict.flat[1], 64 * KIB, verdict.seen[1]);
}

TEST(level_larger_than_told_is_disputed_and_memory_begins_behind_it)
{
    struct cache_verdict verdict = verdict_of(told_of(3, 48 * KIB, 2 * MIB, 8 * MIB), &server, 256 * MIB);
    assert_true(verdict.disputed);
    assert_int_equal(verdict.caches.rows[2].size_bytes, 8 * MIB);
    assert_in_range(verdict.last_level_bytes, 16 * MIB, 64 * MIB);
}

TEST(level_smaller_than_told_is_disputed_and_the_smaller_size_taken)
{
    struct cache_verdict verdict = verdict_of(told_of(3, 48 * KIB, 2 * MIB, 128 * MIB), &server, 1024 * MIB);
    assert_true(verdict.disputed);
    assert_in_range(verdict.caches.rows[2].size_bytes, 16 * MIB, 64 * MIB);
    assert_int_equal(verdict.last_level_bytes, 128 * MIB);
}

TEST(another_number_of_levels_is_disputed)
{
    assert_true(verdict_of(told_of(2, 48 * KIB, 2 * MIB, 0), &server, 256 * MIB).disputed);
    assert_true(verdict_of(told_of(3, 32 * KIB, 1 * MIB, 8 * MIB), &without_third, 64 * MIB).disputed);
}

/* Under a small memory limit the curve ends before it could show anything. */
TEST(short_curve_disputes_nothing_that_it_cannot_show)
{
    struct cache_verdict verdict = verdict_of(told_of(3, 48 * KIB, 2 * MIB, 32 * MIB), &server, 16 * MIB);
    assert_false(verdict.disputed);
    assert_int_equal(verdict.caches.rows[2].size_bytes, 32 * MIB);
    assert_int_equal(verdict.seen[2], 0);
    assert_int_equal(verdict.flat[2], 0);
}

TEST(hidden_sizes_are_those_that_the_curve_shows)
{
    struct cache_verdict verdict = verdict_of((struct caches){0}, &server, 512 * MIB);
    assert_false(verdict.disputed);
    assert_int_equal(verdict.caches.count, 3);
    assert_in_range(verdict.caches.rows[0].size_bytes, 24 * KIB, 96 * KIB);
    assert_in_range(verdict.caches.rows[1].size_bytes, 1 * MIB, 4 * MIB);
    assert_in_range(verdict.caches.rows[2].size_bytes, 16 * MIB, 64 * MIB);
    assert_int_equal(verdict.last_level_bytes, verdict.caches.rows[2].size_bytes);
}

TEST(hidden_sizes_and_a_flat_curve_give_no_caches)
{
    static const struct model flat = {1, {0}, {50}};
    struct cache_verdict verdict = verdict_of((struct caches){0}, &flat, 64 * MIB);
    assert_int_equal(verdict.caches.count, 0);
    assert_int_equal(verdict.last_level_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_three_levels_and_memory),
        cmocka_unit_test(finds_that_there_is_no_third_level),
        cmocka_unit_test(noise_of_a_tenth_changes_nothing),
        cmocka_unit_test(single_outliers_change_nothing),
        cmocka_unit_test(finds_capacities_behind_slow_rises),
        cmocka_unit_test(slow_rise_of_memory_is_one_plateau),
        cmocka_unit_test(flat_and_empty_curves_are_one_plateau_and_none),
        cmocka_unit_test(sizes_that_agree_are_taken_as_told),
        cmocka_unit_test(level_larger_than_told_is_disputed_and_memory_begins_behind_it),
        cmocka_unit_test(level_smaller_than_told_is_disputed_and_the_smaller_size_taken),
        cmocka_unit_test(another_number_of_levels_is_disputed),
        cmocka_unit_test(short_curve_disputes_nothing_that_it_cannot_show),
        cmocka_unit_test(hidden_sizes_are_those_that_the_curve_shows),
        cmocka_unit_test(hidden_sizes_and_a_flat_curve_give_no_caches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
