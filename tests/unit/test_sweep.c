#include "unit.h"

#include "pretend_cloud.h"

#include "orchestrator/sweep.h"
#include "storage/result_store.h"

#include "sample_results.h"
#include "temporary.h"

#include <fcntl.h>
#include <time.h>

#define RUN "handmade-test-data"
#define ENDPOINT "http://127.0.0.1:1"
#define ACCOUNT "123456789012"

static const char *const types[] = {"m7i.large", "c7g.large"};

/* What a run left, and what is to finish it. */
struct scene {
    struct pretend_cloud pretend;
    char directory[64];
    char spool[80];
    char bucket[80]; /* a directory stands for it */
    struct cancel cancel;
    struct log log;
    size_t entered;
    size_t lines;  /* of the log */
    size_t losses; /* of these, those that say that a result is lost */
    bool interrupts;
    bool bucket_is_gone;
    struct journal *journal;
    struct sweep_services services;
    struct sweep_limits limits;
    struct sweep_outcome outcome;
};

static int enter(void *context, const char *region, struct sweep_region *entered, struct err *err UNUSED)
{
    struct scene *scene = context;
    assert_string_equal(region, "us-east-1");
    *entered = (struct sweep_region){pretend_cloud_as_cloud(&scene->pretend), ENDPOINT, scene};
    scene->entered++;
    return 0;
}

static void leave(void *context UNUSED, struct sweep_region *entered UNUSED)
{
}

static int open_bucket(struct sweep_region *region, const char *bucket, double deadline UNUSED,
                       struct store *store, void **connection, struct err *err)
{
    const struct scene *scene = region->handle;
    *connection = NULL;
    assert_string_equal(bucket, "bucket/prefix");
    if (scene->bucket_is_gone)
        return err_set(err, ERR_NETWORK, "the bucket is gone");
    return store_open_directory(store, scene->bucket, err);
}

static void close_bucket(struct store *store, void *connection UNUSED)
{
    store_close(store);
}

static void take_line(void *context, enum log_level level UNUSED, const char *line)
{
    struct scene *scene = context;
    scene->lines++;
    scene->losses += strstr(line, " is lost: ") != NULL;
    if (scene->interrupts)
        cancel_request(&scene->cancel, CANCEL_ABANDON, 2);
}

static int begin(void **state)
{
    struct err err = {0};
    struct scene *scene = calloc(1, sizeof *scene);
    const struct journal_header header = {
        .run_id = RUN,
        .region = "us-east-1",
        .endpoint = ENDPOINT,
        .account = ACCOUNT,
        .collection_method = "sandbox",
        .bucket = "bucket/prefix",
        .output_dir = scene->spool,
        .instance_types = types,
        .instance_type_count = 2,
    };
    snprintf(scene->directory, sizeof scene->directory, "/tmp/test-sweep-XXXXXX");
    assert_non_null(mkdtemp(scene->directory));
    snprintf(scene->spool, sizeof scene->spool, "%s/spool", scene->directory);
    snprintf(scene->bucket, sizeof scene->bucket, "%s/bucket", scene->directory);
    pretend_cloud_init(&scene->pretend);
    log_init(&scene->log, LOG_DEBUG, take_line, scene);
    assert_succeeds(cancel_init(&scene->cancel, &err), err);
    scene->services = (struct sweep_services){
        .state_directory = scene->directory,
        .account = ACCOUNT,
        .enter = enter,
        .leave = leave,
        .open_bucket = open_bucket,
        .close_bucket = close_bucket,
        .context = scene,
        .cancel = &scene->cancel,
        .log = &scene->log,
    };
    scene->limits = (struct sweep_limits){10, 10, 0.2};
    scene->journal = journal_open(scene->directory, RUN, &err);
    assert_non_null(scene->journal);
    assert_succeeds(journal_run(scene->journal, &header, &err), err);
    *state = scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    journal_close(scene->journal);
    sweep_outcome_free(&scene->outcome);
    log_destroy(&scene->log);
    cancel_destroy(&scene->cancel);
    int result = nftw(scene->directory, temporary_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(scene);
    return result;
}

/* What the journal says before the process dies. */
#define SAYS(call)                                                                                           \
    do {                                                                                                     \
        struct err says_err = {0};                                                                           \
        struct err *why = &says_err;                                                                         \
        assert_succeeds(call, says_err);                                                                     \
    } while (0)

/* The process is gone, and another one begins. */
static void die_and_sweep(struct scene *scene)
{
    journal_close(scene->journal);
    scene->journal = NULL;
    sweep_outcome_free(&scene->outcome);
    sweep_all(&scene->services, &scene->limits, &scene->outcome);
}

static void assert_settled(const struct scene *scene)
{
    struct err err = {0};
    AUTO_HISTORY struct run_history history = {0};
    assert_succeeds(history_load(scene->directory, RUN, &history, &err), err);
    assert_int_equal(scene->pretend.alive, 0);
    assert_int_equal(scene->pretend.groups, 0);
    assert_int_equal(scene->outcome.left_count, 0);
    assert_true(history_is_settled(&history));
    assert_true(history_is_marked_settled(scene->directory, RUN));
}

/* A document in the spool, with its names. */
static struct journal_result spool_result(struct scene *scene, char key[RESULT_KEY_SIZE], char sha256[65])
{
    struct err err = {0};
    AUTO_DOCUMENT struct document document = {0};
    AUTO_STORE struct store store = {0};
    const struct document_facts facts = sample_facts();
    bool kept = false;
    sample_document("stream", &facts, &document);
    assert_succeeds(store_open_directory(&store, scene->spool, &err), err);
    assert_succeeds(result_store(&store, NULL, &document, key, &kept, &err), err);
    memcpy(sha256, document.sha256, sizeof document.sha256);
    return (struct journal_result){"stream", 1, key, sha256};
}

static bool bucket_has(const struct scene *scene, const char *key)
{
    char path[RESULT_KEY_SIZE + 100];
    snprintf(path, sizeof path, "%s/%s", scene->bucket, key);
    return fs_exists(path);
}

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

/* --- results ---------------------------------------------------------------------------------- */

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

#define SCENE(test) cmocka_unit_test_setup_teardown(test, begin, end)

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
        SCENE(a_result_that_was_stored_and_not_sent_is_sent_once),
        SCENE(a_result_that_was_written_and_not_noted_is_found_and_sent),
        SCENE(a_result_that_was_never_written_is_not_waited_for),
        SCENE(a_result_that_was_changed_on_the_disk_is_not_sent),
        SCENE(a_result_that_is_gone_from_disk_and_bucket_is_said_to_be_lost_once),
        SCENE(a_result_that_only_the_bucket_has_counts_as_sent),
        SCENE(a_result_is_not_given_up_while_its_directory_or_bucket_is_away),
        SCENE(results_wait_for_a_bucket_that_is_there_again),
        SCENE(a_run_that_is_held_is_swept_for_its_holder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
