#include "unit.h"

#include "sample_results.h"
#include "temporary.h"

#include "storage/process.h"
#include "storage/result_store.h"
#include "storage/validate.h"

static const char *const suites[] = {"stream", "cache", "numa"};

struct told {
    size_t count;
    char last[2048];
};

static void keep_told(void *context, enum process_outcome outcome, const char *file, const char *reason)
{
    struct told *told = context;
    told->count++;
    snprintf(told->last, sizeof told->last, "%s %s: %s", outcome == PROCESS_REFUSED ? "refused" : "left out",
             file, reason);
}

static void open_store(void **state, const char *name, struct store *store)
{
    char path[256];
    struct err err;
    assert_succeeds(store_open_directory(store, temporary_path(state, name, path, sizeof path), &err), err);
}

static void put_results(const struct store *store, const struct document_facts *facts)
{
    for (size_t i = 0; i < ARRAY_LENGTH(suites); i++) {
        struct err err;
        char key[RESULT_KEY_SIZE];
        bool kept = false;
        AUTO_DOCUMENT struct document document = {0};
        sample_document(suites[i], facts, &document);
        assert_succeeds(result_store(store, NULL, &document, key, &kept, &err), err);
        assert_true(kept);
    }
}

static int run(void **state, bool include_sandbox, struct process_result *result, struct told *told,
               struct err *err)
{
    char output[256];
    CLEANUP(inspector_free) struct inspector inspector = {0};
    AUTO_STORE struct store store = {0};
    open_store(state, "raw", &store);
    if (inspector_init(&inspector, err) < 0)
        return -1;
    char raw[256];
    struct process_source source = {
        .name = "raw", .store = store, .directory = temporary_path(state, "raw", raw, sizeof raw)};
    struct process_options options = {
        .sources = &source,
        .source_count = 1,
        .output_directory = temporary_path(state, "processed", output, sizeof output),
        .aggregate = {.include_sandbox = include_sandbox},
        .inspector = &inspector,
        .report = keep_told,
        .context = told,
    };
    return process_run(&options, result, err);
}

static char *read_memory_file(void **state)
{
    char path[256];
    struct err err = {0};
    temporary_path(state, "processed/latest/memory-benchmarks.json", path, sizeof path);
    return fs_read_file(path, 1 << 20, NULL, &err);
}

static void makes_the_processed_files_out_of_a_directory(void **state)
{
    struct err err;
    struct process_result result = {0};
    struct told told = {0};
    struct document_facts facts = sample_facts();
    AUTO_STORE struct store store = {0};
    open_store(state, "raw", &store);
    put_results(&store, &facts);
    assert_succeeds(run(state, false, &result, &told, &err), err);
    assert_int_equal(result.used, 3);
    assert_int_equal(result.refused, 0);
    AUTO_FREE char *text = read_memory_file(state);
    assert_non_null(text);
    assert_non_null(strstr(text, "\"m7i.large\""));
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    struct err err;
    struct process_result result = {0};
    struct told told = {0};
    struct document_facts facts = sample_facts();
    AUTO_STORE struct store store = {0};
    open_store(state, "raw", &store);
    put_results(&store, &facts);
    assert_succeeds(run(state, false, &result, &told, &err), err);
    AUTO_FREE char *first = read_memory_file(state);
    assert_succeeds(run(state, false, &result, &told, &err), err);
    AUTO_FREE char *second = read_memory_file(state);
    assert_string_equal(first, second);
}

static void what_it_writes_passes_validate(void **state)
{
    struct err err;
    char path[256];
    struct process_result result = {0};
    struct told told = {0};
    struct document_facts facts = sample_facts();
    AUTO_STORE struct store store = {0};
    open_store(state, "raw", &store);
    put_results(&store, &facts);
    assert_succeeds(run(state, false, &result, &told, &err), err);
    CLEANUP(inspector_free) struct inspector inspector = {0};
    assert_succeeds(inspector_init(&inspector, &err), err);
    AUTO_VALIDATION struct validation validation = {0};
    const char *paths[] = {temporary_path(state, "", path, sizeof path)};
    assert_succeeds(validate_paths(&inspector, paths, 1, &validation, &err), err);
    if (validation.count > 0)
        fail_msg("%s: %s", validation.findings[0].file, validation.findings[0].message);
    /* latest, the snapshot of the day, a week and a month */
    assert_int_equal(validation.files, 3 + 2 * PROCESSED_FILES + 2);
    assert_int_equal(validation.readable, 3 + 2 * PROCESSED_FILES + 2);
}

static void passes_over_what_is_not_sound_and_names_it(void **state)
{
    struct err err;
    struct process_result result = {0};
    struct told told = {0};
    struct document_facts facts = sample_facts();
    AUTO_STORE struct store store = {0};
    open_store(state, "raw", &store);
    put_results(&store, &facts);
    assert_succeeds(store_put(&store, "results/v1.0/broken.json", "{\"a\":", 5, &err), err);
    assert_succeeds(store_put(&store, "results/v1.0/readme.txt", "text", 4, &err), err);
    assert_succeeds(run(state, false, &result, &told, &err), err);
    assert_int_equal(result.used, 3);
    assert_int_equal(result.refused, 1);
    assert_string_equal(told.last, "refused raw/results/v1.0/broken.json: json: not valid JSON near line 1");
}

