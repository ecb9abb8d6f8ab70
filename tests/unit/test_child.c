#include "unit.h"

#include "base/child.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/parse.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* One run of a shell script, with what it wrote. */
struct trial {
    struct strbuf out;
    struct strbuf errors;
    int status;
    double seconds;
    struct err err;
    int result;
};

static void trial_free(struct trial *trial)
{
    strbuf_free(&trial->out);
    strbuf_free(&trial->errors);
}

static struct trial try_words(char *const *words, double seconds, const struct cancel *cancel)
{
    struct trial trial = {.out = STRBUF_INIT(1000), .errors = STRBUF_INIT(100)};
    const struct child_limits limits = {seconds, cancel, CANCEL_DRAIN};
    struct clock clock = clock_system();
    double began = clock_monotonic(&clock);
    trial.result = child_run(words, &limits, &trial.out, &trial.errors, &trial.status, &trial.err);
    trial.seconds = clock_monotonic(&clock) - began;
    return trial;
}

static struct trial try_script(const char *script, double seconds, const struct cancel *cancel)
{
    char *const words[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};
    return try_words(words, seconds, cancel);
}

#define TRY(name, script, seconds) CLEANUP(trial_free) struct trial name = try_script(script, seconds, NULL)

static void what_it_writes_is_taken_and_its_status_told(void **state UNUSED)
{
    TRY(trial, "echo out; echo err >&2; exit 3", 30);
    if (trial.result < 0)
        fail_msg("%s", trial.err.message);
    assert_string_equal(strbuf_text(&trial.out), "out\n");
    assert_string_equal(strbuf_text(&trial.errors), "err\n");
    assert_true(WIFEXITED(trial.status) && WEXITSTATUS(trial.status) == 3);
}

static void its_input_is_empty(void **state UNUSED)
{
    TRY(trial, "cat; echo done", 30);
    assert_int_equal(trial.result, 0);
    assert_string_equal(strbuf_text(&trial.out), "done\n");
}

static void nothing_but_its_own_files_is_open_in_it(void **state UNUSED)
{
    int leak = dup(STDERR_FILENO);
    TRY(trial, "ls /proc/self/fd | wc -l", 30); /* three, and the directory itself */
    close(leak);
    assert_int_equal(trial.result, 0);
    assert_string_equal(strbuf_text(&trial.out), "4\n");
}

static void it_is_not_born_with_our_signals_blocked(void **state UNUSED)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    TRY(trial, "kill -TERM $$; echo survived", 30);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(trial.result, 0);
    assert_true(WIFSIGNALED(trial.status) && WTERMSIG(trial.status) == SIGTERM);
}

static void a_program_that_is_not_there_is_named(void **state UNUSED)
{
    char *const words[] = {(char *)"/nonexistent/program", NULL};
    CLEANUP(trial_free) struct trial trial = try_words(words, 30, NULL);
    assert_int_equal(trial.result, -1);
    assert_int_equal(trial.err.kind, ERR_CONFIG);
    assert_non_null(strstr(trial.err.message, "/nonexistent/program"));
}

static void output_beyond_the_cap_ends_it(void **state UNUSED)
{
    TRY(trial, "while :; do echo 0123456789012345678901234567890123456789; done", 30);
    assert_int_equal(trial.result, -1);
    assert_int_equal(trial.err.kind, ERR_DATA);
    assert_true(trial.seconds < 25);
}

static void complaints_beyond_the_cap_are_dropped(void **state UNUSED)
{
    TRY(trial,
        "i=0; while [ $i -lt 5000 ]; do echo 012345678901234567890123456789 >&2; i=$((i+1)); done; echo ok",
        30);
    assert_int_equal(trial.result, 0);
    assert_string_equal(strbuf_text(&trial.out), "ok\n");
}

static void one_that_takes_too_long_is_killed_with_its_children(void **state UNUSED)
{
    TRY(trial, "sleep 1000 & echo $!; wait", 0.5);
    assert_int_equal(trial.result, -1);
    assert_int_equal(trial.err.kind, ERR_NETWORK);
    assert_true(trial.seconds < 25);
    pid_t grandchild = (pid_t)strtol(strbuf_text(&trial.out), NULL, 10);
    assert_true(grandchild > 1);
    for (int i = 0; i < 100 && kill(grandchild, 0) == 0; i++)
        usleep(50000); /* until its new parent has taken note of its end */
    char path[64], state_line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", grandchild);
    AUTO_FCLOSE FILE *file = fopen(path, "r");
    assert_true(!file || !fgets(state_line, sizeof state_line, file) || strstr(state_line, ") Z "));
}

