#include "unit.h"

#include "sample_results.h"

#include "results/schema.h"

static void assert_number(const cJSON *tree, const char *path, double wanted)
{
    double value = NAN;
    struct err err;
    assert_succeeds(json_get_double(tree, path, &value, &err), err);
    if (value != wanted)
        fail_msg("%s is %.17g, not %.17g", path, value, wanted);
}

static void assert_text(const cJSON *tree, const char *path, const char *wanted)
{
    assert_string_equal(json_string_or(tree, path, "(none)"), wanted);
}

static void assert_null_at(const cJSON *tree, const char *path)
{
    if (!cJSON_IsNull(json_at(tree, path)))
        fail_msg("%s is not null", path);
}

static void puts_medians_where_the_consumers_read_them(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
    assert_text(tree, "schema_version", "1.0.0");
    assert_text(tree, "metadata.timestamp", "2026-11-20T15:30:45Z");
    assert_text(tree, "metadata.instance_type", "m7i.large");
    assert_text(tree, "metadata.benchmark_suite", "stream");
    assert_text(tree, "metadata.region", "us-east-1");
    assert_text(tree, "metadata.data_version", "1.0");
    assert_text(tree, "metadata.collection_method", "automated");
    assert_number(tree, "performance_data.stream.triad.bandwidth", 41.5);
    assert_text(tree, "performance_data.stream.triad.unit", "GB/s");
    assert_text(tree, "system_info.architecture", "x86_64");
    assert_text(tree, "system_info.instance_family", "m7i");
    assert_text(tree, "system_info.processor_vendor", "intel");
    assert_text(tree, "system_info.microcode", "0x2b000603");
    assert_text(tree, "execution_context.compiler_optimizations", "gcc 12.2.0 -O3");
    assert_text(tree, "execution_context.timing.measured", "2026-11-20T15:30:45.250Z");
    assert_null_at(tree, "execution_context.cost_usd");
    assert_null_at(tree, "attestation.instance_identity_document");
    assert_text(tree, "integrity.sha256", document.sha256);
}

static void states_the_units_of_a_group_once_each(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("cache", &facts, &document);
    AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
    assert_number(tree, "performance_data.cache.l1.latency", 5);
    assert_number(tree, "performance_data.cache.l1.latency_ns", 1.34);
    assert_text(tree, "performance_data.cache.l1.unit", "cycles|GB/s");
    assert_text(tree, "performance_data.cache.memory.unit", "ns|GB/s");
}

static void keeps_null_with_its_key_for_what_is_not_there(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("numa", &facts, &document);
    AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
    assert_number(tree, "performance_data.numa.sockets", 1);
    assert_null_at(tree, "performance_data.numa.remote.bandwidth");
    assert_null_at(tree, "performance_data.numa.inter_socket.latency");
    const cJSON *remote = cJSON_GetArrayItem(json_at(tree, "measurements"), 3);
    assert_text(remote, "name", "remote.bandwidth");
    assert_null_at(remote, "samples");
    assert_null_at(remote, "median");
    assert_number(remote, "n", 0);
    assert_null_at(tree, "execution_context.disturbances");
}

static void keeps_every_sample_beside_its_statistics(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
    const cJSON *triad = cJSON_GetArrayItem(json_at(tree, "measurements"), 3);
    assert_text(triad, "name", "triad.bandwidth");
    assert_int_equal(cJSON_GetArraySize(json_at(triad, "samples")), 7);
    assert_number(triad, "n", 7);
    assert_number(triad, "median", 41.5);
    assert_number(triad, "minimum", 41.25);
    assert_number(triad, "maximum", 42);
    assert_int_equal(cJSON_GetArraySize(json_at(triad, "mean_interval_95")), 2);
    assert_int_equal(cJSON_GetArraySize(json_at(triad, "median_interval_95")), 2);
}

static void every_document_it_builds_meets_the_schema(void **state UNUSED)
{
    struct err err = {0};
    AUTO_SCHEMA struct schema *schema = schema_load(SCHEMA_RESULT, &err);
    assert_non_null(schema);
    static const char *const suites[] = {"stream", "cache", "numa"};
    for (size_t i = 0; i < ARRAY_LENGTH(suites); i++) {
        struct document_facts facts = sample_facts();
        AUTO_DOCUMENT struct document document = {0};
        sample_document(suites[i], &facts, &document);
        AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
        assert_succeeds(schema_require(schema, tree, &err), err);
    }
}

static void a_document_of_bare_facts_meets_the_schema_too(void **state UNUSED)
{
    struct document_facts facts = {.run_id = "r1",
                                   .iteration = 1,
                                   .measured_at = SAMPLE_TIME,
                                   .collection_method = "local",
                                   .instance_type = "local",
                                   .architecture = "x86_64",
                                   .region = "local",
                                   .seconds_billed = NAN,
                                   .cost_usd = NAN};
    struct err err = {0};
    AUTO_SCHEMA struct schema *schema = schema_load(SCHEMA_RESULT, &err);
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
    assert_succeeds(schema_require(schema, tree, &err), err);
}

