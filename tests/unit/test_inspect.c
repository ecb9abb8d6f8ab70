#include "unit.h"

#include "sample_results.h"

#include "orchestrator/event.h"
#include "results/inspect.h"

static int load_inspector(void **state)
{
    struct inspector *inspector = calloc(1, sizeof *inspector);
    *state = inspector;
    return inspector ? inspector_init(inspector, NULL) : -1;
}

static int free_inspector(void **state)
{
    inspector_free(*state);
    free(*state);
    return 0;
}

struct found {
    char rules[256]; /* each rule once, in the order met, a space behind it */
    char last[1024];
    size_t reports;
};

static void keep(void *context, const char *rule, const char *message)
{
    struct found *found = context;
    found->reports++;
    snprintf(found->last, sizeof found->last, "%s", message);
    char word[64];
    snprintf(word, sizeof word, "%s ", rule);
    size_t used = strlen(found->rules);
    if (!strstr(found->rules, word))
        snprintf(found->rules + used, sizeof found->rules - used, "%s", word);
}

static struct found inspect_text(void **state, const char *text, size_t length)
{
    struct found found = {0};
    AUTO_INSPECTED struct inspected inspected = {0};
    size_t count = inspect_file(*state, text, length, &inspected, keep, &found);
    assert_true(count >= found.reports);
    assert_int_equal(count == 0, found.rules[0] == '\0');
    return found;
}

static cJSON *tree_of(const char *suite)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document(suite, &facts, &document);
    return sample_tree(document.text, document.length);
}

/* What is found in the tree once it is sealed with a digest of its own. */
static struct found inspect_tree(void **state, cJSON *tree)
{
    struct err err;
    AUTO_DOCUMENT struct document document = {0};
    assert_succeeds(document_seal(tree, &document, &err), err);
    return inspect_text(state, document.text, document.length);
}

static struct found inspect_changed(void **state, const char *suite, const char *path, cJSON *item)
{
    AUTO_JSON cJSON *tree = tree_of(suite);
    sample_set(tree, path, item);
    return inspect_tree(state, tree);
}

static void finds_nothing_in_what_the_program_builds(void **state)
{
    static const char *const suites[] = {"stream", "cache", "numa"};
    for (size_t i = 0; i < ARRAY_LENGTH(suites); i++) {
        AUTO_JSON cJSON *tree = tree_of(suites[i]);
        struct found found = inspect_tree(state, tree);
        if (found.rules[0])
            fail_msg("%s: %s%s", suites[i], found.rules, found.last);
    }
}

static void names_the_rule_json(void **state)
{
    assert_string_equal(inspect_text(state, "", 0).rules, "json ");
    assert_string_equal(inspect_text(state, "{\"a\":", 5).rules, "json ");
    assert_string_equal(inspect_text(state, "\xff", 1).rules, "json ");
    char deep[4096];
    memset(deep, '[', sizeof deep);
    assert_string_equal(inspect_text(state, deep, sizeof deep).rules, "json ");
}

static void names_the_rule_schema(void **state)
{
    assert_string_equal(inspect_text(state, "{}", 2).rules, "schema ");
    assert_string_equal(inspect_text(state, "[]", 2).rules, "schema ");
    assert_string_equal(inspect_changed(state, "stream", "schema_version", cJSON_CreateString("2.0.0")).rules,
                        "schema ");
    assert_string_equal(inspect_changed(state, "stream", "metadata.iteration", cJSON_CreateNumber(0)).rules,
                        "schema ");
    assert_string_equal(inspect_changed(state, "stream", "metadata.extra", cJSON_CreateTrue()).rules,
                        "schema ");
    assert_string_equal(
        inspect_changed(state, "stream", "performance_data.stream.triad.bandwidth", cJSON_CreateString("x"))
            .rules,
        "schema ");
}

/* Whatever else a later version has or lacks. */
static void another_version_is_one_finding(void **state)
{
    AUTO_JSON cJSON *tree = tree_of("stream");
    sample_set(tree, "schema_version", cJSON_CreateString("2.0.0"));
    cJSON_DeleteItemFromObject(tree, "measurements");
    sample_set(tree, "integrity.sha256", cJSON_CreateString("another way to say it"));
    AUTO_FREE char *text = json_print(tree, false, NULL);
    struct found found = inspect_text(state, text, strlen(text));
    assert_int_equal(found.reports, 1);
    assert_string_equal(found.rules, "schema ");
    assert_string_equal(found.last, "the document is version 2.0.0, this program reads 1.0.0");
}

static void names_the_rule_checksum(void **state)
{
    struct document_facts facts = sample_facts();
    AUTO_DOCUMENT struct document document = {0};
    sample_document("stream", &facts, &document);
    char *at = strstr(document.text, "us-east-1");
    assert_non_null(at);
    at[8] = '2';
    assert_string_equal(inspect_text(state, document.text, document.length).rules, "checksum ");
}

