/* A run's journal as its process left it, and what is to finish the run: for tests of the sweep. */
#ifndef SWEEP_SCENE_H
#define SWEEP_SCENE_H

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

static UNUSED const char *const types[] = {"m7i.large", "c7g.large"};

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

static UNUSED int enter(void *context, const char *region, struct sweep_region *entered,
                        struct err *err UNUSED)
{
    struct scene *scene = context;
    assert_string_equal(region, "us-east-1");
    *entered = (struct sweep_region){pretend_cloud_as_cloud(&scene->pretend), ENDPOINT, scene};
    scene->entered++;
    return 0;
}

static UNUSED void leave(void *context UNUSED, struct sweep_region *entered UNUSED)
{
}

static UNUSED int open_bucket(struct sweep_region *region, const char *bucket, double deadline UNUSED,
                              struct store *store, void **connection, struct err *err)
{
    const struct scene *scene = region->handle;
    *connection = NULL;
    assert_string_equal(bucket, "bucket/prefix");
    if (scene->bucket_is_gone)
        return err_set(err, ERR_NETWORK, "the bucket is gone");
    return store_open_directory(store, scene->bucket, err);
}

static UNUSED void close_bucket(struct store *store, void *connection UNUSED)
{
    store_close(store);
}

static UNUSED void take_line(void *context, enum log_level level UNUSED, const char *line)
{
    struct scene *scene = context;
    scene->lines++;
    scene->losses += strstr(line, " is lost: ") != NULL;
    if (scene->interrupts)
        cancel_request(&scene->cancel, CANCEL_ABANDON, 2);
}

static UNUSED int begin(void **state)
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

static UNUSED int end(void **state)
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
static UNUSED void die_and_sweep(struct scene *scene)
{
    journal_close(scene->journal);
    scene->journal = NULL;
    sweep_outcome_free(&scene->outcome);
    sweep_all(&scene->services, &scene->limits, &scene->outcome);
}

static UNUSED void assert_settled(const struct scene *scene)
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
static UNUSED struct journal_result spool_result(struct scene *scene, char key[RESULT_KEY_SIZE],
                                                 char sha256[65])
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

static UNUSED bool bucket_has(const struct scene *scene, const char *key)
{
    char path[RESULT_KEY_SIZE + 100];
    snprintf(path, sizeof path, "%s/%s", scene->bucket, key);
    return fs_exists(path);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, begin, end)

#endif