static void the_digest_is_that_of_the_bytes_with_zeros_in_its_place(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    AUTO_FREE char *copy = strdup(document.text);
    assert_non_null(copy);
    char *at = strstr(copy, document.sha256);
    assert_non_null(at);
    memset(at, '0', 64);
    char digest[SHA256_HEX_SIZE];
    struct err err;
    assert_succeeds(sha256_hex(copy, strlen(copy), digest, &err), err);
    assert_string_equal(digest, document.sha256);
}

static void the_same_facts_give_the_same_bytes(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document one = {0};
    AUTO_DOCUMENT struct document two = {0};
    sample_document("cache", &facts, &one);
    sample_document("cache", &facts, &two);
    assert_string_equal(one.text, two.text);
}

/* The file's own name says its digest: a document that comes out otherwise is another file. */
static void builds_the_bytes_that_tests_data_holds(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    struct err err = {0};
    size_t length = 0;
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    char path[256];
    snprintf(path, sizeof path,
             "tests/data/results/v1.0/region=us-east-1/instance_type=m7i.large/suite=stream/date=2026-11-20/"
             "handmade-test-data-1-%.12s.json",
             document.sha256);
    AUTO_FREE char *kept = fs_read_file(path, RESULT_MAX_BYTES, &length, &err);
    if (!kept)
        fail_msg("%s", err.message);
    assert_string_equal(kept, document.text);
}

static void a_document_is_one_line(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("cache", &facts, &document);
    assert_int_equal(strlen(document.text), document.length);
    assert_ptr_equal(strchr(document.text, '\n'), document.text + document.length - 1);
}

static void one_changed_byte_breaks_the_digest(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    struct err err;
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
    assert_succeeds(document_verify(document.text, document.length, tree, &err), err);
    char *digit = strstr(document.text, "41.5");
    assert_non_null(digit);
    digit[1] = '2';
    AUTO_JSON cJSON *changed = sample_tree(document.text, document.length);
    assert_fails(document_verify(document.text, document.length, changed, &err), err, ERR_DATA);
}

static void zeros_in_the_suite_s_own_texts_do_not_move_the_digest(void **state UNUSED)
{
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    struct document_facts facts = sample_facts();
    struct err err;
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    sample_output("stream", &output);
    assert_non_null(cJSON_AddStringToObject(output.parameters, "sha256", zeros));
    assert_non_null(cJSON_AddStringToObject(output.parameters, "trick", "\"integrity\":{\"sha256\":\"x"));
    AUTO_DOCUMENT struct document document = {0};
    assert_succeeds(document_build(&facts, &output, &document, &err), err);
    AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
    assert_succeeds(document_verify(document.text, document.length, tree, &err), err);
    assert_text(tree, "execution_context.parameters.sha256", zeros);
}

static void refuses_a_digest_of_another_length(void **state UNUSED)
{
    struct err err;
    const char text[] = "{\"integrity\":{\"sha256\":\"\"}}";
    AUTO_JSON cJSON *tree = sample_tree(text, strlen(text));
    assert_fails(document_verify(text, strlen(text), tree, &err), err, ERR_DATA);
}

static void refuses_a_suite_that_ran_on_another_architecture(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    facts.architecture = "arm64";
    struct err err;
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    sample_output("stream", &output);
    AUTO_DOCUMENT struct document document = {0};
    assert_fails(document_build(&facts, &output, &document, &err), err, ERR_DATA);
    assert_null(document.text);
}

static void refuses_to_build_without_the_facts_that_name_it(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    facts.region = NULL;
    struct err err;
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    sample_output("stream", &output);
    AUTO_DOCUMENT struct document document = {0};
    assert_fails(document_build(&facts, &output, &document, &err), err, ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_medians_where_the_consumers_read_them),
        cmocka_unit_test(states_the_units_of_a_group_once_each),
        cmocka_unit_test(keeps_null_with_its_key_for_what_is_not_there),
        cmocka_unit_test(keeps_every_sample_beside_its_statistics),
        cmocka_unit_test(every_document_it_builds_meets_the_schema),
        cmocka_unit_test(a_document_of_bare_facts_meets_the_schema_too),
        cmocka_unit_test(the_digest_is_that_of_the_bytes_with_zeros_in_its_place),
        cmocka_unit_test(the_same_facts_give_the_same_bytes),
        cmocka_unit_test(builds_the_bytes_that_tests_data_holds),
        cmocka_unit_test(a_document_is_one_line),
        cmocka_unit_test(one_changed_byte_breaks_the_digest),
        cmocka_unit_test(zeros_in_the_suite_s_own_texts_do_not_move_the_digest),
        cmocka_unit_test(refuses_a_digest_of_another_length),
        cmocka_unit_test(refuses_a_suite_that_ran_on_another_architecture),
        cmocka_unit_test(refuses_to_build_without_the_facts_that_name_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
