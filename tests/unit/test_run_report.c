/* What a run says at its end of what there is and what may be left. */
#include "unit.h"

#include "progress.h"
#include "run_report.h"

#include "base/json.h"

#include <string.h>

static void write_line(void *context, enum log_level level UNUSED, const char *line)
{
    fprintf(context, "%s\n", line);
}

#define REMOVAL "  aws-benchmark-collector cleanup --run run-7 --yes --region us-east-1\n"

/* What is said of one job; the caller free()s it. */
static char *leftovers_said(const struct job_outcome *job, enum progress_choice progress)
{
    char *text = NULL;
    size_t length = 0;
    struct program program = {
        .talk = open_memstream(&text, &length), .clock = clock_system(), .common.progress = progress};
    struct plan plan = {.region = "us-east-1", .run_id = "run-7"};
    struct job_outcome copy = *job;
    struct run_outcome outcome = {.jobs = &copy, .job_count = 1};
    assert_int_equal(report_leftovers(&program, &plan, &outcome), job->may_be_alive);
    fclose(program.talk);
    return text;
}

static char *leftovers_of(const struct job_outcome *job)
{
    return leftovers_said(job, PROGRESS_PLAIN);
}

static void a_machine_that_may_be_alive_is_named_by_its_id(void **state UNUSED)
{
    struct job_outcome job = {.may_be_alive = true, .instance_id = "i-1"};
    AUTO_FREE char *text = leftovers_of(&job);
    assert_non_null(strstr(text, "instance i-1\n"));
    assert_non_null(strstr(text, REMOVAL));
}

static void a_launch_of_unknown_fate_is_named_by_its_token_not_by_an_earlier_machine(void **state UNUSED)
{
    struct job_outcome job = {.may_be_alive = true, .instance_id = "i-ended", .launch_token = "run-0-x"};
    AUTO_FREE char *text = leftovers_of(&job);
    assert_non_null(strstr(text, "the instance of launch run-0-x"));
    assert_non_null(strstr(text, REMOVAL));
    assert_null(strstr(text, "i-ended"));
}

static void a_program_that_reads_events_reads_what_is_left_as_one(void **state UNUSED)
{
    struct job_outcome job = {.may_be_alive = true, .instance_id = "i-1"};
    AUTO_FREE char *text = leftovers_said(&job, PROGRESS_JSON);
    AUTO_JSON cJSON *event = json_parse(text, strlen(text), 4096, NULL);
    assert_non_null(event);
    assert_string_equal(json_string_or(event, "event", ""), "left");
    assert_string_equal(json_string_or(event, "instance_id", ""), "i-1");
    assert_string_equal(json_string_or(event, "text", ""), "MAY STILL BE RUNNING: instance i-1");
    assert_string_equal(json_string_or(event, "remove", ""),
                        "aws-benchmark-collector cleanup --run run-7 --yes --region us-east-1");
}

static void nothing_is_said_when_nothing_is_left(void **state UNUSED)
{
    struct job_outcome job = {.instance_id = "i-1"};
    AUTO_FREE char *text = leftovers_of(&job);
    assert_string_equal(text, "");
}

/* What is said of a run with these results; the caller free()s it. */
static char *whereabouts_of(size_t stored, size_t unsent, const char *bucket)
{
    char *text = NULL;
    size_t length = 0;
    FILE *talk = open_memstream(&text, &length);
    struct program program = {0};
    log_init(&program.log, LOG_INFO, write_line, talk);
    struct plan plan = {.run_id = "20261120T204848Z-oyic35"};
    struct job_outcome jobs[] = {{.stored = stored, .unsent = unsent}, {.stored = 0}};
    struct run_outcome outcome = {.jobs = jobs, .job_count = 2};
    report_whereabouts(&program, &plan, &outcome, "results", bucket);
    log_destroy(&program.log);
    fclose(talk);
    return text;
}

