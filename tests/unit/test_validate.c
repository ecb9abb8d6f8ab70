#include "unit.h"

#include "sample_results.h"
#include "temporary.h"

#include "storage/keys.h"
#include "storage/validate.h"

static void write_file(void **state, const char *name, const char *text, size_t length)
{
    char path[1024];
    struct err err;
    temporary_path(state, name, path, sizeof path);
    AUTO_FREE char *directory = strdup(path);
    assert_non_null(directory);
    *strrchr(directory, '/') = '\0';
    assert_succeeds(fs_make_directories(directory, 0755, &err), err);
    assert_succeeds(fs_create_file(path, text, length, 0644, &err), err);
}

static void validate(void **state, const char *name, struct validation *validation)
{
    char path[1024];
    struct err err;
    CLEANUP(inspector_free) struct inspector inspector = {0};
    assert_succeeds(inspector_init(&inspector, &err), err);
    const char *paths[] = {temporary_path(state, name, path, sizeof path)};
    assert_succeeds(validate_paths(&inspector, paths, 1, validation, &err), err);
}

static void looks_at_every_json_file_below_a_directory(void **state)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    write_file(state, "a/b/good.json", document.text, document.length);
    write_file(state, "a/bad.json", "{", 1);
    write_file(state, "a/notes.txt", "x", 1);
    AUTO_VALIDATION struct validation validation = {0};
    validate(state, "a", &validation);
    assert_int_equal(validation.files, 2);
    assert_int_equal(validation.readable, 2);
    assert_int_equal(validation.count, 1);
    assert_string_equal(validation.findings[0].rule, "json");
    assert_non_null(strstr(validation.findings[0].file, "a/bad.json"));
}

static void what_is_not_there_is_a_finding(void **state)
{
    AUTO_VALIDATION struct validation validation = {0};
    validate(state, "none.json", &validation);
    assert_int_equal(validation.files, 1);
    assert_int_equal(validation.readable, 0);
    assert_string_equal(validation.findings[0].rule, "readable");
}

static void a_pipe_does_not_hold_it(void **state)
{
    char path[256];
    assert_int_equal(mkfifo(temporary_path(state, "pipe.json", path, sizeof path), 0600), 0);
    AUTO_VALIDATION struct validation validation = {0};
    validate(state, "pipe.json", &validation);
    assert_string_equal(validation.findings[0].rule, "readable");
}

/* Puts the stream result at its key, with one part of the key replaced. */
static void write_under_key(void **state, const char *type)
{
    struct err err;
    struct document_facts facts = sample_facts();
    struct result_key key;
    char name[RESULT_KEY_SIZE];
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
    assert_succeeds(result_key_of_document(tree, &key, &err), err);
    snprintf(key.instance_type, sizeof key.instance_type, "%s", type);
    assert_succeeds(result_key_format(&key, name, &err), err);
    write_file(state, name, document.text, document.length);
}

static void a_result_at_its_own_key_is_clean(void **state)
{
    write_under_key(state, "m7i.large");
    AUTO_VALIDATION struct validation validation = {0};
    validate(state, "results", &validation);
    assert_int_equal(validation.files, 1);
    assert_int_equal(validation.count, 0);
}

static void a_result_at_another_s_key_is_found(void **state)
{
    write_under_key(state, "c7g.large");
    AUTO_VALIDATION struct validation validation = {0};
    validate(state, "results", &validation);
    assert_int_equal(validation.count, 1);
    assert_string_equal(validation.findings[0].rule, "key");
}

static void link_to(void **state, const char *target, const char *name)
{
    char from[1024];
    char to[1024];
    temporary_path(state, name, from, sizeof from);
    temporary_path(state, target, to, sizeof to);
    assert_int_equal(symlink(to, from), 0);
}

