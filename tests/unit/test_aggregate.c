#include "unit.h"

#include "sample_results.h"

#include "results/aggregate.h"
#include "results/schema.h"

static const char *const suites[] = {"stream", "cache", "numa"};
static const char *const cpu_suites[] = {"linpack", "vector", "scaling"};

static cJSON *tree_of(const struct document_facts *facts, const char *suite)
{
    AUTO_DOCUMENT struct document document = {0};
    sample_document(suite, facts, &document);
    return sample_tree(document.text, document.length);
}

static enum aggregate_verdict add_tree(struct aggregate *aggregate, const cJSON *tree, const char **reason)
{
    struct err err = {0};
    enum aggregate_verdict verdict = aggregate_add(aggregate, tree, reason, &err);
    if (verdict == AGGREGATE_FAILED && err.kind != ERR_DATA)
        fail_msg("%s", err.message);
    return verdict;
}

static void add_suite(struct aggregate *aggregate, const struct document_facts *facts, const char *suite)
{
    const char *reason = NULL;
    AUTO_JSON cJSON *tree = tree_of(facts, suite);
    if (add_tree(aggregate, tree, &reason) != AGGREGATE_USED)
        fail_msg("%s was left out: %s", suite, reason);
}

static void add_all(struct aggregate *aggregate, const struct document_facts *facts)
{
    for (size_t i = 0; i < ARRAY_LENGTH(suites); i++)
        add_suite(aggregate, facts, suites[i]);
}

static struct aggregate *new_aggregate(bool sandbox)
{
    struct err err = {0};
    struct aggregate_options options = {.include_sandbox = sandbox};
    struct aggregate *aggregate = aggregate_new(&options, &err);
    assert_non_null(aggregate);
    return aggregate;
}

/* The tree, after the schema of its kind has found nothing in it. */
static cJSON *checked(cJSON *tree, const char *schema_name)
{
    struct err err = {0};
    AUTO_SCHEMA struct schema *schema = schema_load(schema_name, &err);
    assert_non_null(schema);
    assert_non_null(tree);
    assert_succeeds(schema_require(schema, tree, &err), err);
    return tree;
}

static cJSON *memory_of(const struct aggregate *aggregate)
{
    return checked(aggregate_benchmark_file(aggregate, FILE_MEMORY, NULL), SCHEMA_MEMORY_BENCHMARKS);
}

static cJSON *cpu_of(const struct aggregate *aggregate)
{
    return checked(aggregate_benchmark_file(aggregate, FILE_CPU, NULL), SCHEMA_CPU_BENCHMARKS);
}

static cJSON *metadata_of(const struct aggregate *aggregate)
{
    return checked(aggregate_metadata(aggregate, NULL), SCHEMA_METADATA);
}

/* instances["m7i.large"], whose name is no step of a dotted path. */
static const cJSON *instance(const cJSON *memory, const char *type)
{
    return cJSON_GetObjectItemCaseSensitive(json_at(memory, "instances"), type);
}

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

