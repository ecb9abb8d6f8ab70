#include "unit.h"

#include "sweep_scene.h"

/* --- machines --------------------------------------------------------------------------------- */

static void a_run_that_had_not_begun_is_settled_without_asking_anybody(void **state)
{
    struct scene *scene = *state;
    die_and_sweep(scene);
    assert_settled(scene);
    assert_int_equal(scene->entered, 0);
    assert_int_equal(scene->outcome.runs, 0);
}

static void a_launch_of_unknown_fate_is_found_by_its_token_and_ended(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    pretend_cloud_make(&scene->pretend, "token-1");
    scene->pretend.shows_no_tags = true;
    die_and_sweep(scene);
    assert_settled(scene);
    assert_int_equal(scene->outcome.machines, 1);
}

/* EC2 shows a machine some time after its launch: an empty answer is no proof. */
static void a_machine_that_ec2_shows_late_is_ended_all_the_same(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    pretend_cloud_make(&scene->pretend, "token-1");
    scene->pretend.shows_no_tags = true;
    scene->pretend.shows_late = 2;
    scene->limits.lookup_seconds = 5;
    die_and_sweep(scene);
    assert_settled(scene);
    assert_true(scene->pretend.lookups > 2);
    assert_int_equal(scene->outcome.machines, 1);
}

static void a_launch_that_was_never_sent_is_believed_after_a_while(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    SAYS(journal_intent(scene->journal, 1, "token-2", "a request", why));
    time_t before = time(NULL);
    die_and_sweep(scene);
    assert_settled(scene);
    assert_true(time(NULL) - before < 8);
    assert_int_equal(scene->outcome.machines, 0);
}

static void a_machine_that_ran_is_ended_and_confirmed(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    SAYS(journal_launched(scene->journal, 0, "token-1", "i-0", why));
    SAYS(journal_intent(scene->journal, 1, "token-2", "a request", why));
    SAYS(journal_launched(scene->journal, 1, "token-2", "i-1", why));
    pretend_cloud_make(&scene->pretend, "token-1");
    pretend_cloud_make(&scene->pretend, "token-2");
    die_and_sweep(scene);
    assert_settled(scene);
    assert_int_equal(scene->outcome.machines, 2);
}

static void what_does_not_end_is_counted_and_tried_again_by_the_next(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    SAYS(journal_launched(scene->journal, 0, "token-1", "i-0", why));
    pretend_cloud_make(&scene->pretend, "token-1");
    scene->pretend.never_terminates = true;
    scene->limits.teardown_seconds = 0.5;
    die_and_sweep(scene);
    assert_true(sweep_may_be_alive(&scene->outcome));
    assert_int_equal(scene->outcome.left[0].machines, 1);
    assert_string_equal(scene->outcome.left[0].run_id, RUN);
    assert_false(history_is_marked_settled(scene->directory, RUN));
    scene->pretend.never_terminates = false;
    scene->limits.teardown_seconds = 10;
    die_and_sweep(scene);
    assert_settled(scene);
}

/* Waiting would keep the run from its work for nothing. */
static void what_may_not_be_ended_is_counted_at_once(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    SAYS(journal_launched(scene->journal, 0, "token-1", "i-0", why));
    pretend_cloud_make(&scene->pretend, "token-1");
    scene->pretend.forbids_ends = true;
    scene->limits.teardown_seconds = 600;
    die_and_sweep(scene);
    assert_int_equal(scene->outcome.left[0].machines, 1);
    scene->pretend.forbids_ends = false;
    die_and_sweep(scene);
    assert_settled(scene);
}

/* The second Ctrl-C stops the waiting, at once. */
static void an_abandoned_sweep_says_what_may_be_alive(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    SAYS(journal_launched(scene->journal, 0, "token-1", "i-0", why));
    pretend_cloud_make(&scene->pretend, "token-1");
    scene->pretend.never_terminates = true;
    scene->limits.teardown_seconds = 600;
    scene->interrupts = true;
    die_and_sweep(scene);
    assert_true(sweep_may_be_alive(&scene->outcome));
}

/* The first one ends no sweep: it costs money not to. */
static void an_interrupted_sweep_still_ends_what_runs(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    pretend_cloud_make(&scene->pretend, "token-1");
    cancel_request(&scene->cancel, CANCEL_DRAIN, 2);
    die_and_sweep(scene);
    assert_settled(scene);
}

