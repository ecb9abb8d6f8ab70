#include "unit.h"

#include "pretend_cloud.h"

#include "base/fs.h"
#include "orchestrator/run.h"
#include "results/suite_output.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>

#define IMAGE_HEX "1111111111111111111111111111111111111111111111111111111111111111"

/* One run against the pretend cloud, with everything that it needs. */
struct scene {
    struct pretend_cloud pretend;
    struct image_archive archive;
    struct placement placements[2];
    struct planned_job jobs[8];
    struct plan plan;
    struct run_settings settings;
    struct cancel cancel;
    struct journal *journal;
    struct store spool;
    struct run_services services;
    struct run_outcome outcome;
    char directory[64];
    char *suite_output;
    size_t events;
    size_t notes;
    bool stopped;           /* the listener shows nothing before every machine has ended */
    double cancel_at_event; /* the number of the event that is answered by a Ctrl-C; 0: none */
};

static const char *const suites[] = {"stream"};

static void plan_jobs(struct scene *scene, size_t count)
{
    snprintf(scene->plan.run_id, sizeof scene->plan.run_id, "20261120T153045Z-test");
    snprintf(scene->plan.region, sizeof scene->plan.region, "us-east-1");
    snprintf(scene->plan.collection_method, sizeof scene->plan.collection_method, "sandbox");
    scene->placements[0] = (struct placement){.zone = "us-east-1a", .subnet_id = "zone-a"};
    scene->placements[1] = (struct placement){.zone = "us-east-1b", .subnet_id = "zone-b"};
    for (size_t i = 0; i < count; i++) {
        struct planned_job *job = &scene->jobs[i];
        snprintf(job->instance_type, sizeof job->instance_type, "m%zui.large", 5 + i);
        snprintf(job->family, sizeof job->family, "m%zui", 5 + i);
        snprintf(job->architecture, sizeof job->architecture, "x86_64");
        snprintf(job->processor_vendor, sizeof job->processor_vendor, "intel");
        snprintf(job->image_id, sizeof job->image_id, "ami-1");
        job->placements = scene->placements;
        job->placement_count = 2;
    }
    scene->plan.jobs = scene->jobs;
    scene->plan.job_count = count;
}

static struct scene *open_scene(size_t jobs)
{
    struct err err = {0};
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    pretend_cloud_init(&scene->pretend);
    snprintf(scene->directory, sizeof scene->directory, "/tmp/test-run-XXXXXX");
    assert_non_null(mkdtemp(scene->directory));
    scene->suite_output = fs_read_file("tests/data/suite-output/stream.json", SUITE_OUTPUT_MAX_BYTES,
                                       &scene->pretend.suite_output_length, &err);
    assert_non_null(scene->suite_output);
    scene->pretend.suite_output = scene->suite_output;
    scene->pretend.image_line = "sha256:" IMAGE_HEX " amd64";
    scene->archive.platform_count = 1;
    scene->archive.platforms[0] = (struct image_platform){
        .architecture = "x86_64", .tag = "universal:1-amd64", .config_digest = "sha256:" IMAGE_HEX};
    plan_jobs(scene, jobs);
    scene->settings = (struct run_settings){
        .max_concurrency = 3,
        .suites = suites,
        .suite_count = 1,
        .iterations = 1,
        .ssh_user = "ec2-user",
        .ssh_port = 22,
        .boot_seconds = 20,
        .grace_seconds = 20,
        .silence_seconds = 20,
        .margin_seconds = 20,
        .suite_seconds = 20,
        .teardown_seconds = 20,
        .store_seconds = 20,
        .lease_seconds = 600,
        .image = {.archive = &scene->archive},
        .image_reference = "universal:1",
    };
    assert_succeeds(cancel_init(&scene->cancel, &err), err);
    scene->journal = journal_open(scene->directory, scene->plan.run_id, &err);
    assert_non_null(scene->journal);
    assert_succeeds(store_open_directory(&scene->spool, scene->directory, &err), err);
    scene->services = (struct run_services){
        .cloud = pretend_cloud_as_cloud(&scene->pretend),
        .remote = pretend_cloud_as_remote(&scene->pretend),
        .journal = scene->journal,
        .spool = &scene->spool,
        .cancel = &scene->cancel,
    };
    return scene;
}

static bool all_ended(struct pretend_cloud *pretend)
{
    pthread_mutex_lock(&pretend->lock);
    bool ended = pretend->count > 0 && pretend->alive == 0;
    pthread_mutex_unlock(&pretend->lock);
    return ended;
}

static void take_event(void *context, const struct event *event)
{
    struct scene *scene = context;
    if (!event)
        return;
    scene->events++;
    scene->notes += event->kind == EVENT_NOTE;
    for (int i = 0; scene->stopped && i < 200 && !all_ended(&scene->pretend); i++)
        usleep(50000);
    if (scene->cancel_at_event > 0 && (double)scene->events >= scene->cancel_at_event)
        cancel_request(&scene->cancel, CANCEL_DRAIN, 2);
}

static void execute(struct scene *scene)
{
    struct err err = {0};
    assert_succeeds(run_execute(&scene->plan, &scene->settings, &scene->services, take_event, scene,
                                &scene->outcome, &err),
                    err);
}

static int count_file(void *context, const char *path UNUSED, struct err *err UNUSED)
{
    ++*(size_t *)context;
    return 0;
}

static size_t stored_documents(const struct scene *scene)
{
    size_t count = 0;
    struct err err = {0};
    assert_succeeds(fs_walk(scene->directory, ".json", count_file, &count, &err), err);
    return count;
}

static int remove_file(void *context UNUSED, const char *path, struct err *err UNUSED)
{
    return unlink(path);
}

static void close_scene(struct scene *scene)
{
    assert_int_equal(scene->pretend.groups, 0);
    run_outcome_free(&scene->outcome);
    store_close(&scene->spool);
    journal_close(scene->journal);
    cancel_destroy(&scene->cancel);
    fs_walk(scene->directory, "", remove_file, NULL, NULL);
    free(scene->suite_output);
    free(scene);
}

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
