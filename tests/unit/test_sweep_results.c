/* What the sweep does with results that are on this disk, and with those that no longer are. */
#include "unit.h"

#include "sweep_scene.h"

static void a_result_that_was_stored_and_not_sent_is_sent_once(void **state)
{
    struct scene *scene = *state;
    char key[RESULT_KEY_SIZE], sha256[65];
    struct journal_result names = spool_result(scene, key, sha256);
    SAYS(journal_measured(scene->journal, 0, &names, why));
    SAYS(journal_stored(scene->journal, 0, &names, why));
    die_and_sweep(scene);
    assert_settled(scene);
    assert_int_equal(scene->outcome.sent, 1);
    assert_true(bucket_has(scene, key));
    die_and_sweep(scene);
    assert_int_equal(scene->outcome.sent, 0);
}

static void a_result_that_was_written_and_not_noted_is_found_and_sent(void **state)
{
    struct scene *scene = *state;
    char key[RESULT_KEY_SIZE], sha256[65];
    struct journal_result names = spool_result(scene, key, sha256);
    SAYS(journal_measured(scene->journal, 0, &names, why));
    die_and_sweep(scene);
    assert_settled(scene);
    assert_true(bucket_has(scene, key));
}

static void remove_from_spool(const struct scene *scene, const char *key)
{
    char path[RESULT_KEY_SIZE + 100];
    snprintf(path, sizeof path, "%s/%s", scene->spool, key);
    assert_int_equal(unlink(path), 0);
}

static void a_result_that_was_never_written_is_not_waited_for(void **state)
{
    struct scene *scene = *state;
    char key[RESULT_KEY_SIZE], sha256[65];
    struct journal_result names = spool_result(scene, key, sha256);
    SAYS(journal_measured(scene->journal, 0, &names, why));
    remove_from_spool(scene, key);
    die_and_sweep(scene);
    assert_settled(scene);
    assert_false(bucket_has(scene, key));
}

static void a_result_that_was_changed_on_the_disk_is_not_sent(void **state)
{
    struct scene *scene = *state;
    char key[RESULT_KEY_SIZE], sha256[65];
    struct err err = {0};
    struct journal_result names = spool_result(scene, key, sha256);
    SAYS(journal_stored(scene->journal, 0, &names, why));
    char path[RESULT_KEY_SIZE + 100];
    snprintf(path, sizeof path, "%s/%s", scene->spool, key);
    assert_succeeds(fs_replace_file(path, "{}", 2, 0644, &err), err);
    die_and_sweep(scene);
    assert_false(bucket_has(scene, key));
    assert_int_equal(scene->outcome.left[0].unsent, 1);
    assert_false(sweep_may_be_alive(&scene->outcome));
    assert_false(history_is_marked_settled(scene->directory, RUN));
}

static void a_result_that_is_gone_from_disk_and_bucket_is_said_to_be_lost_once(void **state)
{
    struct scene *scene = *state;
    char key[RESULT_KEY_SIZE], sha256[65];
    struct journal_result names = spool_result(scene, key, sha256);
    SAYS(journal_stored(scene->journal, 0, &names, why));
    remove_from_spool(scene, key);
    die_and_sweep(scene);
    assert_int_equal(scene->losses, 1);
    assert_settled(scene);
    assert_int_equal(scene->outcome.sent, 0);
    die_and_sweep(scene);
    assert_int_equal(scene->losses, 1);
}

static void a_result_that_only_the_bucket_has_counts_as_sent(void **state)
{
    struct scene *scene = *state;
    char key[RESULT_KEY_SIZE], sha256[65];
    struct journal_result names = spool_result(scene, key, sha256);
    SAYS(journal_stored(scene->journal, 0, &names, why));
    assert_int_equal(rename(scene->spool, scene->bucket), 0);
    assert_int_equal(mkdir(scene->spool, 0700), 0);
    die_and_sweep(scene);
    assert_int_equal(scene->losses, 0);
    assert_settled(scene);
}

static void a_result_is_not_given_up_while_its_directory_or_bucket_is_away(void **state)
{
    struct scene *scene = *state;
    char key[RESULT_KEY_SIZE], sha256[65], away[sizeof scene->spool + 8];
    struct journal_result names = spool_result(scene, key, sha256);
    SAYS(journal_stored(scene->journal, 0, &names, why));
    snprintf(away, sizeof away, "%s.away", scene->spool);
    assert_int_equal(rename(scene->spool, away), 0);
    die_and_sweep(scene);
    assert_int_equal(scene->outcome.left[0].unsent, 1);
    assert_int_equal(mkdir(scene->spool, 0700), 0);
    scene->bucket_is_gone = true;
    die_and_sweep(scene);
    assert_int_equal(scene->outcome.left[0].unsent, 1);
    assert_int_equal(rmdir(scene->spool), 0);
    assert_int_equal(rename(away, scene->spool), 0);
    scene->bucket_is_gone = false;
    die_and_sweep(scene);
    assert_settled(scene);
    assert_true(bucket_has(scene, key));
}

static void results_wait_for_a_bucket_that_is_there_again(void **state)
{
    struct scene *scene = *state;
    char key[RESULT_KEY_SIZE], sha256[65];
    struct journal_result names = spool_result(scene, key, sha256);
    SAYS(journal_stored(scene->journal, 0, &names, why));
    scene->bucket_is_gone = true;
    die_and_sweep(scene);
    assert_int_equal(scene->outcome.left[0].unsent, 1);
    scene->bucket_is_gone = false;
    die_and_sweep(scene);
    assert_settled(scene);
    assert_true(bucket_has(scene, key));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE(a_result_that_was_stored_and_not_sent_is_sent_once),
        SCENE(a_result_that_was_written_and_not_noted_is_found_and_sent),
        SCENE(a_result_that_was_never_written_is_not_waited_for),
        SCENE(a_result_that_was_changed_on_the_disk_is_not_sent),
        SCENE(a_result_that_is_gone_from_disk_and_bucket_is_said_to_be_lost_once),
        SCENE(a_result_that_only_the_bucket_has_counts_as_sent),
        SCENE(a_result_is_not_given_up_while_its_directory_or_bucket_is_away),
        SCENE(results_wait_for_a_bucket_that_is_there_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
