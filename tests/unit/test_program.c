/* From argv to exit code, stdout and stderr. */
#include "unit.h"

#include "commands.h"
#include "program.h"

#include <signal.h>
#include <string.h>

struct probe_options {
    uint64_t kind;
};

static const struct option_spec probe_specs[] = {
    {.name = "fail",
     .type = OPTION_NUMBER,
     .value_name = "KIND",
     .help = "Fail with an error of this kind.",
     .offset = OPTION_AT(struct probe_options, kind)},
};

static int probe_run(struct program *program, void *options, const struct operands *operands, struct err *err)
{
    const struct probe_options *chosen = options;
    if (chosen->kind == ERR_CANCELLED)
        cancel_request(&program->cancel, CANCEL_DRAIN, SIGTERM);
    if (chosen->kind)
        return err_set(err, (enum err_kind)chosen->kind, "asked\033[2J to\nfail");
    log_line(&program->log, LOG_INFO, "talk");
    fprintf(program->out, "%zu operands\n", operands->count);
    return EXIT_INCOMPLETE;
}

static const struct command command_probe = {
    .name = "probe",
    .summary = "Do as told",
    .operands = "WORD",
    .max_operands = 2,
    .options = probe_specs,
    .option_count = ARRAY_LENGTH(probe_specs),
    .options_size = sizeof(struct probe_options),
    .run = probe_run,
};
static const struct command *const commands[] = {&command_probe, &command_version, NULL};

struct outcome {
    int exit_code;
    char out[16384];
    char talk[16384];
};

static void run(struct outcome *outcome, char *const *words)
{
    int count = 0;
    while (words[count])
        count++;
    memset(outcome, 0, sizeof *outcome);
    FILE *out = fmemopen(outcome->out, sizeof outcome->out - 1, "w");
    FILE *talk = fmemopen(outcome->talk, sizeof outcome->talk - 1, "w");
    outcome->exit_code = program_main(commands, count, words, out, talk);
    fclose(out);
    fclose(talk);
}

#define RUN(outcome, ...) run(outcome, (char *[]){"program", ##__VA_ARGS__, NULL})

static void the_command_says_the_exit_code(void **state UNUSED)
{
    struct outcome outcome;
    RUN(&outcome, "probe", "a", "b");
    assert_int_equal(outcome.exit_code, EXIT_INCOMPLETE);
    assert_string_equal(outcome.out, "2 operands\n");
    assert_string_equal(outcome.talk, "talk\n");
}

static void quiet_leaves_the_data_alone(void **state UNUSED)
{
    struct outcome outcome;
    RUN(&outcome, "probe", "-q");
    assert_string_equal(outcome.out, "0 operands\n");
    assert_string_equal(outcome.talk, "");
}

static void an_error_is_one_harmless_line_and_its_kind_the_exit_code(void **state UNUSED)
{
    static const struct {
        enum err_kind kind;
        int exit_code;
    } cases[] = {{ERR_USAGE, EXIT_USAGE},   {ERR_CONFIG, EXIT_SETUP},   {ERR_AUTH, EXIT_SETUP},
                 {ERR_NETWORK, EXIT_SETUP}, {ERR_INTERNAL, EXIT_SETUP}, {ERR_CANCELLED, 128 + SIGTERM}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct outcome outcome;
        char word[32];
        snprintf(word, sizeof word, "--fail=%d", (int)cases[i].kind);
        RUN(&outcome, "probe", word);
        assert_int_equal(outcome.exit_code, cases[i].exit_code);
        assert_string_equal(outcome.out, "");
        assert_string_equal(outcome.talk, "aws-benchmark-collector: error: asked?[2J to fail\n");
    }
}