static const char *say_arm64(const char *instance_type UNUSED)
{
    return "arm64";
}

static void names_the_rule_architecture(void **state)
{
    struct inspector *inspector = *state;
    assert_string_equal(
        inspect_changed(state, "stream", "system_info.processor_vendor", cJSON_CreateString("graviton")).last,
        "the processor says GenuineIntel, the type has processors of graviton");
    assert_string_equal(
        inspect_changed(state, "stream", "system_info.processor_vendor", cJSON_CreateString("amd")).rules,
        "architecture ");
    assert_string_equal(
        inspect_changed(state, "stream", "system_info.instance_family", cJSON_CreateString("m7")).rules,
        "architecture ");
    assert_string_equal(
        inspect_changed(state, "stream", "system_info.architecture", cJSON_CreateString("arm64")).rules,
        "architecture ");
    AUTO_JSON cJSON *tree = tree_of("stream");
    inspector->architecture_of = say_arm64;
    struct found found = inspect_tree(state, tree);
    inspector->architecture_of = NULL;
    assert_string_equal(found.rules, "architecture ");
}

/* In the sandbox the type is a name, and the processor whatever the machine has. */
static void the_sandbox_s_processor_need_not_be_the_type_s(void **state)
{
    AUTO_JSON cJSON *tree = tree_of("stream");
    sample_set(tree, "metadata.collection_method", cJSON_CreateString("sandbox"));
    sample_set(tree, "system_info.cpu_vendor", cJSON_CreateString("AuthenticAMD"));
    assert_string_equal(inspect_tree(state, tree).rules, "");
}

static void names_the_rule_statistics(void **state)
{
    assert_string_equal(
        inspect_changed(state, "stream", "performance_data.stream.triad.bandwidth", cJSON_CreateNumber(99))
            .rules,
        "statistics ");
    assert_string_equal(
        inspect_changed(state, "stream", "performance_data.stream.triad.best", cJSON_CreateNumber(99)).rules,
        "statistics ");
    assert_string_equal(
        inspect_changed(state, "stream", "performance_data.stream.triad.unit", cJSON_CreateString("MB/s"))
            .rules,
        "statistics ");
    AUTO_JSON cJSON *tree = tree_of("stream");
    cJSON *triad = cJSON_GetArrayItem(cJSON_GetObjectItem(tree, "measurements"), 3);
    sample_set(triad, "mean_interval_95", cJSON_CreateNull());
    assert_string_equal(inspect_tree(state, tree).last,
                        "'mean_interval_95' of the metric 'triad.bandwidth' is not what its samples give");
    sample_set(triad, "mean_interval_95", cJSON_CreateDoubleArray((const double[]){41.4999, 41.5}, 2));
    assert_string_equal(inspect_tree(state, tree).rules, "statistics ");
}

/* The measurement of that name, cut down to its first sample with what that says of itself. */
static void keep_one_sample(cJSON *tree, const char *name, const char *path)
{
    static const char *const unknown[] = {"standard_deviation", "coefficient_of_variation",
                                          "mean_interval_95", "median_interval_95"};
    static const char *const same[] = {"median", "mean", "minimum", "maximum"};
    cJSON *measurement;
    cJSON_ArrayForEach(measurement, cJSON_GetObjectItem(tree, "measurements"))
    {
        if (strcmp(json_string_or(measurement, "name", ""), name) != 0)
            continue;
        double sample = cJSON_GetArrayItem(cJSON_GetObjectItem(measurement, "samples"), 0)->valuedouble;
        sample_set(measurement, "samples", cJSON_CreateDoubleArray(&sample, 1));
        sample_set(measurement, "n", cJSON_CreateNumber(1));
        sample_set(measurement, "outliers", cJSON_CreateArray());
        for (size_t i = 0; i < ARRAY_LENGTH(same); i++)
            sample_set(measurement, same[i], cJSON_CreateNumber(sample));
        for (size_t i = 0; i < ARRAY_LENGTH(unknown); i++)
            sample_set(measurement, unknown[i], cJSON_CreateNull());
        sample_set(tree, path, cJSON_CreateNumber(sample));
    }
}

static void one_sample_claims_no_interval(void **state)
{
    AUTO_JSON cJSON *tree = tree_of("stream");
    keep_one_sample(tree, "triad.bandwidth", "performance_data.stream.triad.bandwidth");
    assert_string_equal(inspect_tree(state, tree).last, "");
    cJSON *triad = cJSON_GetArrayItem(cJSON_GetObjectItem(tree, "measurements"), 3);
    sample_set(triad, "median_interval_95", cJSON_CreateDoubleArray((const double[]){41.2, 41.3}, 2));
    assert_string_equal(inspect_tree(state, tree).last,
                        "'median_interval_95' of the metric 'triad.bandwidth' is not what its samples give");
}

