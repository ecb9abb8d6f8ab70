/* Walks, curves and loads: that they measure what they say, never how fast it is. */
#include "measure/latency_curve.h"
#include "measure/stopwatch.h"
#include "suites/numa_load.h"

#include "test.h"

#define LINE 64
#define BYTES ((size_t)64 << 10)

static const struct pace unhurried = {NULL, INT64_MAX};
static const struct pace out_of_time = {NULL, INT64_MIN};

struct scene {
    char *memory;
    struct chase chase;
    struct random random;
    memory_kernel *reader;
};

static struct scene new_scene(void)
{
    char *memory = aligned_alloc(4096, BYTES);
    assert_non_null(memory);
    return (struct scene){.memory = memory,
                          .chase = {.base = memory, .spacing = LINE, .word = sizeof(void *)},
                          .random = {1},
                          .reader = memory_kernels_for(cpu_features_detect())->in_cache[MEMORY_READ]};
}

static void free_scene(struct scene *scene)
{
    free(scene->memory);
}

#define AUTO_SCENE CLEANUP(free_scene)

static int pass(struct scene *scene, struct latency_curve *curve, size_t most, const struct pace *pace)
{
    return latency_curve_pass(curve, &scene->chase, most, scene->reader, &scene->random, pace, NULL);
}

TEST(curve_has_two_sizes_to_an_octave)
{
    static const size_t kib[] = {4, 6, 8, 12, 16, 24, 32, 48, 64};
    AUTO_SCENE struct scene scene = new_scene();
    struct latency_curve curve = {0};
    assert_int_equal(pass(&scene, &curve, BYTES, &unhurried), 0);
    assert_int_equal(curve.count, ARRAY_LENGTH(kib));
    for (size_t i = 0; i < curve.count; i++) {
        assert_int_equal(curve.points[i].bytes, kib[i] << 10);
        assert_int_equal(curve.points[i].count, 1);
        assert_true(curve.points[i].values[0] > 0);
    }
    assert_int_equal(scene.chase.nodes, BYTES / LINE);
    assert_true(chase_is_one_cycle(&scene.chase, SIZE_MAX));
}

TEST(passes_add_up_and_the_last_may_go_further)
{
    AUTO_SCENE struct scene scene = new_scene();
    struct latency_curve curve = {0};
    assert_int_equal(pass(&scene, &curve, BYTES / 2, &unhurried), 0);
    assert_int_equal(pass(&scene, &curve, BYTES, &unhurried), 0);
    assert_int_equal(curve.count, 9);
    assert_int_equal(curve.points[6].count, 2);
    assert_int_equal(curve.points[8].count, 1);
    for (size_t i = 0; i < CURVE_PASSES; i++)
        assert_int_equal(pass(&scene, &curve, BYTES, &unhurried), 0);
    assert_int_equal(curve.points[0].count, CURVE_PASSES); /* there is no room for more */
}

TEST(curve_without_time_ends_early)
{
    AUTO_SCENE struct scene scene = new_scene();
    struct latency_curve curve = {0};
    assert_int_equal(pass(&scene, &curve, BYTES, &out_of_time), 0);
    assert_int_equal(curve.count, 0);
}

TEST(least_of_a_point_is_that_of_the_passes_it_has)
{
    const struct curve_point point = {.bytes = 4096, .count = 2, .values = {9, 4, 0}};
    assert_float_equal(curve_point_least(&point), 4, 0);
}

/* --- load ----------------------------------------------------------------------------------------------- */

static void link_scene(struct scene *scene, struct latency *latency)
{
    transfer_fill(scene->memory, BYTES);
    scene->chase.nodes = BYTES / LINE;
    chase_link_random(&scene->chase, &scene->random, &unhurried);
    latency->chase = scene->chase;
}

TEST(one_cpu_has_nothing_left_to_load_its_memory)
{
    struct numa_load load = {.cpus = {.count = 1}};
    struct probe probes[LOAD_PROBES] = {0};
    numa_load_list(&load, probes);
    for (size_t i = 0; i < LOAD_PROBES; i++)
        assert_null(probes[i].measure);
    AUTO_FREE struct document *document = calloc(1, sizeof *document);
    assert_non_null(document);
    struct suite_run run = {.document = document};
    numa_load_report(&load, probes, &run);
    assert_true(document->metrics_count == 2 && document->metrics[0].absent && document->metrics[1].absent);
    assert_string_equal(document->parameters[1].name, "loaded_is_null_because");
}

/* Three members on one CPU, since there may be no other: slow, but all of them come and go. */
TEST(chase_and_readers_end_together)
{
    AUTO_SCENE struct scene scene = new_scene();
    struct latency latency = {0};
    link_scene(&scene, &latency);
    struct numa_load load = {.cpus = {.count = 3, .cpus = {0, 0, 0}},
                             .latency = &latency,
                             .reader = scene.reader,
                             .memory = scene.memory,
                             .bytes = BYTES};
    struct probe probes[LOAD_PROBES] = {0};
    numa_load_list(&load, probes);
    for (size_t i = 0; i < LOAD_PROBES; i++) {
        struct burst burst = {.end = stopwatch_now() + NANOSECONDS / 100};
        assert_int_equal(probes[i].measure(probes[i].context, &burst, NULL), 0);
        assert_true(burst.count >= 1 && burst.values[0] > 0);
        assert_true(burst.lost > 0.02); /* they share a CPU, and that is found out */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curve_has_two_sizes_to_an_octave),
        cmocka_unit_test(passes_add_up_and_the_last_may_go_further),
        cmocka_unit_test(curve_without_time_ends_early),
        cmocka_unit_test(least_of_a_point_is_that_of_the_passes_it_has),
        cmocka_unit_test(one_cpu_has_nothing_left_to_load_its_memory),
        cmocka_unit_test(chase_and_readers_end_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