static void results_are_said_to_be_where_they_are(void **state UNUSED)
{
    AUTO_FREE char *local = whereabouts_of(1, 0, NULL);
    AUTO_FREE char *both = whereabouts_of(3, 0, "my-bucket/raw");
    AUTO_FREE char *unsent = whereabouts_of(3, 1, "my-bucket");
    AUTO_FREE char *none = whereabouts_of(0, 0, "my-bucket");
    assert_string_equal(local, "run 20261120T204848Z-oyic35: 1 result in results\n");
    assert_string_equal(both, "run 20261120T204848Z-oyic35: 3 results in results and s3://my-bucket/raw\n");
    assert_string_equal(unsent, "run 20261120T204848Z-oyic35: 3 results in results, of which not all are in "
                                "s3://my-bucket\n");
    assert_string_equal(none, "run 20261120T204848Z-oyic35: 0 results in results\n");
}

/* What is printed of two jobs, of which the second has failed; the caller free()s it. */
static char *outcome_of(enum output_format format, struct headline triad, struct headline linpack)
{
    char *text = NULL;
    size_t length = 0;
    struct err err = {0};
    struct program program = {.out = open_memstream(&text, &length), .common = {.output = format}};
    struct planned_job planned[] = {{.instance_type = "m7i.large", .architecture = "x86_64"},
                                    {.instance_type = "c7g.large", .architecture = "arm64"}};
    struct plan plan = {.jobs = planned, .job_count = 2};
    struct job_outcome jobs[] = {
        {.succeeded = true, .triad = triad, .linpack = linpack, .stored = 2, .cpu_model = "a CPU"},
        {.failure = {.kind = ERR_REMOTE, .message = "no"}}};
    struct run_outcome outcome = {.jobs = jobs, .job_count = 2};
    assert_succeeds(report_outcome(&program, &plan, &outcome, &err), err);
    fclose(program.out);
    return text;
}

static const struct headline no_number;
static const struct headline triad_number = {true, 41.9, 41.2, 42.1, true};
static const struct headline linpack_number = {.known = true, .median = 88.25};

static void memory_and_arithmetic_stand_side_by_side_where_they_were_measured(void **state UNUSED)
{
    AUTO_FREE char *both = outcome_of(OUTPUT_TABLE, triad_number, linpack_number);
    AUTO_FREE char *memory = outcome_of(OUTPUT_TABLE, triad_number, no_number);
    AUTO_FREE char *arithmetic = outcome_of(OUTPUT_TABLE, no_number, linpack_number);
    assert_non_null(strstr(both, "TRIAD GB/S [95 %]     LINPACK GFLOPS [95 %]"));
    assert_non_null(strstr(both, "41.90 [41.20, 42.10]  88.25 "));
    assert_null(strstr(memory, "LINPACK"));
    assert_non_null(strstr(memory, "TRIAD"));
    assert_null(strstr(arithmetic, "TRIAD"));
}

static void for_programs_what_was_not_measured_is_null(void **state UNUSED)
{
    AUTO_FREE char *text = outcome_of(OUTPUT_JSON, triad_number, linpack_number);
    AUTO_JSON cJSON *rows = json_parse(text, strlen(text), 65536, NULL);
    const cJSON *first = cJSON_GetArrayItem(rows, 0);
    const cJSON *second = cJSON_GetArrayItem(rows, 1);
    double value = 0;
    assert_int_equal(json_get_double(first, "triad.bandwidth", &value, NULL), 0);
    assert_true(value > 41.8 && value < 42);
    assert_int_equal(cJSON_GetArraySize(json_at(first, "triad.interval_95")), 2);
    assert_int_equal(json_get_double(first, "linpack.gflops", &value, NULL), 0);
    assert_true(value > 88.2 && value < 88.3);
    assert_string_equal(json_string_or(first, "linpack.unit", ""), "GFLOPS");
    assert_true(cJSON_IsNull(json_at(first, "linpack.interval_95")));
    assert_true(cJSON_IsNull(json_at(second, "triad")) && cJSON_IsNull(json_at(second, "linpack")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_that_may_be_alive_is_named_by_its_id),
        cmocka_unit_test(a_launch_of_unknown_fate_is_named_by_its_token_not_by_an_earlier_machine),
        cmocka_unit_test(a_program_that_reads_events_reads_what_is_left_as_one),
        cmocka_unit_test(nothing_is_said_when_nothing_is_left),
        cmocka_unit_test(memory_and_arithmetic_stand_side_by_side_where_they_were_measured),
        cmocka_unit_test(for_programs_what_was_not_measured_is_null),
        cmocka_unit_test(results_are_said_to_be_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