/* Every nested field that the consumer reads without looking whether it is there. */
static void holds_every_field_that_the_consumer_reads(void **state UNUSED)
{
    static const char *const fields[] = {
        "stream.copy.bandwidth", "stream.copy.unit",     "stream.scale.bandwidth", "stream.scale.unit",
        "stream.add.bandwidth",  "stream.add.unit",      "stream.triad.bandwidth", "stream.triad.unit",
        "cache.l1.latency",      "cache.l1.bandwidth",   "cache.l1.unit",          "cache.l2.latency",
        "cache.l2.bandwidth",    "cache.l2.unit",        "cache.l3.latency",       "cache.l3.bandwidth",
        "cache.l3.unit",         "cache.memory.latency", "cache.memory.unit",      "numa.socketCount",
        "numa.localBandwidth",   "numa.remoteBandwidth", "numa.interSocketLatency"};
    struct document_facts facts = sample_facts();
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    add_all(aggregate, &facts);
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    const cJSON *m7i = instance(memory, "m7i.large");
    assert_non_null(m7i);
    for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
        if (!json_at(m7i, fields[i]))
            fail_msg("there is no %s", fields[i]);
    assert_number(m7i, "stream.triad.bandwidth", 41.5);
    assert_text(m7i, "cache.l1.unit", "cycles|GB/s");
    assert_number(m7i, "cache.memory.latency", 109);
    assert_text(m7i, "cache.memory.unit", "ns");
    assert_number(m7i, "numa.socketCount", 1);
    assert_true(cJSON_IsNull(json_at(m7i, "numa.remoteBandwidth")));
    assert_true(cJSON_IsNull(json_at(m7i, "numa.interSocketLatency")));
    assert_text(m7i, "architecture", "intel");
    assert_text(memory, "version", "1.0");
    assert_text(memory, "lastUpdated", "2026-11-20T15:30:45Z");
    assert_number(memory, "summary.totalInstances", 1);
    assert_text(memory, "summary.bestMemoryBandwidth.instanceType", "m7i.large");
    assert_number(memory, "summary.bestMemoryBandwidth.bandwidth", 41.5);
    assert_text(memory, "summary.bestMemoryLatency.unit", "ns");
    assert_null(json_at(memory, "notice"));
}

static void cpu_file_holds_every_field_that_the_consumer_reads(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    for (size_t i = 0; i < ARRAY_LENGTH(cpu_suites); i++)
        add_suite(aggregate, &facts, cpu_suites[i]);
    AUTO_JSON cJSON *cpu = cpu_of(aggregate);
    const cJSON *m7i = instance(cpu, "m7i.large");
    assert_non_null(m7i);
    assert_number(m7i, "linpack.gflops", 111);
    assert_number(m7i, "linpack.efficiency", 0.5);
    assert_number(m7i, "linpack.problemSize", 6000);
    assert_number(m7i, "vectorization.sse2", 30);
    assert_number(m7i, "vectorization.avx512", 222);
    assert_null(json_at(m7i, "vectorization.neon"));
    assert_number(m7i, "scaling.singleThread", 101);
    assert_number(m7i, "scaling.allCores", 101);
    assert_number(m7i, "scaling.smtEfficiency", 0.525);
    assert_true(cJSON_IsNull(json_at(m7i, "scaling.coreEfficiency")));
    assert_true(cJSON_IsNull(json_at(m7i, "coremark.score")));
    assert_true(cJSON_IsNull(json_at(m7i, "coremark.coremarkMhz")));
    assert_number(m7i, "results", 3);
    assert_text(cpu, "summary.bestPeakGflops.instanceType", "m7i.large");
    assert_true(cJSON_IsNull(json_at(cpu, "summary.bestCoremarkScore.score")));
    assert_int_equal(cJSON_GetArraySize(json_at(cpu, "rankings.peak_gflops")), 1);
    assert_int_equal(cJSON_GetArraySize(json_at(cpu, "rankings.coremark_score")), 0);
}

/* What was measured for one file says nothing about the other. */
static void a_type_enters_the_file_whose_suites_it_has(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    add_all(aggregate, &facts);
    add_suite(aggregate, &facts, "linpack");
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    AUTO_JSON cJSON *cpu = cpu_of(aggregate);
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    const cJSON *missing =
        cJSON_GetObjectItemCaseSensitive(json_at(metadata, "incompleteTypes"), "m7i.large");
    assert_non_null(instance(memory, "m7i.large"));
    assert_number(instance(memory, "m7i.large"), "results", 3);
    assert_null(instance(cpu, "m7i.large"));
    /* five instruction sets of which it has none, five figures of scaling */
    assert_int_equal(cJSON_GetArraySize(missing), 10);
}