static void a_result_that_lies_under_another_name_is_refused(void **state)
{
    struct err err;
    struct process_result result = {0};
    struct told told = {0};
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    char key[RESULT_KEY_SIZE];
    snprintf(key, sizeof key,
             "results/v1.0/region=us-east-1/instance_type=c7g.large/suite=stream/date=2026-11-20/"
             "handmade-test-data-1-%.12s.json",
             document.sha256);
    AUTO_STORE struct store store = {0};
    open_store(state, "raw", &store);
    assert_succeeds(store_put(&store, key, document.text, document.length, &err), err);
    put_results(&store, &facts);
    assert_succeeds(run(state, false, &result, &told, &err), err);
    assert_int_equal(result.refused, 1);
    assert_non_null(strstr(told.last, "instance type is m7i.large, its path says c7g.large"));
}

/* The first one by its key stands. */
static void copied_samples_are_refused(void **state)
{
    struct err err;
    struct process_result result = {0};
    struct told told = {0};
    struct document_facts facts = sample_facts();
    AUTO_STORE struct store store = {0};
    open_store(state, "raw", &store);
    put_results(&store, &facts);
    facts.instance_type = "m7i.xlarge";
    AUTO_DOCUMENT struct document document = {0};
    char key[RESULT_KEY_SIZE];
    bool kept = false;
    sample_document("cache", &facts, &document);
    assert_succeeds(result_store(&store, NULL, &document, key, &kept, &err), err);
    assert_succeeds(run(state, false, &result, &told, &err), err);
    assert_int_equal(result.used, 3);
    assert_int_equal(result.refused, 1);
    assert_non_null(strstr(told.last, key));
    assert_non_null(strstr(told.last, ": copied: all samples are those of raw/results/v1.0/"));
}

static void a_link_out_of_the_directory_is_named(void **state)
{
    struct err err;
    char link[256];
    struct process_result result = {0};
    struct told told = {0};
    struct document_facts facts = sample_facts();
    AUTO_STORE struct store store = {0};
    open_store(state, "raw", &store);
    put_results(&store, &facts);
    assert_int_equal(symlink("/etc/passwd", temporary_path(state, "raw/link.json", link, sizeof link)), 0);
    assert_succeeds(run(state, false, &result, &told, &err), err);
    assert_int_equal(result.used, 3);
    assert_int_equal(result.refused, 1);
    assert_non_null(strstr(told.last, "raw/link.json: a symbolic link that leads out"));
}

static void sandbox_results_are_left_out_and_the_files_empty(void **state)
{
    struct err err;
    struct process_result result = {0};
    struct told told = {0};
    struct document_facts facts = sample_facts();
    facts.collection_method = "sandbox";
    AUTO_STORE struct store store = {0};
    open_store(state, "raw", &store);
    put_results(&store, &facts);
    assert_succeeds(run(state, false, &result, &told, &err), err);
    assert_int_equal(result.left_out, 3);
    assert_int_equal(result.refused, 0);
    AUTO_FREE char *without = read_memory_file(state);
    assert_null(strstr(without, "m7i.large"));
    assert_succeeds(run(state, true, &result, &told, &err), err);
    AUTO_FREE char *with = read_memory_file(state);
    assert_non_null(strstr(with, "m7i.large"));
    assert_int_equal(strncmp(with, "{\n  \"notice\":", strlen("{\n  \"notice\":")), 0);
}

static void nothing_but_unsound_files_leaves_the_old_ones(void **state)
{
    struct err err;
    struct process_result result = {0};
    struct told told = {0};
    AUTO_STORE struct store store = {0};
    open_store(state, "raw", &store);
    assert_succeeds(store_put(&store, "a.json", "{}", 2, &err), err);
    assert_fails(run(state, false, &result, &told, &err), err, ERR_DATA);
    assert_null(read_memory_file(state));
}

static void a_source_that_is_not_there_is_an_error(void **state)
{
    struct err err;
    struct process_result result = {0};
    struct told told = {0};
    assert_fails(run(state, false, &result, &told, &err), err, ERR_NOT_FOUND);
    assert_null(read_memory_file(state));
}

static void an_empty_source_leaves_the_old_files(void **state)
{
    struct err err;
    char path[256];
    struct process_result result = {0};
    struct told told = {0};
    assert_succeeds(fs_make_directories(temporary_path(state, "raw", path, sizeof path), 0755, &err), err);
    assert_fails(run(state, false, &result, &told, &err), err, ERR_DATA);
    assert_false(
        fs_exists(temporary_path(state, "processed/latest/memory-benchmarks.json", path, sizeof path)));
}

#define IN_TEMPORARY(test) cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TEMPORARY(makes_the_processed_files_out_of_a_directory),
        IN_TEMPORARY(the_same_input_gives_the_same_bytes),
        IN_TEMPORARY(what_it_writes_passes_validate),
        IN_TEMPORARY(passes_over_what_is_not_sound_and_names_it),
        IN_TEMPORARY(a_result_that_lies_under_another_name_is_refused),
        IN_TEMPORARY(copied_samples_are_refused),
        IN_TEMPORARY(a_link_out_of_the_directory_is_named),
        IN_TEMPORARY(sandbox_results_are_left_out_and_the_files_empty),
        IN_TEMPORARY(nothing_but_unsound_files_leaves_the_old_ones),
        IN_TEMPORARY(a_source_that_is_not_there_is_an_error),
        IN_TEMPORARY(an_empty_source_leaves_the_old_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