static void a_metric_in_the_unit_s_place_is_found_and_not_followed(void **state)
{
    AUTO_JSON cJSON *tree = tree_of("stream");
    cJSON *measurements = cJSON_GetObjectItem(tree, "measurements");
    sample_set(cJSON_GetArrayItem(measurements, 0), "name", cJSON_CreateString("unit.bandwidth"));
    sample_set(cJSON_GetArrayItem(measurements, 1), "name", cJSON_CreateString("bandwidth"));
    assert_string_equal(inspect_tree(state, tree).rules, "statistics ");
    sample_set(cJSON_GetArrayItem(measurements, 0), "name", cJSON_CreateString("triad"));
    assert_string_equal(inspect_tree(state, tree).rules, "statistics ");
}

/* The suite's document with one value in all samples of a metric. */
static cJSON *tree_with(const char *suite, const char *metric, double value, const char *flag)
{
    struct document_facts facts = sample_facts();
    struct err err;
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    sample_output(suite, &output);
    for (size_t i = 0; i < output.metric_count; i++)
        if (strcmp(output.metrics[i].name, metric) == 0)
            for (size_t j = 0; j < output.metrics[i].count; j++)
                output.metrics[i].samples[j] = value;
    if (flag)
        cJSON_AddItemToArray(output.flags, cJSON_CreateString(flag));
    AUTO_DOCUMENT struct document document = {0};
    assert_succeeds(document_build(&facts, &output, &document, &err), err);
    return sample_tree(document.text, document.length);
}

static void assert_found(void **state, const char *suite, const char *metric, double value, const char *flag,
                         const char *rules)
{
    AUTO_JSON cJSON *tree = tree_with(suite, metric, value, flag);
    struct found found = inspect_tree(state, tree);
    if (strcmp(found.rules, rules) != 0)
        fail_msg("%s %g: '%s', not '%s': %s", metric, value, found.rules, rules, found.last);
}

static void memory_that_answers_like_a_cache_is_implausible(void **state)
{
    assert_found(state, "cache", "memory.latency", 0.7, NULL, "plausibility ");
    assert_found(state, "cache", "memory.latency", 80, NULL, "");
    assert_found(state, "cache", "memory.latency", 12, "cache_resident", "");
}

static void a_share_of_more_than_all_is_implausible(void **state)
{
    assert_found(state, "linpack", "efficiency", 1.1, NULL, "");
    assert_found(state, "linpack", "efficiency", 1.5, NULL, "plausibility ");
    assert_found(state, "linpack", "efficiency", 1.5, "emulated", "");
}

/* One core at 3.74 GHz, 192 bytes a cycle, a clock that may rise to 1.6 of that: 1149 GB/s. */
static void bandwidth_is_bounded_by_the_cores(void **state)
{
    AUTO_JSON cJSON *tree = tree_with("cache", "memory.bandwidth", 1200, NULL);
    assert_string_equal(
        inspect_tree(state, tree).last,
        "performance_data.cache.memory.bandwidth is 1200 GB/s, over 1149: 1 cores at 3.74 GHz "
        "move 192 bytes a cycle each");
    assert_found(state, "cache", "memory.bandwidth", 1100, NULL, "");
    assert_found(state, "cache", "memory.bandwidth", 1200, "emulated", "");
}

/* Eight channels of DDR5-4800: 307.2 GB/s, and a third more that caches may hold. */
static void bandwidth_is_bounded_by_the_memory_of_the_processor(void **state)
{
    AUTO_JSON cJSON *tree = tree_with("stream", "copy.bandwidth", 420, NULL);
    sample_set(tree, "system_info.microarchitecture", cJSON_CreateString("Sapphire Rapids"));
    assert_string_equal(inspect_tree(state, tree).last,
                        "performance_data.stream.copy.bandwidth is 420 GB/s, over 409.6: 1 x Sapphire Rapids "
                        "have 8 channels of 4800 MT/s each");
    sample_set(tree, "system_info.sockets", cJSON_CreateNumber(2));
    assert_string_equal(inspect_tree(state, tree).rules, "");
    sample_set(tree, "system_info.sockets", cJSON_CreateNumber(1));
    sample_set(tree, "metadata.collection_method", cJSON_CreateString("sandbox"));
    assert_string_equal(inspect_tree(state, tree).rules, "");
}

static void set_state(cJSON *tree, const char *name, const char *time)
{
    char path[128];
    snprintf(path, sizeof path, "execution_context.timing.%s", name);
    sample_set(tree, path, cJSON_CreateString(time));
}

