#include "unit.h"

#include "run_scene.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

static void every_type_is_measured_stored_and_terminated(void **state UNUSED)
{
    struct scene *scene = open_scene(4);
    execute(scene);
    for (size_t i = 0; i < 4; i++) {
        if (!scene->outcome.jobs[i].succeeded)
            fail_msg("job %zu: %s", i, scene->outcome.jobs[i].failure.message);
        assert_int_equal(scene->outcome.jobs[i].stored, 1);
        assert_true(scene->outcome.jobs[i].triad.known);
    }
    assert_int_equal(scene->pretend.alive, 0);
    assert_int_equal(scene->pretend.groups_made, 1);
    assert_int_equal(stored_documents(scene), 4);
    close_scene(scene);
}

static void no_more_machines_exist_at_a_time_than_allowed(void **state UNUSED)
{
    struct scene *scene = open_scene(8);
    scene->settings.max_concurrency = 2;
    scene->pretend.suite_seconds = 0.05;
    execute(scene);
    assert_int_equal(scene->pretend.most_alive, 2);
    assert_int_equal(scene->pretend.launches, 8);
    close_scene(scene);
}

static void a_zone_without_capacity_is_followed_by_the_next_with_a_new_token(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.zone_without_capacity = "zone-a";
    execute(scene);
    assert_true(scene->outcome.jobs[0].succeeded);
    assert_string_equal(scene->outcome.jobs[0].zone, "us-east-1b");
    assert_int_equal(scene->pretend.launches, 2);
    close_scene(scene);
}

static void a_job_beyond_the_quota_waits_for_another_to_end(void **state UNUSED)
{
    struct scene *scene = open_scene(6);
    scene->pretend.quota = 1;
    scene->pretend.suite_seconds = 0.05;
    execute(scene);
    for (size_t i = 0; i < 6; i++) {
        if (!scene->outcome.jobs[i].succeeded)
            fail_msg("job %zu: %s", i, scene->outcome.jobs[i].failure.message);
    }
    assert_int_equal(scene->pretend.most_alive, 1);
    assert_true(scene->pretend.launches < 3 * 6); /* and EC2 is not asked all the time */
    close_scene(scene);
}

static void a_job_that_no_end_of_ours_can_make_room_for_is_skipped(void **state UNUSED)
{
    struct scene *scene = open_scene(3);
    scene->pretend.no_quota = true;
    execute(scene);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(scene->outcome.jobs[i].failure.kind, ERR_QUOTA);
        assert_int_equal(strncmp(scene->outcome.jobs[i].failure.message, "skipped: ", 9), 0);
        assert_false(scene->outcome.jobs[i].may_be_alive);
    }
    assert_int_equal(scene->pretend.count, 0);
    close_scene(scene);
}

static int find_terminated(void *context, const char *path, struct err *err)
{
    AUTO_FREE char *text = fs_read_file(path, 1 << 20, NULL, err);
    assert_non_null(text);
    assert_non_null(strstr(text, "\"launched\""));
    *(bool *)context = strstr(text, "\"terminated\"") != NULL;
    return 0;
}

static void a_machine_is_not_said_to_have_reached_what_its_predecessor_reached(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    struct err err = {0};
    bool terminated = true;
    scene->pretend.zone_that_regrets = "zone-a";
    execute(scene);
    assert_true(scene->outcome.jobs[0].succeeded);
    assert_string_equal(scene->outcome.jobs[0].instance_id, "i-1");
    assert_succeeds(fs_walk(scene->directory, ".json", find_terminated, &terminated, &err), err);
    assert_false(terminated);
    close_scene(scene);
}

static void a_machine_whose_launch_was_not_answered_is_found_and_terminated(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.loses_answers = true;
    execute(scene);
    assert_false(scene->outcome.jobs[0].succeeded);
    assert_false(scene->outcome.jobs[0].may_be_alive);
    assert_string_equal(scene->outcome.jobs[0].instance_id, "i-0");
    assert_int_equal(scene->pretend.count, 1);
    assert_int_equal(scene->pretend.alive, 0);
    close_scene(scene);
}