static void a_type_without_any_instruction_set_is_not_listed(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    add_suite(aggregate, &facts, "linpack");
    add_suite(aggregate, &facts, "scaling");
    AUTO_JSON cJSON *cpu = cpu_of(aggregate);
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    assert_null(instance(cpu, "m7i.large"));
    assert_int_equal(cJSON_GetArraySize(
                         cJSON_GetObjectItemCaseSensitive(json_at(metadata, "incompleteTypes"), "m7i.large")),
                     5);
}

static void carries_the_newest_stream_result_for_the_older_reader(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    add_all(aggregate, &facts);
    facts.instance_type = "m7i.xlarge";
    facts.measured_at -= 86400;
    add_all(aggregate, &facts);
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    assert_number(memory, "performance_data.stream.copy.bandwidth", 38.75);
    assert_text(memory, "system_info.architecture", "x86_64");
    assert_text(memory, "metadata.instance_type", "m7i.large");
    assert_text(memory, "execution_context.compiler_optimizations", "gcc 12.2.0 -O3");
}

static void an_empty_input_leaves_every_object_that_is_read_through(void **state UNUSED)
{
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    assert_true(cJSON_IsNull(json_at(memory, "performance_data.stream.copy.bandwidth")));
    assert_true(cJSON_IsNull(json_at(memory, "system_info.architecture")));
    assert_true(cJSON_IsNull(json_at(memory, "summary.bestMemoryBandwidth.bandwidth")));
    assert_int_equal(cJSON_GetArraySize(json_at(memory, "rankings.triad_bandwidth")), 0);
    assert_int_equal(cJSON_GetArraySize(json_at(memory, "instances")), 0);
    assert_number(memory, "summary.totalInstances", 0);
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    assert_number(metadata, "results.used", 0);
}

static void a_type_that_lacks_a_suite_is_named_and_not_listed(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    const char *reason = NULL;
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    for (size_t i = 0; i < 2; i++) {
        AUTO_JSON cJSON *tree = tree_of(&facts, suites[i]);
        assert_int_equal(add_tree(aggregate, tree, &reason), AGGREGATE_USED);
    }
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    assert_null(instance(memory, "m7i.large"));
    assert_number(memory, "summary.totalInstances", 0);
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    const cJSON *missing =
        cJSON_GetObjectItemCaseSensitive(json_at(metadata, "incompleteTypes"), "m7i.large");
    assert_int_equal(cJSON_GetArraySize(missing), 4);
    assert_string_equal(cJSON_GetArrayItem(missing, 0)->valuestring, "numa.interSocketLatency");
}

static void a_type_of_an_unknown_vendor_is_not_listed(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    facts.processor_vendor = NULL;
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    add_all(aggregate, &facts);
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    assert_null(instance(memory, "m7i.large"));
}

/* A stream document whose triad is so many GB/s in every sample. */
static cJSON *stream_with_triad(struct document_facts *facts, unsigned iteration, double bandwidth)
{
    struct err err;
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    AUTO_DOCUMENT struct document document = {0};
    sample_output("stream", &output);
    for (size_t i = 0; i < output.metrics[3].count; i++)
        output.metrics[3].samples[i] = bandwidth;
    facts->iteration = iteration;
    assert_succeeds(document_build(facts, &output, &document, &err), err);
    return sample_tree(document.text, document.length);
}

static void takes_the_median_over_documents(void **state UNUSED)
{
    static const double bandwidths[] = {30, 90, 50};
    struct document_facts facts = sample_facts();
    const char *reason = NULL;
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    add_all(aggregate, &facts); /* 41.5 */
    for (unsigned i = 0; i < 3; i++) {
        AUTO_JSON cJSON *tree = stream_with_triad(&facts, i + 2, bandwidths[i]);
        assert_int_equal(add_tree(aggregate, tree, &reason), AGGREGATE_USED);
    }
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    assert_number(instance(memory, "m7i.large"), "stream.triad.bandwidth", 45.75);
    assert_number(instance(memory, "m7i.large"), "results", 6);
}

