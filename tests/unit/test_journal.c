#include "unit.h"

#include "base/fs.h"
#include "orchestrator/journal.h"
#include "orchestrator/journal_read.h"

#include "temporary.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define RUN "20261120T153045Z-abc123"
#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define KEY_OF(type, suite)                                                                                  \
    "results/v1.0/region=us-east-1/instance_type=" type "/suite=" suite "/date=2026-11-20/" RUN              \
    "-1-0123456789ab.json"
#define KEY KEY_OF("m7i.large", "stream")
#define GROUP_TO_BE_MADE "security_group", RUN, "to be made"
#define GROUP_MADE "security_group", "sg-1", "made"

static const char *const words[] = {"--benchmarks=stream,cache", "--instance-types=m7i.large,c7g.large"};
static const char *const types[] = {"m7i.large", "c7g.large"};
static const struct journal_header header = {
    RUN, "us-east-1", "http://127.0.0.1:1", "123456789012", "sandbox", "b/p", "/out", words, 2, types, 2};
static const struct journal_result stream = {"stream", 1, KEY, SHA};

/* No file of this process grows beyond so many bytes: writes end in the middle, then fail. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static struct journal *begin(void **state)
{
    struct err err = {0};
    struct journal *journal = journal_open(*state, RUN, &err);
    if (!journal)
        fail_msg("%s", err.message);
    assert_succeeds(journal_run(journal, &header, &err), err);
    return journal;
}

static struct run_history read_back(void **state)
{
    struct err err = {0};
    struct run_history history;
    assert_succeeds(history_load(*state, RUN, &history, &err), err);
    return history;
}

/* What the history would be after these lines behind a whole run record. */
static struct run_history read_lines(const char *lines)
{
    static const char run[] =
        "{\"record\":\"run\",\"time\":\"2026-11-20T15:30:45Z\",\"run_id\":\"" RUN
        "\",\"region\":\"us-east-1\","
        "\"endpoint\":\"http://127.0.0.1:1\",\"account\":\"123456789012\",\"version\":\"1\","
        "\"collection_method\":\"sandbox\",\"output_dir\":\"/out\",\"first_job\":0,\"arguments\":[],"
        "\"instance_types\":[\"m7i.large\",\"c7g.large\"]}\n";
    struct run_history history;
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(1 << 16);
    strbuf_adds(&text, run);
    strbuf_adds(&text, lines);
    history_read(&history, RUN, strbuf_text(&text), text.length);
    return history;
}

