#include "report/document.h"

#include "test.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

struct fixture {
    struct document document;
    struct machine machine;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    fixture->document.suite = "stream";
    fixture->document.suite_version = "1.0.0";
    fixture->machine.root = "/nowhere";
    fixture->machine.usable.count = 1;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void expect_in_text(const struct fixture *fixture, const char *wanted)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(DOCUMENT_BYTES_MAX);
    struct err err = {0};
    assert_int_equal(document_write(&fixture->document, &fixture->machine, &text, &err), 0);
    if (!strstr(strbuf_text(&text), wanted))
        fail_msg("no %s in %s", wanted, strbuf_text(&text));
}

static void passes_only_when_there_was_a_check_and_all_passed(void **state)
{
    struct fixture *fixture = *state;
    assert_false(document_passed(&fixture->document));
    document_add_check(&fixture->document, "one", true, "%d", 1);
    assert_true(document_passed(&fixture->document));
    expect_in_text(fixture,
                   "\"passed\":true,\"checks\":[{\"name\":\"one\",\"passed\":true,\"detail\":\"1\"}]");
    document_add_check(&fixture->document, "two", false, "no");
    assert_false(document_passed(&fixture->document));
    expect_in_text(fixture, "\"suite_version\":\"1.0.0\",\"passed\":false");
}

static void writes_samples_in_order_and_null_for_what_the_hardware_lacks(void **state)
{
    struct fixture *fixture = *state;
    const double samples[] = {3.5, 1, 2};
    document_add_metric(&fixture->document, "triad.bandwidth", "GB/s", HIGHER_IS_BETTER, samples, 3);
    document_add_metric(&fixture->document, "l3.latency", "cycles", LOWER_IS_BETTER, NULL, 3);
    expect_in_text(fixture, "{\"name\":\"triad.bandwidth\",\"unit\":\"GB/s\",\"direction\":\"higher\","
                            "\"samples\":[3.5,1,2]}");
    expect_in_text(fixture, "\"unit\":\"cycles\",\"direction\":\"lower\",\"samples\":null}");
}

static void refuses_a_sample_that_is_not_finite(void **state)
{
    struct fixture *fixture = *state;
    const double samples[] = {1, NAN};
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(DOCUMENT_BYTES_MAX);
    struct err err = {0};
    document_add_metric(&fixture->document, "x", "ns", LOWER_IS_BETTER, samples, 2);
    assert_int_equal(document_write(&fixture->document, &fixture->machine, &text, &err), -1);
    assert_int_equal(err.kind, ERR_DATA);
}

static void writes_null_for_all_that_is_unknown(void **state)
{
    struct fixture *fixture = *state;
    document_add_optional(&fixture->document, "caches", (struct optional_u64){0});
    expect_in_text(fixture, "\"parameters\":{\"caches\":null}");
    expect_in_text(fixture, "\"cpu_vendor\":null,\"cpu_model\":null,\"cpu_id\":null,\"cpu_product\":null,"
                            "\"microarchitecture\":null,\"microcode\":null");
    expect_in_text(fixture,
                   "\"logical_cpus\":null,\"usable_cpus\":1,\"physical_cores\":null,\"sockets\":null");
    expect_in_text(fixture, "\"caches\":null,\"numa_nodes\":null,\"memory_total_bytes\":null");
    expect_in_text(fixture, "\"kernel\":null,\"hypervisor\":null,\"mitigations\":null,"
                            "\"transparent_huge_pages\":null,\"huge_page_pools\":null}");
}

static void writes_what_was_counted_in_seconds_and_null_for_what_is_hidden(void **state)
{
    struct fixture *fixture = *state;
    expect_in_text(fixture, "\"disturbances\":{\"stolen_seconds\":null,\"throttled_periods\":null,"
                            "\"throttled_seconds\":null,\"thermal_throttles\":null,\"preemptions\":null}");
    fixture->document.disturbances = (struct disturbance_counts){
        .stolen_ticks = known_u64((uint64_t)sysconf(_SC_CLK_TCK) * 3 / 2),
        .quota_stops = {known_u64(2), known_u64(250000000)},
        .thermal_throttles = known_u64(0),
        .preemptions = known_u64(7),
    };
    expect_in_text(fixture, "\"disturbances\":{\"stolen_seconds\":1.5,\"throttled_periods\":2,"
                            "\"throttled_seconds\":0.25,\"thermal_throttles\":0,\"preemptions\":7}");
}

static void raises_a_flag_once(void **state)
{
    struct fixture *fixture = *state;
    document_add_flag(&fixture->document, "unstable");
    document_add_flag(&fixture->document, "cache_resident");
    document_add_flag(&fixture->document, "unstable");
    expect_in_text(fixture, "\"flags\":[\"unstable\",\"cache_resident\"]");
}

static void keeps_names_that_are_made_up(void **state)
{
    struct fixture *fixture = *state;
    const char *first = document_name(&fixture->document, "curve.kib_%d", 4);
    const char *second = document_name(&fixture->document, "curve.kib_%d", 1024);
    assert_string_equal(first, "curve.kib_4");
    assert_string_equal(second, "curve.kib_1024");
}

static void largest_document_fits_its_cap(void **state)
{
    struct fixture *fixture = *state;
    double samples[DOCUMENT_SAMPLES_MAX / METRICS_MAX];
    for (size_t i = 0; i < ARRAY_LENGTH(samples); i++)
        samples[i] = -1.23456789e-100;
    for (size_t i = 0; i < METRICS_MAX; i++)
        document_add_metric(&fixture->document, "a.rather.long.name.for.a.metric", "cycles", LOWER_IS_BETTER,
                            samples, ARRAY_LENGTH(samples));
    struct mitigations *mitigations = &fixture->machine.mitigations;
    mitigations->known = true;
    for (; mitigations->count < MITIGATIONS_MAX; mitigations->count++) {
        struct mitigation *row = &mitigations->rows[mitigations->count];
        memset(row->name, 'n', sizeof row->name - 1);
        memset(row->text, '\n', sizeof row->text - 1);
    }
    fixture->machine.nodes.known = true;
    fixture->machine.nodes.count = NODES_MAX;
    for (size_t node = 0; node < NODES_MAX; node++) {
        struct cpu_list *cpus = &fixture->machine.nodes.rows[node].cpus;
        for (size_t cpu = node; cpu < CPUS_MAX; cpu += NODES_MAX)
            cpus->cpus[cpus->count++] = (uint16_t)cpu;
    }
    expect_in_text(fixture, "\"protocol\":1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(passes_only_when_there_was_a_check_and_all_passed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_samples_in_order_and_null_for_what_the_hardware_lacks, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_sample_that_is_not_finite, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_null_for_all_that_is_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writes_what_was_counted_in_seconds_and_null_for_what_is_hidden,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(raises_a_flag_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_names_that_are_made_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(largest_document_fits_its_cap, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