static void ranks_bandwidth_from_the_top_and_names_decide_ties(void **state UNUSED)
{
    static const struct {
        const char *type;
        double bandwidth;
    } rows[] = {{"m7i.large", 40}, {"c7i.large", 80}, {"a7i.large", 40}};
    const char *reason = NULL;
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct document_facts facts = sample_facts();
        facts.instance_type = rows[i].type;
        AUTO_JSON cJSON *stream = stream_with_triad(&facts, 1, rows[i].bandwidth);
        AUTO_JSON cJSON *cache = tree_of(&facts, "cache");
        AUTO_JSON cJSON *numa = tree_of(&facts, "numa");
        assert_int_equal(add_tree(aggregate, stream, &reason), AGGREGATE_USED);
        assert_int_equal(add_tree(aggregate, cache, &reason), AGGREGATE_USED);
        assert_int_equal(add_tree(aggregate, numa, &reason), AGGREGATE_USED);
    }
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    const cJSON *ranking = json_at(memory, "rankings.triad_bandwidth");
    assert_text(cJSON_GetArrayItem(ranking, 0), "instanceType", "c7i.large");
    assert_text(cJSON_GetArrayItem(ranking, 1), "instanceType", "a7i.large");
    assert_text(cJSON_GetArrayItem(ranking, 2), "instanceType", "m7i.large");
    assert_text(cJSON_GetArrayItem(ranking, 2), "architecture", "intel");
}

static void sandbox_results_stay_out_unless_asked_for_by_name(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    facts.collection_method = "sandbox";
    const char *reason = NULL;
    AUTO_JSON cJSON *tree = tree_of(&facts, "stream");
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    assert_int_equal(add_tree(aggregate, tree, &reason), AGGREGATE_LEFT_OUT);
    assert_non_null(strstr(reason, "sandbox"));
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    assert_number(metadata, "results.leftOut.sandbox", 1);
}

static void a_file_with_sandbox_results_says_so_first(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    facts.collection_method = "sandbox";
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(true);
    add_all(aggregate, &facts);
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    assert_string_equal(memory->child->string, "notice");
    assert_non_null(instance(memory, "m7i.large"));
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    assert_string_equal(metadata->child->string, "notice");
}

static void sandbox_and_ec2_results_of_a_type_never_mix(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(true);
    add_all(aggregate, &facts);
    facts.collection_method = "sandbox";
    facts.run_id = "sandbox-run";
    const char *reason = NULL;
    AUTO_JSON cJSON *sandbox = stream_with_triad(&facts, 1, 500);
    assert_int_equal(add_tree(aggregate, sandbox, &reason), AGGREGATE_USED);
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    assert_number(instance(memory, "m7i.large"), "stream.triad.bandwidth", 41.5);
    assert_number(memory, "performance_data.stream.triad.bandwidth", 41.5);
}

static void assert_left_out_when(const char *path, cJSON *item)
{
    struct document_facts facts = sample_facts();
    const char *reason = NULL;
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    AUTO_JSON cJSON *tree = tree_of(&facts, "stream");
    sample_set(tree, path, item);
    assert_int_equal(add_tree(aggregate, tree, &reason), AGGREGATE_LEFT_OUT);
    assert_non_null(reason);
}

static void what_was_not_measured_as_it_says_stays_out(void **state UNUSED)
{
    static const char *const emulated[] = {"emulated"};
    static const char *const resident[] = {"cache_resident"};
    assert_left_out_when("execution_context.passed", cJSON_CreateFalse());
    assert_left_out_when("execution_context.flags", cJSON_CreateStringArray(emulated, 1));
    assert_left_out_when("execution_context.flags", cJSON_CreateStringArray(resident, 1));
    assert_left_out_when("metadata.benchmark_suite", cJSON_CreateString("custom"));
}