static void a_damaged_journal_is_finished_by_the_tags_of_its_run(void **state)
{
    struct scene *scene = *state;
    struct err err = {0};
    int file = open(journal_path(scene->journal), O_WRONLY | O_APPEND);
    static const char damage[] = "{\"record\":\"intent\",\"token\"\n{\"record\":\"intent\",\"job\":0}\n";
    assert_succeeds(fs_write_all(file, damage, strlen(damage), &err), err);
    close(file);
    pretend_cloud_make(&scene->pretend, "token-1");
    scene->pretend.groups = 1;
    die_and_sweep(scene);
    assert_int_equal(scene->pretend.alive, 0);
    assert_int_equal(scene->pretend.groups, 0);
    assert_int_equal(scene->outcome.left_count, 0);
    assert_true(history_is_marked_settled(scene->directory, RUN));
}

/* --- whose run it is -------------------------------------------------------------------------- */

static void a_live_run_is_left_alone(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    pretend_cloud_make(&scene->pretend, "token-1");
    sweep_all(&scene->services, &scene->limits, &scene->outcome);
    assert_int_equal(scene->pretend.alive, 1);
    assert_int_equal(scene->entered, 0);
    assert_false(history_is_marked_settled(scene->directory, RUN));
}

static void a_run_of_another_account_is_left_alone(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    pretend_cloud_make(&scene->pretend, "token-1");
    scene->services.account = "999999999999";
    die_and_sweep(scene);
    assert_int_equal(scene->pretend.alive, 1);
    assert_false(history_is_marked_settled(scene->directory, RUN));
}

/* --- groups ----------------------------------------------------------------------------------- */

static void a_group_whose_id_was_never_written_down_is_found_and_removed(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_resource(scene->journal, "security_group", RUN, "to be made", why));
    scene->pretend.groups = 1;
    scene->pretend.shows_late = 1;
    scene->limits.lookup_seconds = 5;
    die_and_sweep(scene);
    assert_settled(scene);
}

static void a_group_that_was_never_made_is_not_waited_for_for_ever(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_resource(scene->journal, "security_group", RUN, "to be made", why));
    die_and_sweep(scene);
    assert_settled(scene);
}

static void a_group_in_use_is_counted(void **state)
{
    struct scene *scene = *state;
    SAYS(journal_resource(scene->journal, "security_group", RUN, "to be made", why));
    SAYS(journal_resource(scene->journal, "security_group", "sg-pretend", "made", why));
    scene->pretend.groups = 1;
    scene->pretend.keeps_group = true;
    die_and_sweep(scene);
    assert_int_equal(scene->outcome.left[0].groups, 1);
    assert_true(sweep_may_be_alive(&scene->outcome));
}

/* One run that the caller holds, as `run --resume` does. */
static void a_run_that_is_held_is_swept_for_its_holder(void **state)
{
    struct scene *scene = *state;
    struct err err = {0};
    AUTO_HISTORY struct run_history history = {0};
    char key[RESULT_KEY_SIZE], sha256[65];
    struct journal_result names = spool_result(scene, key, sha256);
    SAYS(journal_intent(scene->journal, 0, "token-1", "a request", why));
    SAYS(journal_measured(scene->journal, 0, &names, why));
    pretend_cloud_make(&scene->pretend, "token-1");
    assert_succeeds(history_load(scene->directory, RUN, &history, &err), err);
    sweep_run(&scene->services, &scene->limits, scene->journal, &history, &scene->outcome);
    assert_true(history_is_settled(&history));
    assert_settled(scene);
    assert_true(bucket_has(scene, key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(a_run_that_had_not_begun_is_settled_without_asking_anybody),
        SCENE(a_launch_of_unknown_fate_is_found_by_its_token_and_ended),
        SCENE(a_machine_that_ec2_shows_late_is_ended_all_the_same),
        SCENE(a_launch_that_was_never_sent_is_believed_after_a_while),
        SCENE(a_machine_that_ran_is_ended_and_confirmed),
        SCENE(what_does_not_end_is_counted_and_tried_again_by_the_next),
        SCENE(what_may_not_be_ended_is_counted_at_once),
        SCENE(an_abandoned_sweep_says_what_may_be_alive),
        SCENE(an_interrupted_sweep_still_ends_what_runs),
        SCENE(a_damaged_journal_is_finished_by_the_tags_of_its_run),
        SCENE(a_live_run_is_left_alone),
        SCENE(a_run_of_another_account_is_left_alone),
        SCENE(a_group_whose_id_was_never_written_down_is_found_and_removed),
        SCENE(a_group_that_was_never_made_is_not_waited_for_for_ever),
        SCENE(a_group_in_use_is_counted),
        SCENE(a_run_that_is_held_is_swept_for_its_holder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