static void one_that_leaves_its_output_open_behind_it_is_not_waited_for(void **state UNUSED)
{
    TRY(trial, "(sleep 20) & echo here", 15);
    assert_int_equal(trial.result, 0);
    assert_string_equal(strbuf_text(&trial.out), "here\n");
    assert_true(trial.seconds < 14);
}

static void an_interruption_ends_it(void **state UNUSED)
{
    struct cancel cancel;
    struct err err;
    assert_succeeds(cancel_init(&cancel, &err), err);
    cancel_request(&cancel, CANCEL_DRAIN, SIGINT);
    CLEANUP(trial_free) struct trial trial = try_script("sleep 1000", 30, &cancel);
    assert_int_equal(trial.result, -1);
    assert_int_equal(trial.err.kind, ERR_CANCELLED);
    assert_true(trial.seconds < 25);
    cancel_destroy(&cancel);
}

/* --- a program at hand as a file ----------------------------------------------------------------------- */

struct heard {
    struct strbuf text;
    size_t most; /* bytes, after which it is enough */
};

static int hear(void *context, const char *bytes, size_t length, struct err *err)
{
    struct heard *heard = context;
    strbuf_add(&heard->text, bytes, length);
    return heard->text.length > heard->most ? err_set(err, ERR_REMOTE, "enough") : 0;
}

/* A shell by its file, with no environment but one variable. */
static struct trial try_file(const char *script, size_t most_heard)
{
    struct trial trial = {.out = STRBUF_INIT(1000)};
    struct heard heard = {STRBUF_INIT(1 << 20), most_heard};
    char *const words[] = {(char *)"a-shell", (char *)"-c", (char *)script, NULL};
    char *const environment[] = {(char *)"ONLY=this", NULL};
    AUTO_CLOSE int file = open("/bin/sh", O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    const struct child_order order = {file, words, environment, hear, &heard};
    const struct child_limits limits = {30, NULL, CANCEL_DRAIN};
    trial.result = child_run_file(&order, &limits, &trial.out, &trial.status, &trial.err);
    trial.errors = heard.text;
    return trial;
}

static void a_file_is_run_with_its_words_and_its_environment(void **state UNUSED)
{
    CLEANUP(trial_free) struct trial trial = try_file("echo $0 $ONLY ${HOME-homeless}; echo err >&2", 100);
    assert_int_equal(trial.result, 0);
    assert_string_equal(strbuf_text(&trial.out), "a-shell this homeless\n");
    assert_string_equal(strbuf_text(&trial.errors), "err\n");
}

static void who_has_heard_enough_ends_it(void **state UNUSED)
{
    CLEANUP(trial_free) struct trial trial = try_file("while :; do echo more >&2; done", 1000);
    assert_int_equal(trial.result, -1);
    assert_int_equal(trial.err.kind, ERR_REMOTE);
    assert_string_equal(trial.err.message, "enough");
    assert_true(WIFSIGNALED(trial.status) && WTERMSIG(trial.status) == SIGKILL);
}

static void nothing_of_a_files_group_outlives_it(void **state UNUSED)
{
    CLEANUP(trial_free) struct trial trial = try_file("sleep 600 & echo $!", 100);
    const struct clock clock = clock_system();
    double end = clock_monotonic(&clock) + 20;
    assert_int_equal(trial.result, 0);
    uint64_t left = 0;
    trial.out.data[strcspn(trial.out.data, "\n")] = '\0';
    assert_int_equal(parse_u64(strbuf_text(&trial.out), 2, INT32_MAX, &left, NULL), 0);
    AUTO_FREE char *text = NULL;
    bool gone = false;
    while (!gone && clock_monotonic(&clock) < end) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/stat", (int)left);
        free(text);
        text = fs_read_file(path, 4096, NULL, NULL);
        gone = !text || strstr(text, ") Z "); /* one that init has not asked for yet */
        clock_sleep(&clock, 0.01, NULL, CANCEL_DRAIN, NULL);
    }
    assert_true(gone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_writes_is_taken_and_its_status_told),
        cmocka_unit_test(its_input_is_empty),
        cmocka_unit_test(nothing_but_its_own_files_is_open_in_it),
        cmocka_unit_test(it_is_not_born_with_our_signals_blocked),
        cmocka_unit_test(a_program_that_is_not_there_is_named),
        cmocka_unit_test(output_beyond_the_cap_ends_it),
        cmocka_unit_test(complaints_beyond_the_cap_are_dropped),
        cmocka_unit_test(one_that_takes_too_long_is_killed_with_its_children),
        cmocka_unit_test(one_that_leaves_its_output_open_behind_it_is_not_waited_for),
        cmocka_unit_test(an_interruption_ends_it),
        cmocka_unit_test(a_file_is_run_with_its_words_and_its_environment),
        cmocka_unit_test(who_has_heard_enough_ends_it),
        cmocka_unit_test(nothing_of_a_files_group_outlives_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