static void a_suite_in_another_unit_stays_out(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    const char *reason = NULL;
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    AUTO_JSON cJSON *tree = tree_of(&facts, "stream");
    sample_set(cJSON_GetArrayItem(cJSON_GetObjectItem(tree, "measurements"), 0), "unit",
               cJSON_CreateString("MB/s"));
    assert_int_equal(add_tree(aggregate, tree, &reason), AGGREGATE_LEFT_OUT);
}

static void a_copy_counts_once_and_a_forgery_not_at_all(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    const char *reason = NULL;
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    AUTO_JSON cJSON *tree = stream_with_triad(&facts, 1, 40);
    AUTO_JSON cJSON *other = stream_with_triad(&facts, 1, 400);
    assert_int_equal(add_tree(aggregate, tree, &reason), AGGREGATE_USED);
    assert_int_equal(add_tree(aggregate, tree, &reason), AGGREGATE_LEFT_OUT);
    assert_int_equal(add_tree(aggregate, other, &reason), AGGREGATE_FAILED);
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    assert_number(metadata, "results.used", 1);
}

static void remembers_thousands_of_documents(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    const char *reason = NULL;
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    AUTO_JSON cJSON *tree = stream_with_triad(&facts, 1, 40);
    for (int round = 0; round < 2; round++)
        for (int i = 1; i <= 3000; i++) {
            sample_set(tree, "metadata.iteration", cJSON_CreateNumber(i));
            assert_int_equal(add_tree(aggregate, tree, &reason), round ? AGGREGATE_LEFT_OUT : AGGREGATE_USED);
        }
}

/* Three types, two iterations each, in the order given, as text. */
static char *memory_text(const int order[6])
{
    static const char *const types[] = {"m7i.large", "c7i.large", "r7i.large"};
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(false);
    for (size_t i = 0; i < 6; i++) {
        struct document_facts facts = sample_facts();
        facts.instance_type = types[order[i] % 3];
        facts.iteration = (unsigned)order[i] / 3 + 1;
        facts.measured_at += (double)(facts.iteration - 1);
        add_all(aggregate, &facts);
    }
    AUTO_JSON cJSON *memory = memory_of(aggregate);
    return json_print(memory, true, NULL);
}

static void the_order_of_the_documents_does_not_show(void **state UNUSED)
{
    AUTO_FREE char *forward = memory_text((const int[]){0, 1, 2, 3, 4, 5});
    AUTO_FREE char *shuffled = memory_text((const int[]){4, 2, 5, 0, 3, 1});
    assert_non_null(forward);
    assert_non_null(shuffled);
    assert_string_equal(forward, shuffled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_every_field_that_the_consumer_reads),
        cmocka_unit_test(cpu_file_holds_every_field_that_the_consumer_reads),
        cmocka_unit_test(a_type_enters_the_file_whose_suites_it_has),
        cmocka_unit_test(a_type_without_any_instruction_set_is_not_listed),
        cmocka_unit_test(carries_the_newest_stream_result_for_the_older_reader),
        cmocka_unit_test(an_empty_input_leaves_every_object_that_is_read_through),
        cmocka_unit_test(a_type_that_lacks_a_suite_is_named_and_not_listed),
        cmocka_unit_test(a_type_of_an_unknown_vendor_is_not_listed),
        cmocka_unit_test(takes_the_median_over_documents),
        cmocka_unit_test(ranks_bandwidth_from_the_top_and_names_decide_ties),
        cmocka_unit_test(sandbox_results_stay_out_unless_asked_for_by_name),
        cmocka_unit_test(a_file_with_sandbox_results_says_so_first),
        cmocka_unit_test(sandbox_and_ec2_results_of_a_type_never_mix),
        cmocka_unit_test(what_was_not_measured_as_it_says_stays_out),
        cmocka_unit_test(a_suite_in_another_unit_stays_out),
        cmocka_unit_test(a_copy_counts_once_and_a_forgery_not_at_all),
        cmocka_unit_test(remembers_thousands_of_documents),
        cmocka_unit_test(the_order_of_the_documents_does_not_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
