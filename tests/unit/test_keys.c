#include "unit.h"

#include "sample_results.h"

#include "storage/keys.h"

static const struct result_key sample_key = {.region = "us-east-1",
                                             .instance_type = "c8gb.metal-24xl",
                                             .suite = "stream",
                                             .date = "2026-11-20",
                                             .run_id = "20261120-153000-abc123",
                                             .iteration = 3,
                                             .sha12 = "0123456789ab"};

static const char sample_path[] = "results/v1.0/region=us-east-1/instance_type=c8gb.metal-24xl/suite=stream/"
                                  "date=2026-11-20/20261120-153000-abc123-3-0123456789ab.json";

static void writes_the_layout_that_engines_read_as_partitions(void **state UNUSED)
{
    char path[RESULT_KEY_SIZE];
    struct err err;
    assert_succeeds(result_key_format(&sample_key, path, &err), err);
    assert_string_equal(path, sample_path);
}

static void reads_back_what_it_wrote(void **state UNUSED)
{
    struct result_key key;
    struct err err;
    assert_succeeds(result_key_parse(sample_path, &key, &err), err);
    assert_string_equal(key.region, sample_key.region);
    assert_string_equal(key.instance_type, sample_key.instance_type);
    assert_string_equal(key.suite, sample_key.suite);
    assert_string_equal(key.date, sample_key.date);
    assert_string_equal(key.run_id, sample_key.run_id);
    assert_int_equal(key.iteration, 3);
    assert_string_equal(key.sha12, sample_key.sha12);
}

static void finds_the_key_at_the_end_of_a_longer_path(void **state UNUSED)
{
    char path[1024];
    struct result_key key;
    struct err err;
    snprintf(path, sizeof path, "/home/me/results/v1.0/old/%s", sample_path);
    assert_succeeds(result_key_parse(path, &key, &err), err);
    assert_string_equal(key.suite, "stream");
    snprintf(path, sizeof path, "/home/my%s", sample_path);
    assert_fails(result_key_parse(path, &key, &err), err, ERR_DATA);
}

static void assert_no_key(const char *path)
{
    struct result_key key;
    struct err err = {0};
    if (result_key_parse(path, &key, &err) == 0)
        fail_msg("accepted %s", path);
    assert_int_equal(err.kind, ERR_DATA);
}

static void refuses_paths_that_are_no_keys(void **state UNUSED)
{
#define DIRECTORY "results/v1.0/region=r/instance_type=t/suite=s/date=2026-11-20/"
    assert_no_key("");
    assert_no_key("results/v1.0/");
    assert_no_key("results/v2.0/region=r/instance_type=t/suite=s/date=2026-11-20/r-1-0123456789ab.json");
    assert_no_key("results/v1.0/region=r/suite=s/instance_type=t/date=2026-11-20/r-1-0123456789ab.json");
    assert_no_key("results/v1.0/region=../instance_type=t/suite=s/date=2026-11-20/r-1-0123456789ab.json");
    assert_no_key("results/v1.0/region=/instance_type=t/suite=s/date=2026-11-20/r-1-0123456789ab.json");
    assert_no_key("results/v1.0/region=r/instance_type=t/suite=s/date=2026-13-20/r-1-0123456789ab.json");
    assert_no_key(DIRECTORY "r-1-0123456789ab.txt");
    assert_no_key(DIRECTORY "r-1-0123456789AB.json");
    assert_no_key(DIRECTORY "r-0-0123456789ab.json");
    assert_no_key(DIRECTORY "r-x-0123456789ab.json");
    assert_no_key(DIRECTORY "-1-0123456789ab.json");
    assert_no_key(DIRECTORY "1-0123456789ab.json");
    assert_no_key(DIRECTORY "deeper/r-1-0123456789ab.json");
    assert_no_key(DIRECTORY "r-99999999999999999999-0123456789ab.json");
#undef DIRECTORY
}

static void refuses_to_write_what_would_lead_elsewhere(void **state UNUSED)
{
    char path[RESULT_KEY_SIZE];
    struct err err;
    struct result_key key = sample_key;
    snprintf(key.region, sizeof key.region, "../..");
    assert_fails(result_key_format(&key, path, &err), err, ERR_DATA);
    key = sample_key;
    snprintf(key.run_id, sizeof key.run_id, "a/b");
    assert_fails(result_key_format(&key, path, &err), err, ERR_DATA);
    key = sample_key;
    key.iteration = 0;
    assert_fails(result_key_format(&key, path, &err), err, ERR_DATA);
}

static void takes_the_key_from_the_document_s_own_words(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("numa", &facts, &document);
    AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
    struct result_key key;
    struct err err;
    assert_succeeds(result_key_of_document(tree, &key, &err), err);
    assert_string_equal(key.instance_type, "m7i.large");
    assert_string_equal(key.suite, "numa");
    assert_string_equal(key.date, "2026-11-20");
    assert_int_equal(strncmp(key.sha12, document.sha256, 12), 0);
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "metadata");
    assert_fails(result_key_of_document(tree, &key, &err), err, ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_layout_that_engines_read_as_partitions),
        cmocka_unit_test(reads_back_what_it_wrote),
        cmocka_unit_test(finds_the_key_at_the_end_of_a_longer_path),
        cmocka_unit_test(refuses_paths_that_are_no_keys),
        cmocka_unit_test(refuses_to_write_what_would_lead_elsewhere),
        cmocka_unit_test(takes_the_key_from_the_document_s_own_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
