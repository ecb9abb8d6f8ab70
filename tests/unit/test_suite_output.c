#include "unit.h"

#include "sample_results.h"

#include <string.h>

static void reads_what_the_suite_measured(void **state UNUSED)
{
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    sample_output("cache", &output);
    assert_string_equal(output.suite, "cache");
    assert_string_equal(output.version, "1.0.0");
    assert_true(output.passed);
    assert_int_equal(output.metric_count, 12);
    const struct metric *l3 = suite_output_metric(&output, "l3.latency");
    assert_non_null(l3);
    assert_string_equal(l3->unit, "cycles");
    assert_int_equal(l3->direction, METRIC_LOWER_IS_BETTER);
    assert_int_equal(l3->count, 3);
    assert_true(l3->samples[1] == 75.5);
    assert_null(suite_output_metric(&output, "l4.latency"));
    assert_string_equal(json_string_or(output.machine, "cpu_vendor", ""), "GenuineIntel");
    assert_false(suite_output_has_flag(&output, "emulated"));
}

static void keeps_what_was_counted_beside_the_suite(void **state UNUSED)
{
    AUTO_SUITE_OUTPUT struct suite_output stream = {0}, numa = {0};
    sample_output("stream", &stream);
    sample_output("numa", &numa);
    assert_true(json_at(stream.disturbances, "stolen_seconds")->valuedouble == 0.25);
    assert_true(cJSON_IsNull(json_at(stream.disturbances, "thermal_throttles")));
    assert_string_equal(json_string_or(json_at(stream.machine, "mitigations"), "meltdown", ""),
                        "Not affected");
    assert_null(numa.disturbances);
}

static void keeps_null_for_what_the_hardware_lacks(void **state UNUSED)
{
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    sample_output("numa", &output);
    const struct metric *remote = suite_output_metric(&output, "remote.bandwidth");
    assert_non_null(remote);
    assert_null(remote->samples);
    assert_int_equal(remote->count, 0);
}

/* The good stream document, changed by replacing `from` (all of it that is there once) by `to`. */
static int parse_changed(const char *from, const char *to, struct suite_output *output, struct err *err)
{
    size_t length = 0;
    AUTO_FREE char *text = sample_text("stream", &length);
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("the sample does not hold %s", from);
    AUTO_STRBUF struct strbuf changed = STRBUF_INIT(1 << 20);
    strbuf_add(&changed, text, (size_t)(at - text));
    strbuf_adds(&changed, to);
    strbuf_adds(&changed, at + strlen(from));
    return suite_output_parse(changed.data, changed.length, "stream", output, err);
}

static void assert_refused(const char *from, const char *to)
{
    struct err err = {0};
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    if (parse_changed(from, to, &output, &err) == 0)
        fail_msg("accepted %s", to);
    assert_int_equal(err.kind, ERR_DATA);
    assert_null(strchr(err.message, '\n'));
}

static void refuses_numbers_that_can_not_be(void **state UNUSED)
{
    assert_refused("38.75", "-1");
    assert_refused("38.75", "0");
    assert_refused("38.75", "1e999");
    assert_refused("38.75", "1e7");
    assert_refused("38.75", "null");
    assert_refused("38.75", "\"38.75\"");
    assert_refused("38.75", "NaN");
    assert_refused("\"duration_seconds\": 6.4", "\"duration_seconds\": -1");
}

static void refuses_names_that_could_lead_elsewhere(void **state UNUSED)
{
    assert_refused("\"copy.bandwidth\"", "\"../copy\"");
    assert_refused("\"copy.bandwidth\"", "\"copy..bandwidth\"");
    assert_refused("\"copy.bandwidth\"", "\"Copy.bandwidth\"");
    assert_refused("\"copy.bandwidth\"", "\"a.b.c.d.e\"");
    assert_refused("\"copy.bandwidth\"", "\"copy.unit\"");
    assert_refused("\"copy.bandwidth\"", "\"unit.bandwidth\"");
    assert_refused("\"copy.bandwidth\"", "\"a_step_of_more_than_thirty_one_characters.bandwidth\"");
    assert_refused("\"copy.bandwidth\"", "\"triad.bandwidth\"");
    assert_refused("\"copy.bandwidth\"", "\"triad\"");
    assert_refused("\"copy.bandwidth\"", "\"triad.bandwidth.x\"");
    assert_refused("\"suite\": \"stream\"", "\"suite\": \"../stream\"");
    assert_refused("\"suite_version\": \"1.0.0\"", "\"suite_version\": \"1 0\"");
    assert_refused("\"isa\": \"avx2\"", "\"i/s\": \"avx2\"");
}

static void refuses_another_suite_than_the_one_that_ran(void **state UNUSED)
{
    size_t length = 0;
    struct err err;
    AUTO_FREE char *text = sample_text("stream", &length);
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    assert_fails(suite_output_parse(text, length, "cache", &output, &err), err, ERR_DATA);
    suite_output_free(&output);
    assert_succeeds(suite_output_parse(text, length, NULL, &output, &err), err);
}

