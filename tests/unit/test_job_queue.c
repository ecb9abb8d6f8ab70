#include "unit.h"

#include "discovery/quota.h"
#include "orchestrator/job_queue.h"

#include <stdio.h>

/* A queue over jobs of these instance types. */
struct scene {
    struct planned_job jobs[8];
    struct plan plan;
    struct cancel cancel;
    struct job_queue queue;
};

static void open_scene(struct scene *scene, const char *const *types, size_t count)
{
    struct err err;
    *scene = (struct scene){.plan = {.jobs = scene->jobs, .job_count = count}};
    for (size_t i = 0; i < count; i++)
        snprintf(scene->jobs[i].instance_type, sizeof scene->jobs[i].instance_type, "%s", types[i]);
    assert_succeeds(cancel_init(&scene->cancel, &err), err);
    assert_succeeds(job_queue_init(&scene->queue, &scene->plan, &scene->cancel, &err), err);
}

static void close_scene(struct scene *scene)
{
    job_queue_destroy(&scene->queue);
    cancel_destroy(&scene->cancel);
}

#define OPEN_SCENE(...)                                                                                      \
    static const char *const types[] = {__VA_ARGS__};                                                        \
    CLEANUP(close_scene) struct scene scene;                                                                 \
    open_scene(&scene, types, ARRAY_LENGTH(types))

static void assert_next(struct scene *scene, size_t wanted)
{
    size_t number = SIZE_MAX;
    assert_true(job_queue_take(&scene->queue, &number));
    assert_int_equal(number, wanted);
}

static void assert_empty(struct scene *scene)
{
    size_t number = 0;
    assert_false(job_queue_take(&scene->queue, &number));
}

static void jobs_come_in_the_plans_order(void **state UNUSED)
{
    OPEN_SCENE("m7i.large", "c7g.large", "r7a.large");
    for (size_t i = 0; i < 3; i++)
        assert_next(&scene, i);
    assert_empty(&scene);
}

static void jobs_of_other_classes_go_before_one_that_waits(void **state UNUSED)
{
    OPEN_SCENE("g6.xlarge", "g5.xlarge", "m7i.large");
    assert_next(&scene, 0);
    assert_next(&scene, 1);
    assert_true(job_queue_must_wait(&scene.queue, 1));
    job_queue_put_back(&scene.queue, 1);
    assert_next(&scene, 2);
    job_queue_done(&scene.queue, 0);
    assert_next(&scene, 1);
    assert_empty(&scene);
}

static void nobody_is_waited_for_where_no_other_of_the_class_runs(void **state UNUSED)
{
    OPEN_SCENE("p5.48xlarge", "m7i.large");
    assert_next(&scene, 0);
    assert_next(&scene, 1);
    assert_false(job_queue_must_wait(&scene.queue, 0));
    job_queue_done(&scene.queue, 0);
    assert_empty(&scene);
}

static void an_end_that_came_just_after_the_refusal_counts(void **state UNUSED)
{
    OPEN_SCENE("m7i.large", "m7a.large");
    assert_next(&scene, 0);
    assert_next(&scene, 1);
    job_queue_done(&scene.queue, 0);
    assert_true(job_queue_must_wait(&scene.queue, 1));
    job_queue_put_back(&scene.queue, 1);
    assert_next(&scene, 1);
    assert_false(job_queue_must_wait(&scene.queue, 1));
}

static void no_more_run_than_fitted_and_one_more_is_tried_after_each_end(void **state UNUSED)
{
    OPEN_SCENE("c5.large", "c6i.large", "c7i.large", "c8i.large", "c5a.large");
    for (size_t i = 0; i < 4; i++)
        assert_next(&scene, i);
    for (size_t i = 3; i >= 2; i--) {
        assert_true(job_queue_must_wait(&scene.queue, i));
        job_queue_put_back(&scene.queue, i);
    }
    job_queue_done(&scene.queue, 0); /* one place, and another one to feel for */
    assert_next(&scene, 2);
    assert_next(&scene, 3);
    job_queue_done(&scene.queue, 1);
    assert_next(&scene, 4);
}

static void an_interrupted_run_waits_for_nothing(void **state UNUSED)
{
    OPEN_SCENE("m7i.large", "m7a.large");
    assert_next(&scene, 0);
    assert_next(&scene, 1);
    assert_true(job_queue_must_wait(&scene.queue, 1));
    job_queue_put_back(&scene.queue, 1);
    cancel_request(&scene.cancel, CANCEL_DRAIN, 2);
    assert_next(&scene, 1);
}

static void classes_are_those_of_the_accounts_limits(void **state UNUSED)
{
    static const char *const wanted[][2] = {
        {"m7i.large", "standard"},       {"im4gn.large", "standard"}, {"hpc7g.4xlarge", "hpc"},
        {"h1.2xlarge", "standard"},      {"dl1.24xlarge", "dl"},      {"d3en.xlarge", "standard"},
        {"inf2.xlarge", "inf"},          {"i4i.large", "standard"},   {"trn1.2xlarge", "trn"},
        {"t4g.nano", "standard"},        {"vt1.3xlarge", "g and vt"}, {"gr6.4xlarge", "g and vt"},
        {"u-6tb1.metal", "high memory"}, {"x2iedn.xlarge", "x"},      {"p6e-gb200.36xlarge", "p"},
        {"mac2.metal", "mac"},           {"f2.6xlarge", "f"},         {"", "standard"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++)
        assert_string_equal(quota_class(wanted[i][0]), wanted[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_come_in_the_plans_order),
        cmocka_unit_test(jobs_of_other_classes_go_before_one_that_waits),
        cmocka_unit_test(nobody_is_waited_for_where_no_other_of_the_class_runs),
        cmocka_unit_test(an_end_that_came_just_after_the_refusal_counts),
        cmocka_unit_test(no_more_run_than_fitted_and_one_more_is_tried_after_each_end),
        cmocka_unit_test(an_interrupted_run_waits_for_nothing),
        cmocka_unit_test(classes_are_those_of_the_accounts_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
