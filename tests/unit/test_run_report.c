/* What a run says at its end of what there is and what may be left. */
#include "unit.h"

#include "run_report.h"

#include <string.h>

static void write_line(void *context, enum log_level level UNUSED, const char *line)
{
    fprintf(context, "%s\n", line);
}

#define REMOVAL "  aws-benchmark-collector cleanup --run run-7 --yes --region us-east-1\n"

/* What is said of one job; the caller free()s it. */
static char *leftovers_of(const struct job_outcome *job)
{
    char *text = NULL;
    size_t length = 0;
    struct program program = {.talk = open_memstream(&text, &length)};
    struct plan plan = {.region = "us-east-1", .run_id = "run-7"};
    struct job_outcome copy = *job;
    struct run_outcome outcome = {.jobs = &copy, .job_count = 1};
    assert_int_equal(report_leftovers(&program, &plan, &outcome), job->may_be_alive);
    fclose(program.talk);
    return text;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_that_may_be_alive_is_named_by_its_id),
        cmocka_unit_test(a_launch_of_unknown_fate_is_named_by_its_token_not_by_an_earlier_machine),
        cmocka_unit_test(nothing_is_said_when_nothing_is_left),
        cmocka_unit_test(results_are_said_to_be_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
