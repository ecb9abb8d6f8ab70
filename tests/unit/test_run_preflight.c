#include "unit.h"

#include "run_preflight.h"

#include "base/strbuf.h"

#include <string.h>

#define NOW 1800000000.0 /* 2027-01-15T08:00:00Z */

static void keep_line(void *context, enum log_level level, const char *line)
{
    strbuf_addf(context, "%s: %s\n", log_level_name(level), line);
}

/* What is said of credentials that end `seconds` from now (0: not known), before a run of an hour. */
static void assert_said(struct aws_credentials_end credentials, double seconds, const char *first,
                        const char *second)
{
    AUTO_STRBUF struct strbuf said = STRBUF_INIT(4096);
    struct log log;
    log_init(&log, LOG_DEBUG, keep_line, &said);
    credentials.source = "environment";
    credentials.at = seconds > 0 ? (int64_t)(NOW + seconds) : 0;
    tell_when_credentials_end(&credentials, NOW, 3600, &log);
    log_destroy(&log);
    assert_int_equal(said.length > 0, first != NULL);
    if (first && (!strstr(strbuf_text(&said), first) || !strstr(strbuf_text(&said), second)))
        fail_msg("%s", strbuf_text(&said));
}

static void credentials_that_end_before_the_run_can_are_warned_of_with_both_times(void **state UNUSED)
{
    const struct aws_credentials_end session = {.temporary = true};
    assert_said(session, 1800, "warning: the credentials (environment) end at 2027-01-15T08:30:00Z",
                "the run may take until 2027-01-15T09:00:00Z");
    assert_said(session, 3599, "warning: ", "2027-01-15T08:59:59Z");
    assert_said(session, 3600, NULL, NULL);
}

static void an_end_that_is_not_known_is_worth_a_hint_alone(void **state UNUSED)
{
    assert_said((struct aws_credentials_end){.temporary = true}, 0, "debug: ", "AWS_CREDENTIAL_EXPIRATION");
    assert_said((struct aws_credentials_end){.temporary = true, .renewable = true}, 0, NULL, NULL);
    assert_said((struct aws_credentials_end){.temporary = false}, 0, NULL, NULL);
}

static void a_run_can_take_all_its_deadlines_in_a_row_for_each_round_of_jobs(void **state UNUSED)
{
    struct planned_job jobs[5] = {{.refused = {.kind = ERR_UNSUPPORTED}}};
    const struct plan plan = {.jobs = jobs, .job_count = 5};
    const struct run_options options = {.max_concurrency = 3,
                                        .benchmarks = {.count = 2},
                                        .iterations = 2,
                                        .timeout = 100,
                                        .boot_timeout = 10,
                                        .store_timeout = 20,
                                        .teardown_timeout = 30};
    assert_true(longest_run(&options, &plan) == 2 * (10 + 4 * 100 + 20 + 30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credentials_that_end_before_the_run_can_are_warned_of_with_both_times),
        cmocka_unit_test(an_end_that_is_not_known_is_worth_a_hint_alone),
        cmocka_unit_test(a_run_can_take_all_its_deadlines_in_a_row_for_each_round_of_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
