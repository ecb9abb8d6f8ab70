/* What a later start makes of a run of this machine itself that was cut off: nobody is asked about it. */
#include "unit.h"

#include "orchestrator/sweep.h"
#include "storage/result_store.h"

#include "sample_results.h"
#include "temporary.h"

#define RUN "handmade-test-data"

struct scene {
    char directory[64];
    char spool[80];
    size_t lines; /* of the log, above those for debugging */
    struct journal *journal;
    struct sweep_outcome outcome;
};

static int begin(void **state)
{
    static const char *const types[] = {"local"};
    struct err err = {0};
    struct scene *scene = calloc(1, sizeof *scene);
    snprintf(scene->directory, sizeof scene->directory, "/tmp/test-sweep-local-XXXXXX");
    assert_non_null(mkdtemp(scene->directory));
    snprintf(scene->spool, sizeof scene->spool, "%s/spool", scene->directory);
    const struct journal_header header = {.run_id = RUN,
                                          .region = "local",
                                          .collection_method = "local",
                                          .output_dir = scene->spool,
                                          .instance_types = types,
                                          .instance_type_count = 1};
    scene->journal = journal_open(scene->directory, RUN, &err);
    assert_non_null(scene->journal);
    assert_succeeds(journal_run(scene->journal, &header, &err), err);
    *state = scene;
    return 0;
}

static int end(void **state)
{
    struct scene *scene = *state;
    sweep_outcome_free(&scene->outcome);
    int result = nftw(scene->directory, temporary_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(scene);
    return result;
}

static int enter(void *context UNUSED, const char *region UNUSED, struct sweep_region *entered UNUSED,
                 struct err *err)
{
    fail_msg("a region was entered");
    return err_set(err, ERR_INTERNAL, "it was not to be");
}

static void take_line(void *context, enum log_level level, const char *line UNUSED)
{
    struct scene *scene = context;
    scene->lines += level != LOG_DEBUG;
}

/* The process is gone, and a run in an account begins. */
static void die_and_sweep(struct scene *scene)
{
    struct cancel cancel;
    struct log log;
    struct err err = {0};
    journal_close(scene->journal);
    assert_succeeds(cancel_init(&cancel, &err), err);
    log_init(&log, LOG_DEBUG, take_line, scene);
    const struct sweep_services services = {.state_directory = scene->directory,
                                            .account = "123456789012",
                                            .enter = enter,
                                            .cancel = &cancel,
                                            .log = &log};
    const struct sweep_limits limits = {10, 10, 0.2};
    sweep_all(&services, &limits, &scene->outcome);
    log_destroy(&log);
    cancel_destroy(&cancel);
}

static void what_was_measured_is_looked_for_on_the_disk_alone(void **state)
{
    struct scene *scene = *state;
    struct err err = {0};
    char key[RESULT_KEY_SIZE];
    AUTO_DOCUMENT struct document document = {0};
    AUTO_STORE struct store store = {0};
    const struct document_facts facts = sample_facts();
    bool kept = false;
    sample_document("stream", &facts, &document);
    assert_succeeds(store_open_directory(&store, scene->spool, &err), err);
    assert_succeeds(result_store(&store, NULL, &document, key, &kept, &err), err);
    const struct journal_result result = {"stream", 1, key, document.sha256};
    assert_succeeds(journal_measured(scene->journal, 0, &result, &err), err);
    die_and_sweep(scene);
    AUTO_HISTORY struct run_history history = {0};
    assert_succeeds(history_load(scene->directory, RUN, &history, &err), err);
    assert_true(history.results[0].stored && history_is_settled(&history));
    assert_true(history_is_marked_settled(scene->directory, RUN));
    assert_int_equal(scene->outcome.runs, 0);
    assert_int_equal(scene->outcome.left_count, 0);
    assert_int_equal(scene->lines, 0);
}

static void a_launch_in_its_journal_is_not_overlooked(void **state)
{
    struct scene *scene = *state;
    struct err err = {0};
    assert_succeeds(journal_intent(scene->journal, 0, "token-1", "a request", &err), err);
    die_and_sweep(scene);
    assert_int_equal(scene->outcome.left_count, 1);
    assert_int_equal(scene->outcome.left[0].machines, 1);
    assert_true(scene->lines > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_measured_is_looked_for_on_the_disk_alone, begin, end),
        cmocka_unit_test_setup_teardown(a_launch_in_its_journal_is_not_overlooked, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