static void no_words_give_a_short_usage_on_stderr(void **state UNUSED)
{
    struct outcome outcome;
    RUN(&outcome);
    assert_int_equal(outcome.exit_code, EXIT_USAGE);
    assert_string_equal(outcome.out, "");
    assert_non_null(strstr(outcome.talk, "Usage: aws-benchmark-collector COMMAND"));
    run(&outcome, (char *[]){NULL});
    assert_int_equal(outcome.exit_code, EXIT_USAGE);
}

static void help_is_data_whatever_else_is_wrong(void **state UNUSED)
{
    struct outcome outcome;
    RUN(&outcome, "probe", "--nonsense", "--help", "a", "b", "c");
    assert_int_equal(outcome.exit_code, EXIT_DONE);
    assert_non_null(strstr(outcome.out, "--fail KIND"));
    assert_string_equal(outcome.talk, "");
    RUN(&outcome, "--help");
    assert_int_equal(outcome.exit_code, EXIT_DONE);
    assert_non_null(strstr(outcome.out, "probe"));
}

static void an_operand_after_two_dashes_asks_for_nothing(void **state UNUSED)
{
    struct outcome outcome;
    RUN(&outcome, "probe", "--", "--help");
    assert_string_equal(outcome.out, "1 operands\n");
}

static void the_version_is_told_in_three_ways(void **state UNUSED)
{
    static char *const ways[] = {"version", "--version", "-V"};
    for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
        struct outcome outcome;
        RUN(&outcome, ways[i]);
        assert_int_equal(outcome.exit_code, EXIT_DONE);
        assert_string_equal(outcome.out, "aws-benchmark-collector " VERSION "\n");
    }
}

static void words_that_are_no_command_are_usage_errors(void **state UNUSED)
{
    static const struct {
        char *words[4];
        const char *message;
    } cases[] = {
        {{"program", "prob"}, "did you mean 'probe'?"},
        {{"program", "--quiet", "probe"}, "'--quiet' stands before the command"},
        {{"program", "probe", "-qv"}, "--quiet and --verbose exclude each other"},
        {{"program", "version", "x"}, "'version' takes no operand"},
        {{"program", ""}, "unknown command ''"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct outcome outcome;
        run(&outcome, cases[i].words);
        assert_int_equal(outcome.exit_code, EXIT_USAGE);
        assert_non_null(strstr(outcome.talk, cases[i].message));
        assert_ptr_equal(strchr(outcome.talk, '\n'), outcome.talk + strlen(outcome.talk) - 1);
    }
}

static void too_many_operands_are_a_usage_error(void **state UNUSED)
{
    struct outcome outcome;
    RUN(&outcome, "probe", "a", "b", "c");
    assert_int_equal(outcome.exit_code, EXIT_USAGE);
    assert_non_null(strstr(outcome.talk, "'c' is too many"));
}

static void data_that_could_not_be_written_is_no_success(void **state UNUSED)
{
    char talk_text[1024] = "";
    FILE *out = fopen("/dev/full", "w");
    FILE *talk = fmemopen(talk_text, sizeof talk_text - 1, "w");
    char *words[] = {"program", "version", NULL};
    assert_int_equal(program_main(commands, 2, words, out, talk), EXIT_INCOMPLETE);
    fclose(out);
    fclose(talk);
    assert_non_null(strstr(talk_text, "stdout could not be written"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_command_says_the_exit_code),
        cmocka_unit_test(quiet_leaves_the_data_alone),
        cmocka_unit_test(an_error_is_one_harmless_line_and_its_kind_the_exit_code),
        cmocka_unit_test(no_words_give_a_short_usage_on_stderr),
        cmocka_unit_test(help_is_data_whatever_else_is_wrong),
        cmocka_unit_test(an_operand_after_two_dashes_asks_for_nothing),
        cmocka_unit_test(the_version_is_told_in_three_ways),
        cmocka_unit_test(words_that_are_no_command_are_usage_errors),
        cmocka_unit_test(too_many_operands_are_a_usage_error),
        cmocka_unit_test(data_that_could_not_be_written_is_no_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