static void append(void **state, const char *text)
{
    struct err err = {0};
    char path[256];
    temporary_path(state, "runs/" RUN "/" JOURNAL_NAME, path, sizeof path);
    int file = open(path, O_WRONLY | O_APPEND);
    assert_succeeds(fs_write_all(file, text, strlen(text), &err), err);
    close(file);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void a_record_that_does_not_fit_leaves_the_others_readable(void **state)
{
    struct err err = {0};
    struct journal *journal = begin(state);
    assert_succeeds(journal_intent(journal, 0, "token-1", "a request", &err), err);
    assert_succeeds(journal_launched(journal, 0, "token-1", "i-1", &err), err);
    struct stat status;
    assert_int_equal(stat(journal_path(journal), &status), 0);
    signal(SIGXFSZ, SIG_IGN);
    limit_files((rlim_t)status.st_size + 20);
    assert_fails(journal_intent(journal, 1, "token-2", "a request", &err), err, ERR_CONFIG);
    limit_files(RLIM_INFINITY);
    assert_succeeds(journal_terminated(journal, 0, "i-1", &err), err);
    journal_close(journal);

    AUTO_HISTORY struct run_history history = read_back(state);
    assert_int_equal(history.records, 4);
    assert_int_equal(history.damaged, 0);
    assert_int_equal(history.launch_count, 1);
}

static void the_directories_of_a_run_are_for_its_owner_alone(void **state)
{
    struct stat status;
    char path[256];
    journal_close(begin(state));
    assert_int_equal(stat(temporary_path(state, "runs/" RUN, path, sizeof path), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    temporary_path(state, "runs/" RUN "/" JOURNAL_NAME, path, sizeof path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(status.st_nlink, 1);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void what_is_written_is_read(void **state)
{
    struct err err = {0};
    struct journal *journal = begin(state);
    assert_succeeds(journal_resource(journal, GROUP_TO_BE_MADE, &err), err);
    assert_succeeds(journal_resource(journal, GROUP_MADE, &err), err);
    assert_succeeds(journal_intent(journal, 0, "token-1", "a request", &err), err);
    assert_succeeds(journal_state(journal, 0, JOB_INTENT, "us-east-1a", &err), err);
    assert_succeeds(journal_launched(journal, 0, "token-1", "i-0a", &err), err);
    assert_succeeds(journal_measured(journal, 0, &stream, &err), err);
    assert_succeeds(journal_stored(journal, 0, &stream, &err), err);
    assert_succeeds(journal_state(journal, 0, JOB_MEASURED, "stream", &err), err);
    journal_close(journal);

    AUTO_HISTORY struct run_history history = read_back(state);
    assert_int_equal(history.damaged, 0);
    assert_string_equal(history.region, "us-east-1");
    assert_string_equal(history.account, "123456789012");
    assert_int_equal(history.part_count, 1);
    assert_string_equal(history.parts[0].bucket, "b/p");
    assert_string_equal(history.parts[0].output_dir, "/out");
    assert_int_equal(history.parts[0].argument_count, 2);
    assert_string_equal(history.parts[0].arguments[1], words[1]);
    assert_int_equal(history.job_count, 2);
    assert_string_equal(history.jobs[0].instance_type, "m7i.large");
    assert_int_equal(history.jobs[0].state, JOB_MEASURED);
    assert_string_equal(history.jobs[0].instance_id, "i-0a");
    assert_int_equal(history.jobs[1].state, JOB_PLANNED);
    assert_int_equal(history.launch_count, 1);
    assert_int_equal(history.launches[0].fate, LAUNCH_NOT_ENDED);
    assert_int_equal(history.result_count, 1);
    assert_string_equal(history.results[0].name.suite, "stream");
    assert_true(history.results[0].stored && !history.results[0].sent);
    assert_true(history_is_unsent(&history, &history.results[0]));
    assert_string_equal(history.groups[0].id, "sg-1");
    assert_false(history.ended);
}

/* Each step on the way to the end is a moment at which the process may die. */
static void a_run_is_settled_only_when_all_of_it_is_confirmed(void **state)
{
    struct err err = {0};
    struct journal *journal = begin(state);
#define SETTLED_AFTER(call, expected)                                                                        \
    do {                                                                                                     \
        assert_succeeds(call, err);                                                                          \
        AUTO_HISTORY struct run_history history = read_back(state);                                          \
        assert_int_equal(history_is_settled(&history), expected);                                            \
    } while (0)
    SETTLED_AFTER(journal_resource(journal, GROUP_TO_BE_MADE, &err), false);
    SETTLED_AFTER(journal_resource(journal, GROUP_MADE, &err), false);
    SETTLED_AFTER(journal_resource(journal, "security_group", "sg-1", "removed", &err), true);
    SETTLED_AFTER(journal_intent(journal, 0, "token-1", "a request", &err), false);
    SETTLED_AFTER(journal_not_launched(journal, 0, "token-1", "no capacity", &err), true);
    SETTLED_AFTER(journal_intent(journal, 0, "token-2", "a request", &err), false);
    SETTLED_AFTER(journal_launched(journal, 0, "token-2", "i-1", &err), false);
    SETTLED_AFTER(journal_terminated(journal, 0, "i-1", &err), true);
    SETTLED_AFTER(journal_measured(journal, 0, &stream, &err), false);
    SETTLED_AFTER(journal_stored(journal, 0, &stream, &err), false);
    SETTLED_AFTER(journal_sent(journal, 0, KEY, SHA, &err), true);
    SETTLED_AFTER(journal_resource(journal, GROUP_TO_BE_MADE, &err), false);
    SETTLED_AFTER(journal_resource(journal, "security_group", RUN, "removed", &err), true);
    journal_close(journal);
}

static void a_run_of_this_machine_has_no_account_and_any_other_must_have_one(void **state UNUSED)
{
    static const char text[] = "{\"record\":\"run\",\"run_id\":\"" RUN
                               "\",\"region\":\"local\",\"version\":\"1\",\"collection_method\":\"%s\","
                               "\"output_dir\":\"/out\",\"first_job\":0,\"arguments\":[],"
                               "\"instance_types\":[\"local\"]}\n";
    static const char *const methods[] = {"local", "automated", "sandbox"};
    for (size_t i = 0; i < ARRAY_LENGTH(methods); i++) {
        AUTO_HISTORY struct run_history history = {0};
        AUTO_STRBUF struct strbuf line = STRBUF_INIT(4096);
        strbuf_addf(&line, text, methods[i]);
        history_read(&history, RUN, strbuf_text(&line), line.length);
        assert_int_equal(history_is_local(&history), i == 0);
        assert_int_equal(history_is_settled(&history), i == 0);
        assert_int_equal(history.damaged, i == 0 ? 0 : 1);
    }
}

static void a_line_that_a_power_cut_left_is_ignored_and_cut_off_before_the_next(void **state)
{
    struct err err = {0};
    journal_close(begin(state));
    append(state, "{\"record\":\"intent\",\"time\":\"2026-11");
    {
        AUTO_HISTORY struct run_history history = read_back(state);
        assert_true(history.unfinished_end);
        assert_int_equal(history.damaged, 0);
        assert_true(history_is_settled(&history));
    }
    struct journal *journal = journal_reopen(*state, RUN, &err);
    assert_non_null(journal);
    assert_succeeds(journal_intent(journal, 1, "token-1", "a request", &err), err);
    journal_close(journal);
    AUTO_HISTORY struct run_history history = read_back(state);
    assert_int_equal(history.damaged, 0);
    assert_int_equal(history.launch_count, 1);
    assert_false(history_is_settled(&history));
}

static void a_line_that_cannot_be_understood_is_named_and_the_rest_is_read(void **state UNUSED)
{
    AUTO_HISTORY struct run_history history =
        read_lines("{\"record\":\"intent\",\"job\":0,\"token\":\"tok\n"
                   "{\"record\":\"intent\",\"time\":\"2026-11-20T15:31:00Z\",\"job\":1,\"token\":\"t-1\"}\n");
    assert_int_equal(history.damaged, 1);
    assert_non_null(strstr(history.damage.message, "line 2"));
    assert_int_equal(history.launch_count, 1);
    assert_string_equal(history.launches[0].token, "t-1");
    assert_false(history_is_settled(&history));
}

static void what_has_not_the_shape_of_an_id_is_not_taken(void **state UNUSED)
{
    static const char *const lines[] = {
        "{\"record\":\"launched\",\"job\":0,\"token\":\"t-1\",\"instance_id\":\"i-1; rm -rf /\"}\n",
        "{\"record\":\"launched\",\"job\":0,\"token\":\"t-1\",\"instance_id\":\"../../x\"}\n",
        "{\"record\":\"launched\",\"job\":9,\"token\":\"t-9\",\"instance_id\":\"i-1\"}\n",
        "{\"record\":\"launched\",\"job\":0,\"token\":\"t-1\",\"instance_id\":7}\n",
        "{\"record\":\"state\",\"job\":-1,\"state\":\"running\"}\n",
        "{\"record\":\"state\",\"job\":2,\"state\":\"running\"}\n",
        "{\"record\":\"state\",\"job\":1e300,\"state\":\"running\"}\n",
        "{\"record\":\"state\",\"job\":0,\"state\":\"asleep\"}\n",
        "{\"record\":\"resource\",\"kind\":\"security_group\",\"id\":\"sg-1 x\",\"what\":\"made\"}\n",
        "{\"record\":\"resource\",\"kind\":\"volcano\",\"id\":\"sg-1\",\"what\":\"made\"}\n",
        "{\"record\":\"stored\",\"job\":0,\"key\":\"results/../../etc/passwd\",\"sha256\":\"" SHA "\"}\n",
        "{\"record\":\"stored\",\"job\":0,\"key\":\"/x/" KEY "\",\"sha256\":\"" SHA "\"}\n",
        "{\"record\":\"run\",\"run_id\":\"another\"}\n",
        "{\"record\":\"run\",\"run_id\":\"" RUN
        "\",\"region\":\"us-east-1\",\"endpoint\":\"http://127.0.0.1:1\","
        "\"account\":\"123456789012\",\"collection_method\":\"sandbox\",\"first_job\":2,\"arguments\":[],"
        "\"output_dir\":\"not/absolute\",\"instance_types\":[\"m7i.large\"]}\n",
        "{\"record\":\"sesame\"}\n",
        "[]\n",
        "null\n",
        "\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        AUTO_HISTORY struct run_history history = read_lines(lines[i]);
        if (history.damaged != 1 || history.records != 1)
            fail_msg("taken: %s", lines[i]);
        assert_int_equal(history.part_count, 1);
        assert_int_equal(history.job_count, 2);
        assert_int_equal(history.group_count, 0);
        assert_int_equal(history.result_count, 0);
        assert_false(history_is_settled(&history));
    }
}

/* A launch that nobody looks for is the worst that may come of a line. */
static void an_intent_counts_whatever_its_line_says(void **state UNUSED)
{
    static const char *const lines[] = {
        "{\"record\":\"intent\",\"job\":0}\n",
        "{\"record\":\"intent\",\"job\":77,\"token\":\"t-1\"}\n",
        "{\"record\":\"intent\",\"job\":0,\"token\":\"a b\"}\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        AUTO_HISTORY struct run_history history = read_lines(lines[i]);
        assert_int_equal(history.launch_count, 1);
        assert_true(history_may_be_alive(&history));
    }
}

static void a_launch_that_made_a_machine_is_not_unmade(void **state UNUSED)
{
    AUTO_HISTORY struct run_history history =
        read_lines("{\"record\":\"intent\",\"job\":0,\"token\":\"t-1\"}\n"
                   "{\"record\":\"launched\",\"job\":0,\"token\":\"t-1\",\"instance_id\":\"i-1\"}\n"
                   "{\"record\":\"not_launched\",\"job\":0,\"token\":\"t-1\"}\n");
    assert_int_equal(history.launches[0].fate, LAUNCH_NOT_ENDED);
    assert_int_equal(history.damaged, 1);
}

/* --- runs side by side, and one after another ------------------------------------------------- */

static void a_run_is_live_as_long_as_its_process(void **state)
{
    struct err err = {0};
    int go[2];
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(go), 0);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct journal *journal = journal_open(*state, RUN, NULL);
        _exit(journal && write(ready[1], "x", 1) == 1 && read(go[0], &byte, 1) == 1 ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_true(history_is_live(*state, RUN));
    assert_null(journal_reopen(*state, RUN, &err));
    assert_int_equal(err.kind, ERR_EXISTS);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_false(history_is_live(*state, RUN));
    struct journal *journal = journal_reopen(*state, RUN, &err);
    assert_non_null(journal);
    journal_close(journal);
    close(go[0]);
    close(go[1]);
    close(ready[0]);
    close(ready[1]);
}

static void a_resumed_run_numbers_its_jobs_on(void **state)
{
    struct err err = {0};
    static const char *const again[] = {"c7g.large"};
    struct journal_header second = header;
    second.instance_types = again;
    second.instance_type_count = 1;
    second.bucket = NULL;
    second.output_dir = "/elsewhere";
    struct journal *journal = begin(state);
    assert_succeeds(journal_stored(journal, 0, &stream, &err), err);
    assert_succeeds(journal_end(journal, 1, &err), err);
    journal_close(journal);
    journal = journal_reopen(*state, RUN, &err);
    assert_non_null(journal);
    journal_number_jobs_from(journal, 2);
    assert_succeeds(journal_run(journal, &second, &err), err);
    assert_succeeds(journal_intent(journal, 0, "token-2", "a request", &err), err);
    assert_succeeds(journal_state(journal, 0, JOB_FAILED, "no\nluck", &err), err);
    journal_close(journal);

    AUTO_HISTORY struct run_history history = read_back(state);
    assert_int_equal(history.damaged, 0);
    assert_int_equal(history.part_count, 2);
    assert_int_equal(history.job_count, 3);
    assert_int_equal(history.launches[0].job, 2);
    assert_int_equal(history.jobs[2].state, JOB_FAILED);
    assert_string_equal(history.jobs[2].detail, "no luck");
    assert_string_equal(history.jobs[2].instance_type, "c7g.large");
    assert_false(history.ended);
    /* the first part's result belongs to the first part's bucket */
    assert_true(history_is_unsent(&history, &history.results[0]));
    assert_string_equal(history.parts[history.results[0].part].output_dir, "/out");
}

static void runs_are_listed_newest_first(void **state)
{
    struct err err = {0};
    static const char *const runs[] = {"20261120T153045Z-bbbbbb", "20271120T153045Z-aaaaaa",
                                       "20251120T153045Z-cccccc"};
    AUTO_HISTORY_IDS struct history_ids ids = {0};
    assert_succeeds(history_list(*state, &ids, &err), err);
    assert_int_equal(ids.count, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(runs); i++)
        journal_close(journal_open(*state, runs[i], &err));
    char path[256];
    assert_int_equal(mkdir(temporary_path(state, "runs/empty", path, sizeof path), 0700), 0);
    assert_int_equal(mkdir(temporary_path(state, "runs/-odd.", path, sizeof path), 0700), 0);
    assert_succeeds(history_list(*state, &ids, &err), err);
    assert_int_equal(ids.count, 3);
    assert_string_equal(ids.items[0], runs[1]);
    assert_string_equal(ids.items[2], runs[2]);
}

static void a_path_is_no_run(void **state)
{
    struct err err = {0};
    struct run_history history;
    assert_fails(history_load(*state, "../../etc", &history, &err), err, ERR_USAGE);
    assert_fails(history_load(*state, "", &history, &err), err, ERR_USAGE);
    assert_fails(history_load(*state, "20251120T153045Z-cccccc", &history, &err), err, ERR_NOT_FOUND);
}

static void the_mark_of_a_settled_run_comes_and_goes(void **state)
{
    struct err err = {0};
    journal_close(begin(state));
    assert_false(history_is_marked_settled(*state, RUN));
    assert_succeeds(history_mark_settled(*state, RUN, &err), err);
    assert_succeeds(history_mark_settled(*state, RUN, &err), err);
    assert_true(history_is_marked_settled(*state, RUN));
    assert_succeeds(history_unmark_settled(*state, RUN, &err), err);
    assert_succeeds(history_unmark_settled(*state, RUN, &err), err);
    assert_false(history_is_marked_settled(*state, RUN));
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_record_that_does_not_fit_leaves_the_others_readable),
        IN_DIRECTORY(the_directories_of_a_run_are_for_its_owner_alone),
        IN_DIRECTORY(what_is_written_is_read),
        IN_DIRECTORY(a_run_is_settled_only_when_all_of_it_is_confirmed),
        IN_DIRECTORY(a_line_that_a_power_cut_left_is_ignored_and_cut_off_before_the_next),
        cmocka_unit_test(a_run_of_this_machine_has_no_account_and_any_other_must_have_one),
        cmocka_unit_test(a_line_that_cannot_be_understood_is_named_and_the_rest_is_read),
        cmocka_unit_test(what_has_not_the_shape_of_an_id_is_not_taken),
        cmocka_unit_test(an_intent_counts_whatever_its_line_says),
        cmocka_unit_test(a_launch_that_made_a_machine_is_not_unmade),
        IN_DIRECTORY(a_run_is_live_as_long_as_its_process),
        IN_DIRECTORY(a_resumed_run_numbers_its_jobs_on),
        IN_DIRECTORY(runs_are_listed_newest_first),
        IN_DIRECTORY(a_path_is_no_run),
        IN_DIRECTORY(the_mark_of_a_settled_run_comes_and_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