static void refuses_a_document_of_another_form(void **state UNUSED)
{
    assert_refused("\"protocol\": 1", "\"protocol\": 2");
    assert_refused("\"passed\": true,\n \"checks\"", "\"checks\"");
    assert_refused("\"flags\": []", "\"flags\": [\"UP\"]");
    assert_refused("\"flags\": []", "\"flags\": [], \"extra\": 1");
    assert_refused("\"direction\": \"higher\"", "\"direction\": \"up\"");
    assert_refused("\"architecture\": \"x86_64\"", "\"architecture\": \"sparc\"");
    assert_refused("\"clock_ghz\": 3.74", "\"clock_ghz\": 0");
    assert_refused("\"preemptions\": 12", "\"preemptions\": -1");
    assert_refused("\"preemptions\": 12", "\"preemptions\": \"12\"");
    assert_refused("\"preemptions\": 12", "\"preemptions\": 0.5");
    assert_refused("\"meltdown\": \"Not affected\"", "\"meltdown\": {}");
    assert_refused("\"meltdown\": \"Not affected\"", "\"../meltdown\": \"Not affected\"");
    assert_refused("\"page_bytes\": 2097152", "\"page_bytes\": -1");
    assert_refused("2026-11-20T15:30:45Z", "yesterday");
    assert_refused("\"kernel\": \"6.1.0\"", "\"kernel\": {\"deep\": [1]}");
}

static void refuses_a_pass_that_its_checks_deny(void **state UNUSED)
{
    assert_refused("\"name\": \"solution\",\n   \"passed\": true",
                   "\"name\": \"solution\", \"passed\": false");
}

static void refuses_what_is_no_document_at_all(void **state UNUSED)
{
    static const char *const texts[] = {"",   "nonsense\n",        "[]",      "null",
                                        "{}", "{\"protocol\": 1}", "\xff\xfe"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct err err;
        AUTO_SUITE_OUTPUT struct suite_output output = {0};
        assert_fails(suite_output_parse(texts[i], strlen(texts[i]), NULL, &output, &err), err, ERR_DATA);
    }
}

static void refuses_more_than_a_mebibyte(void **state UNUSED)
{
    size_t length = SUITE_OUTPUT_MAX_BYTES + 1;
    AUTO_FREE char *text = malloc(length);
    assert_non_null(text);
    memset(text, ' ', length);
    struct err err;
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    assert_fails(suite_output_parse(text, length, NULL, &output, &err), err, ERR_DATA);
}

static void refuses_too_many_samples(void **state UNUSED)
{
    AUTO_STRBUF struct strbuf many = STRBUF_INIT(1 << 20);
    for (int i = 0; i < 10001; i++)
        strbuf_adds(&many, "1,");
    strbuf_adds(&many, "1");
    assert_refused("38.75", strbuf_text(&many));
}

static void makes_the_texts_of_the_machine_printable(void **state UNUSED)
{
    struct err err;
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    assert_succeeds(parse_changed("\"kernel\": \"6.1.0\"", "\"kernel\": \"6\\u001b[31m\\n\"", &output, &err),
                    err);
    assert_string_equal(json_string_or(output.machine, "kernel", ""), "6?[31m ");
}

static void keeps_scalars_of_the_machine_that_we_do_not_know(void **state UNUSED)
{
    struct err err;
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    assert_succeeds(
        parse_changed("\"kernel\": \"6.1.0\"", "\"kernel\": null, \"numa_balancing\": true", &output, &err),
        err);
    assert_true(cJSON_IsTrue(json_at(output.machine, "numa_balancing")));
}

static void reads_a_document_of_a_failed_check(void **state UNUSED)
{
    struct err err;
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    assert_succeeds(
        parse_changed("\"passed\": true,\n \"checks\"", "\"passed\": false,\n \"checks\"", &output, &err),
        err);
    assert_false(output.passed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_suite_measured),
        cmocka_unit_test(keeps_what_was_counted_beside_the_suite),
        cmocka_unit_test(keeps_null_for_what_the_hardware_lacks),
        cmocka_unit_test(refuses_numbers_that_can_not_be),
        cmocka_unit_test(refuses_names_that_could_lead_elsewhere),
        cmocka_unit_test(refuses_another_suite_than_the_one_that_ran),
        cmocka_unit_test(refuses_a_document_of_another_form),
        cmocka_unit_test(refuses_a_pass_that_its_checks_deny),
        cmocka_unit_test(refuses_what_is_no_document_at_all),
        cmocka_unit_test(refuses_more_than_a_mebibyte),
        cmocka_unit_test(refuses_too_many_samples),
        cmocka_unit_test(makes_the_texts_of_the_machine_printable),
        cmocka_unit_test(keeps_scalars_of_the_machine_that_we_do_not_know),
        cmocka_unit_test(reads_a_document_of_a_failed_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