static void names_the_rule_timing(void **state)
{
    assert_string_equal(
        inspect_changed(state, "stream", "metadata.timestamp", cJSON_CreateString("2026-11-20T15:30:48Z"))
            .last,
        "metadata.timestamp and 'measured' are 3 s apart");
    assert_string_equal(
        inspect_changed(state, "stream", "metadata.timestamp", cJSON_CreateString("2026-13-20T15:30:45Z"))
            .last,
        "metadata.timestamp is 2026-13-20T15:30:45Z, which is no time");
    assert_string_equal(
        inspect_changed(state, "stream", "execution_context.duration_seconds", cJSON_CreateNumber(62)).last,
        "the suite took 62 s, between the states are 60.000 s");
    assert_string_equal(
        inspect_changed(state, "stream", "execution_context.seconds_billed", cJSON_CreateNumber(58)).last,
        "billed are 58 s, from 'launched' to 'measured' are 60.000 s");
    assert_string_equal(
        inspect_changed(state, "stream", "execution_context.seconds_billed", cJSON_CreateNull()).rules, "");
    assert_string_equal(
        inspect_changed(state, "stream", "execution_context.timing", cJSON_CreateObject()).rules, "");
}

/* The rule knows every name that the orchestrator gives to a state. */
static void each_state_comes_after_the_one_before(void **state)
{
    for (enum job_state at = JOB_PLANNED; at < JOB_TERMINATED; at++) {
        char wanted[128];
        AUTO_JSON cJSON *tree = tree_of("stream");
        sample_set(tree, "execution_context.timing", cJSON_CreateObject());
        sample_set(tree, "execution_context.duration_seconds", cJSON_CreateNumber(0));
        set_state(tree, job_state_name(at), "2026-11-20T15:30:45.250Z");
        set_state(tree, job_state_name(at + 1), "2026-11-20T15:30:45.250Z");
        assert_string_equal(inspect_tree(state, tree).last, "");
        set_state(tree, job_state_name(at + 1), "2026-11-20T15:30:45.125Z");
        snprintf(wanted, sizeof wanted, "'%s' is 0.125 s earlier than '%s'", job_state_name(at + 1),
                 job_state_name(at));
        assert_string_equal(inspect_tree(state, tree).last, wanted);
    }
}

static void reports_no_more_than_the_first_findings_and_counts_them_all(void **state)
{
    AUTO_JSON cJSON *tree = tree_of("stream");
    for (int i = 0; i < 100; i++) {
        char path[64];
        snprintf(path, sizeof path, "metadata.extra_%d", i);
        sample_set(tree, path, cJSON_CreateTrue());
    }
    struct err err;
    struct found found = {0};
    AUTO_DOCUMENT struct document document = {0};
    AUTO_JSON cJSON *parsed = NULL;
    assert_succeeds(document_seal(tree, &document, &err), err);
    assert_int_equal(inspect_result(*state, document.text, document.length, &parsed, keep, &found), 100);
    assert_int_equal(found.reports, INSPECT_MAX_FINDINGS);
}

static void refuses_a_file_that_names_a_schema_we_do_not_have(void **state)
{
    const char text[] = "{\"schema\": \"data/schemas/v1.0/../../../etc/passwd\"}";
    assert_string_equal(inspect_text(state, text, strlen(text)).rules, "schema ");
}

#define WITH_INSPECTOR(test) cmocka_unit_test_setup_teardown(test, load_inspector, free_inspector)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_INSPECTOR(finds_nothing_in_what_the_program_builds),
        WITH_INSPECTOR(names_the_rule_json),
        WITH_INSPECTOR(names_the_rule_schema),
        WITH_INSPECTOR(another_version_is_one_finding),
        WITH_INSPECTOR(names_the_rule_checksum),
        WITH_INSPECTOR(names_the_rule_architecture),
        WITH_INSPECTOR(the_sandbox_s_processor_need_not_be_the_type_s),
        WITH_INSPECTOR(names_the_rule_statistics),
        WITH_INSPECTOR(a_metric_in_the_unit_s_place_is_found_and_not_followed),
        WITH_INSPECTOR(one_sample_claims_no_interval),
        WITH_INSPECTOR(memory_that_answers_like_a_cache_is_implausible),
        WITH_INSPECTOR(a_share_of_more_than_all_is_implausible),
        WITH_INSPECTOR(bandwidth_is_bounded_by_the_cores),
        WITH_INSPECTOR(bandwidth_is_bounded_by_the_memory_of_the_processor),
        WITH_INSPECTOR(names_the_rule_timing),
        WITH_INSPECTOR(each_state_comes_after_the_one_before),
        WITH_INSPECTOR(reports_no_more_than_the_first_findings_and_counts_them_all),
        WITH_INSPECTOR(refuses_a_file_that_names_a_schema_we_do_not_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