/* What fills_disk took. */
static void free_disk(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_machine_is_terminated_also_when_the_journal_can_no_longer_be_written(void **state UNUSED)
{
    for (int answered = 0; answered < 2; answered++) {
        struct scene *scene = open_scene(1);
        scene->pretend.fills_disk = true;
        scene->pretend.loses_answers = !answered;
        execute(scene);
        free_disk();
        assert_false(scene->outcome.jobs[0].succeeded);
        assert_false(scene->outcome.jobs[0].may_be_alive);
        assert_string_equal(scene->outcome.jobs[0].instance_id, "i-0");
        assert_int_equal(scene->pretend.count, 1);
        assert_int_equal(scene->pretend.alive, 0);
        close_scene(scene);
    }
}

static void an_interruption_ends_every_machine_and_begins_no_other(void **state UNUSED)
{
    for (double event = 1; event < 12; event += 2) {
        struct scene *scene = open_scene(5);
        scene->pretend.suite_seconds = 0.2;
        scene->cancel_at_event = event;
        execute(scene);
        assert_int_equal(scene->pretend.alive, 0);
        assert_true(scene->pretend.launches < 5);
        for (size_t i = 0; i < 5; i++)
            assert_false(scene->outcome.jobs[i].may_be_alive);
        close_scene(scene);
    }
}

static void a_machine_that_does_not_end_is_reported(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.never_terminates = true;
    scene->settings.teardown_seconds = 1;
    execute(scene);
    assert_true(scene->outcome.jobs[0].may_be_alive);
    assert_false(scene->outcome.jobs[0].succeeded);
    assert_int_equal(stored_documents(scene), 1);
    close_scene(scene);
}

static int open_no_store(void *context UNUSED, double deadline UNUSED, struct store *store UNUSED,
                         void **connection UNUSED, struct err *err)
{
    return err_set(err, ERR_NETWORK, "no bucket today");
}

static void results_that_could_not_be_sent_are_counted_and_stay(void **state UNUSED)
{
    const struct store_factory factory = {.open = open_no_store};
    struct scene *scene = open_scene(1);
    scene->services.remote_store = &factory;
    scene->settings.iterations = 2;
    execute(scene);
    assert_false(scene->outcome.jobs[0].succeeded);
    assert_int_equal(scene->outcome.jobs[0].unsent, 2);
    assert_non_null(strstr(scene->outcome.jobs[0].failure.message, "no bucket today"));
    assert_int_equal(stored_documents(scene), 2);
    close_scene(scene);
}

static void assert_not_measured(struct scene *scene)
{
    execute(scene);
    assert_false(scene->outcome.jobs[0].succeeded);
    assert_int_equal(scene->outcome.jobs[0].failure.kind == ERR_NONE, false);
    assert_int_equal(stored_documents(scene), 0);
    assert_int_equal(scene->pretend.alive, 0);
    close_scene(scene);
}

static void a_terminal_that_shows_nothing_keeps_no_machine_alive(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.suite_lines = 5000;
    scene->stopped = true;
    struct clock clock = clock_system();
    double began = clock_monotonic(&clock);
    execute(scene);
    assert_true(clock_monotonic(&clock) - began < 9);
    assert_true(scene->outcome.jobs[0].succeeded);
    close_scene(scene);
}

static void nonsense_from_a_suite_is_no_result(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.suite_output = "41.9 GB/s, trust me";
    scene->pretend.suite_output_length = strlen(scene->pretend.suite_output);
    assert_not_measured(scene);
}

static void a_suite_that_fails_is_no_result_whatever_it_printed(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.suite_exit_code = 1;
    assert_not_measured(scene);
}

static void a_suite_that_fails_is_noted_once(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.suite_exit_code = 1;
    execute(scene);
    assert_int_equal(scene->notes, 1);
    close_scene(scene);
}

static void a_machine_of_another_architecture_is_not_measured(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.architecture = "aarch64";
    assert_not_measured(scene);
}

static void a_machine_of_another_type_is_not_measured(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.other_type = "t3.nano";
    assert_not_measured(scene);
}

static void an_image_of_another_architecture_is_not_run(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.image_line = "sha256:" IMAGE_HEX " arm64";
    assert_not_measured(scene);
}

static void an_image_other_than_the_one_sent_is_not_run(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.image_line =
        "sha256:2222222222222222222222222222222222222222222222222222222222222222 amd64";
    assert_not_measured(scene);
}

static void a_machine_that_lets_nobody_in_is_terminated(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->pretend.refuses_connections = true;
    assert_not_measured(scene);
}

static void a_refused_type_is_not_launched(void **state UNUSED)
{
    struct scene *scene = open_scene(2);
    err_set(&scene->jobs[0].refused, ERR_UNSUPPORTED, "no zone offers it");
    execute(scene);
    assert_false(scene->outcome.jobs[0].succeeded);
    assert_true(scene->outcome.jobs[1].succeeded);
    assert_int_equal(scene->pretend.launches, 1);
    close_scene(scene);
}

static void the_lease_is_renewed_for_as_long_as_the_run_lasts(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->settings.lease_seconds = 0.3;
    scene->pretend.suite_seconds = 1;
    execute(scene);
    assert_true(scene->outcome.jobs[0].succeeded);
    assert_in_range(scene->pretend.renewals, 3, 100);
    assert_true(scene->pretend.lease_seconds == 0.3);
    assert_string_equal(scene->pretend.leased, "20261120T153045Z-test sg-pretend");
    size_t renewals = scene->pretend.renewals;
    usleep(300000);
    assert_int_equal(scene->pretend.renewals, renewals);
    close_scene(scene);
}

static void a_lease_that_can_not_be_renewed_ends_no_run(void **state UNUSED)
{
    struct scene *scene = open_scene(1);
    scene->settings.lease_seconds = 0.3;
    scene->pretend.suite_seconds = 0.5;
    scene->pretend.keeps_no_lease = true;
    execute(scene);
    assert_true(scene->outcome.jobs[0].succeeded);
    assert_in_range(scene->pretend.renewals, 2, 100);
    close_scene(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_measured_stored_and_terminated),
        cmocka_unit_test(no_more_machines_exist_at_a_time_than_allowed),
        cmocka_unit_test(a_zone_without_capacity_is_followed_by_the_next_with_a_new_token),
        cmocka_unit_test(a_job_beyond_the_quota_waits_for_another_to_end),
        cmocka_unit_test(a_job_that_no_end_of_ours_can_make_room_for_is_skipped),
        cmocka_unit_test(a_machine_is_not_said_to_have_reached_what_its_predecessor_reached),
        cmocka_unit_test(a_machine_whose_launch_was_not_answered_is_found_and_terminated),
        cmocka_unit_test(a_machine_is_terminated_also_when_the_journal_can_no_longer_be_written),
        cmocka_unit_test(an_interruption_ends_every_machine_and_begins_no_other),
        cmocka_unit_test(a_machine_that_does_not_end_is_reported),
        cmocka_unit_test(results_that_could_not_be_sent_are_counted_and_stay),
        cmocka_unit_test(a_terminal_that_shows_nothing_keeps_no_machine_alive),
        cmocka_unit_test(nonsense_from_a_suite_is_no_result),
        cmocka_unit_test(a_suite_that_fails_is_no_result_whatever_it_printed),
        cmocka_unit_test(a_suite_that_fails_is_noted_once),
        cmocka_unit_test(a_machine_of_another_architecture_is_not_measured),
        cmocka_unit_test(a_machine_of_another_type_is_not_measured),
        cmocka_unit_test(an_image_of_another_architecture_is_not_run),
        cmocka_unit_test(an_image_other_than_the_one_sent_is_not_run),
        cmocka_unit_test(a_machine_that_lets_nobody_in_is_terminated),
        cmocka_unit_test(a_refused_type_is_not_launched),
        cmocka_unit_test(the_lease_is_renewed_for_as_long_as_the_run_lasts),
        cmocka_unit_test(a_lease_that_can_not_be_renewed_ends_no_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