static void a_link_out_of_the_directory_is_named_and_one_within_is_not(void **state)
{
    write_file(state, "tree/inner/other.json", "{}", 2);
    write_file(state, "elsewhere/result.json", "{}", 2);
    write_file(state, "tree-2/result.json", "{}", 2);
    link_to(state, "elsewhere/result.json", "tree/1.json");
    link_to(state, "elsewhere", "tree/2");
    link_to(state, "tree-2", "tree/3");
    link_to(state, "nowhere.json", "tree/4.json");
    link_to(state, "tree/inner", "tree/5");
    link_to(state, "elsewhere/result.json", "tree/6.txt");
    AUTO_VALIDATION struct validation validation = {0};
    validate(state, "tree", &validation);
    assert_int_equal(validation.count, 4);
    for (size_t i = 0; i < validation.count; i++) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "tree/%zu", i + 1);
        assert_string_equal(validation.findings[i].rule, "readable");
        assert_non_null(strstr(validation.findings[i].file, wanted));
    }
}

static void write_result(void **state, const char *name, const struct document_facts *facts)
{
    AUTO_DOCUMENT struct document document = {0};
    sample_document("cache", facts, &document);
    write_file(state, name, document.text, document.length);
}

static void documents_are_held_against_one_another_across_files(void **state)
{
    struct document_facts facts = sample_facts();
    write_result(state, "d/1.json", &facts);
    write_result(state, "d/2.json", &facts);
    facts.seconds_billed += 1;
    write_result(state, "d/3.json", &facts);
    facts.instance_type = "m7i.xlarge";
    write_result(state, "d/4.json", &facts);
    AUTO_VALIDATION struct validation validation = {0};
    validate(state, "d", &validation);
    assert_int_equal(validation.count, 2);
    assert_string_equal(validation.findings[0].rule, "duplicate");
    assert_non_null(strstr(validation.findings[0].file, "d/3.json"));
    assert_non_null(strstr(validation.findings[0].message, "d/1.json"));
    assert_string_equal(validation.findings[1].rule, "copied");
    assert_non_null(strstr(validation.findings[1].file, "d/4.json"));
    assert_non_null(strstr(validation.findings[1].message, "d/1.json"));
}

static void a_foreign_result_is_counted_and_has_no_place_among_ours(void **state)
{
    static const char text[] = "{\"instance_type\": \"m7i.large\", \"performance_data\": {}}";
    write_file(state, "d/theirs.json", text, strlen(text));
    write_file(state, "d/results/v1.0/theirs.json", text, strlen(text));
    AUTO_VALIDATION struct validation validation = {0};
    validate(state, "d", &validation);
    assert_int_equal(validation.files, 2);
    assert_int_equal(validation.foreign, 2);
    assert_int_equal(validation.count, 1);
    assert_string_equal(validation.findings[0].rule, "key");
}

static void prints_the_shape_that_checks_read(void **state)
{
    struct err err = {0};
    write_file(state, "bad.json", "{", 1);
    AUTO_VALIDATION struct validation validation = {0};
    validate(state, "bad.json", &validation);
    free(validation.findings[0].file);
    validation.findings[0].file = strdup("bad.json");
    AUTO_JSON cJSON *tree = validation_json(&validation, &err);
    AUTO_FREE char *text = json_print(tree, false, &err);
    assert_string_equal(text,
                        "{\"files\":1,\"findings\":[{\"file\":\"bad.json\",\"rule\":\"json\",\"message\":"
                        "\"not valid JSON near line 1\"}]}");
}

static void hostile_file_names_are_made_printable(void **state)
{
    write_file(state, "d/\x1b[31m\xff.json", "{", 1);
    AUTO_VALIDATION struct validation validation = {0};
    validate(state, "d", &validation);
    assert_null(strchr(validation.findings[0].file, '\x1b'));
    assert_null(strstr(validation.findings[0].file, "\xff"));
}

#define IN_TEMPORARY(test) cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_TEMPORARY(looks_at_every_json_file_below_a_directory),
        IN_TEMPORARY(what_is_not_there_is_a_finding),
        IN_TEMPORARY(a_pipe_does_not_hold_it),
        IN_TEMPORARY(a_result_at_its_own_key_is_clean),
        IN_TEMPORARY(a_result_at_another_s_key_is_found),
        IN_TEMPORARY(a_link_out_of_the_directory_is_named_and_one_within_is_not),
        IN_TEMPORARY(documents_are_held_against_one_another_across_files),
        IN_TEMPORARY(a_foreign_result_is_counted_and_has_no_place_among_ours),
        IN_TEMPORARY(prints_the_shape_that_checks_read),
        IN_TEMPORARY(hostile_file_names_are_made_printable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
