#include "unit.h"

#include "base/digest.h"
#include "orchestrator/envelope.h"

#include <string.h>

#define WORD "abcdefghijklmnopqrstuvwxyz012345"

/* Runs a command line as sshd would, by the shell, and keeps its standard output. */
static void run_by_shell(const char *command_line, struct strbuf *output)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        fclose(stderr);
        execl("/bin/sh", "sh", "-c", command_line, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    char chunk[4096];
    ssize_t got;
    while ((got = read(ends[0], chunk, sizeof chunk)) > 0)
        strbuf_add(output, chunk, (size_t)got);
    close(ends[0]);
}

static void wrap_and_run(const char *script, size_t limit, struct strbuf *output)
{
    struct err err = {0};
    struct envelope envelope = {script, WORD, limit, 5};
    AUTO_FREE char *command_line = envelope_wrap(&envelope, &err);
    assert_non_null(command_line);
    run_by_shell(command_line, output);
}

static void a_script_that_ends_gives_its_output_and_exit_code(void **state UNUSED)
{
    struct err err = {0};
    int exit_code = -1;
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(10000);
    wrap_and_run("printf 'one\\ntwo'; exit 7", 100, &output);
    assert_true(envelope_complete(&output, WORD));
    assert_succeeds(envelope_open(&output, WORD, &exit_code, &err), err);
    assert_string_equal(strbuf_text(&output), "one\ntwo");
    assert_int_equal(exit_code, 7);
}

static void an_empty_output_is_an_output(void **state UNUSED)
{
    struct err err = {0};
    int exit_code = -1;
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(10000);
    wrap_and_run("true", 100, &output);
    assert_succeeds(envelope_open(&output, WORD, &exit_code, &err), err);
    assert_int_equal(output.length, 0);
    assert_int_equal(exit_code, 0);
}

static void output_beyond_the_limit_is_cut_where_it_shows(void **state UNUSED)
{
    struct err err = {0};
    int exit_code = -1;
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(10000);
    wrap_and_run("yes | head -c 100000", 50, &output);
    assert_succeeds(envelope_open(&output, WORD, &exit_code, &err), err);
    assert_int_equal(output.length, 51);
}

static void a_script_that_kills_its_shell_has_no_exit_code(void **state UNUSED)
{
    struct err err = {0};
    int exit_code = -1;
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(10000);
    wrap_and_run("printf result; kill -9 $$", 100, &output);
    assert_false(envelope_complete(&output, WORD));
    assert_fails(envelope_open(&output, WORD, &exit_code, &err), err, ERR_REMOTE);
}

static void text_that_was_changed_on_the_way_is_refused(void **state UNUSED)
{
    struct err err = {0};
    int exit_code = -1;
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(10000);
    wrap_and_run("echo 41.9", 100, &output);
    output.data[0] = '5';
    assert_fails(envelope_open(&output, WORD, &exit_code, &err), err, ERR_REMOTE);
}

static void assert_not_opened(const char *text)
{
    struct err err = {0};
    int exit_code = -1;
    AUTO_STRBUF struct strbuf output = STRBUF_INIT(10000);
    strbuf_adds(&output, text);
    assert_fails(envelope_open(&output, WORD, &exit_code, &err), err, ERR_REMOTE);
}

static void a_last_line_of_another_shape_is_refused(void **state UNUSED)
{
    static const char hash[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    char line[256];
    assert_not_opened("");
    assert_not_opened("\n");
    assert_not_opened("\n" WORD);
    assert_not_opened("\n" WORD "\n");
    assert_not_opened("\n" WORD " 0\n");
    assert_not_opened("\n" WORD " 0 \n");
    snprintf(line, sizeof line, "\n" WORD " 256 %s\n", hash);
    assert_not_opened(line);
    snprintf(line, sizeof line, "\n" WORD "  %s\n", hash);
    assert_not_opened(line);
    snprintf(line, sizeof line, "\n" WORD " 0 %sx\n", hash);
    assert_not_opened(line);
    snprintf(line, sizeof line, "\nanother-word 0 %s\n", hash);
    assert_not_opened(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_script_that_ends_gives_its_output_and_exit_code),
        cmocka_unit_test(an_empty_output_is_an_output),
        cmocka_unit_test(output_beyond_the_limit_is_cut_where_it_shows),
        cmocka_unit_test(a_script_that_kills_its_shell_has_no_exit_code),
        cmocka_unit_test(text_that_was_changed_on_the_way_is_refused),
        cmocka_unit_test(a_last_line_of_another_shape_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
