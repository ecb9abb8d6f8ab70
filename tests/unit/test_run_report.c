/* What a run says at its end of what may be left. */
#include "unit.h"

#include "run_report.h"

#include <string.h>

/* What is said of one job; the caller free()s it. */
static char *leftovers_of(const struct job_outcome *job)
{
    char *text = NULL;
    size_t length = 0;
    struct program program = {.talk = open_memstream(&text, &length)};
    struct plan plan = {.region = "us-east-1"};
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
    assert_non_null(strstr(text, "terminate-instances --region us-east-1 --instance-ids i-1\n"));
}

static void a_launch_of_unknown_fate_is_named_by_its_token_not_by_an_earlier_machine(void **state UNUSED)
{
    struct job_outcome job = {.may_be_alive = true, .instance_id = "i-ended", .launch_token = "run-0-x"};
    AUTO_FREE char *text = leftovers_of(&job);
    assert_non_null(strstr(text, "Name=client-token,Values=run-0-x\n"));
    assert_null(strstr(text, "i-ended"));
}

static void nothing_is_said_when_nothing_is_left(void **state UNUSED)
{
    struct job_outcome job = {.instance_id = "i-1"};
    AUTO_FREE char *text = leftovers_of(&job);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_that_may_be_alive_is_named_by_its_id),
        cmocka_unit_test(a_launch_of_unknown_fate_is_named_by_its_token_not_by_an_earlier_machine),
        cmocka_unit_test(nothing_is_said_when_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
