#include "program.h"

#include "optdoc.h"

#include "base/text.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#define LONGEST_HELP (256 * 1024)

int program_exit_code(const struct program *program, const struct err *err)
{
    if (err->kind == ERR_USAGE)
        return EXIT_USAGE;
    if (err->kind != ERR_CANCELLED)
        return EXIT_SETUP;
    int signal_number = atomic_load(&program->cancel.signal_number);
    return EXIT_SIGNAL_BASE + (signal_number ? signal_number : SIGINT);
}

static void say(struct program *program, const char *word, const char *colour, const char *text)
{
    const char *start = program->colour_talk ? colour : "";
    const char *end = program->colour_talk ? "\033[0m" : "";
    fprintf(program->talk, "%s: %s%s:%s %s\n", PROGRAM_NAME, start, word, end, text);
}

static void log_to_talk(void *context, enum log_level level, const char *line)
{
    struct program *program = context;
    switch (level) {
    case LOG_ERROR:
        say(program, "error", "\033[31;1m", line);
        break;
    case LOG_WARNING:
        say(program, "warning", "\033[33;1m", line);
        break;
    case LOG_INFO:
    case LOG_DEBUG:
        fprintf(program->talk, "%s\n", line);
        break;
    }
}

void program_error(struct program *program, const struct err *err)
{
    log_line(&program->log, LOG_ERROR, "%s", err->message);
}

static bool colour_allowed(FILE *stream)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    if ((no_colour && *no_colour) || !terminal || strcmp(terminal, "dumb") == 0)
        return false;
    int fd = fileno(stream);
    return fd >= 0 && isatty(fd);
}

static int program_init(struct program *program, const struct command *const *commands, FILE *out, FILE *talk,
                        struct err *err)
{
    *program = (struct program){.commands = commands,
                                .out = out,
                                .talk = talk,
                                .colour_out = colour_allowed(out),
                                .colour_talk = colour_allowed(talk),
                                .clock = clock_system()};
    log_init(&program->log, LOG_INFO, log_to_talk, program);
    signal(SIGPIPE, SIG_IGN); /* a closed connection or pipe is an error where it is written to */
    return cancel_init(&program->cancel, err);
}

static void program_destroy(struct program *program)
{
    cancel_destroy(&program->cancel);
    log_destroy(&program->log);
}

static int apply_common(struct program *program, struct err *err)
{
    if (program->common.quiet && program->common.verbose)
        return err_set(err, ERR_USAGE, "--quiet and --verbose exclude each other");
    if (program->common.quiet)
        program->log.level = LOG_ERROR;
    if (program->common.verbose)
        program->log.level = LOG_DEBUG;
    return 0;
}

static int check_operands(const struct command *command, const struct operands *operands, struct err *err)
{
    const char *name = command->name;
    if (operands->count && !command->operands)
        return err_set(err, ERR_USAGE, "'%s' takes no operand, but there is '%.64s'; see '%s %s --help'",
                       name, operands->words[0], PROGRAM_NAME, name);
    if (operands->count < command->min_operands)
        return err_set(err, ERR_USAGE, "'%s' needs %s; see '%s %s --help'", name, command->operands,
                       PROGRAM_NAME, name);
    if (operands->count > command->max_operands)
        return err_set(err, ERR_USAGE, "'%s' takes %s, and '%.64s' is too many", name, command->operands,
                       operands->words[command->max_operands]);
    return 0;
}

/* Help for a command; or, where that is NULL, the list of those that begin with first, or of all. */
static int print_help(struct program *program, const struct command *command, const char *first,
                      struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(LONGEST_HELP);
    if (command)
        optdoc_help(&text, command);
    else
        optdoc_overview(&text, program->commands, first);
    if (strbuf_ok(&text, "the help", err) < 0)
        return -1;
    fputs(strbuf_text(&text), program->out);
    return EXIT_DONE;
}

static int print_version(struct program *program)
{
    fprintf(program->out, "%s %s\n", PROGRAM_NAME, VERSION);
    return EXIT_DONE;
}

/* --help wins over whatever else is wrong with the words before "--". */
static bool asks_for_help(int argc, char *const *argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int run_parsed(struct program *program, const struct command *command, void *options,
                      const struct operands *operands, struct err *err)
{
    if (program->common.help)
        return print_help(program, command, NULL, err);
    if (program->common.version)
        return print_version(program);
    if (apply_common(program, err) < 0 || check_operands(command, operands, err) < 0)
        return -1;
    return command->run(program, options, operands, err);
}

static int run_command(struct program *program, const struct command *command, int argc, char *const *argv,
                       struct err *err)
{
    if (asks_for_help(argc, argv))
        return print_help(program, command, NULL, err);
    AUTO_FREE void *options = calloc(1, command->options_size + 1);
    program->argument_count = argc;
    program->arguments = argv;
    if (!options)
        return err_memory(err);
    const struct option_group groups[] = {
        {NULL, command->options, command->option_count, options},
        {NULL, common_option_specs, common_option_count, &program->common},
        {NULL, account_option_specs, account_option_count, &program->account},
    };
    size_t group_count = command->uses_aws ? 3 : 2;
    AUTO_OPERANDS struct operands operands = {0};
    int result = options_parse(groups, group_count, argc, argv, &operands, err);
    if (result == 0)
        result = run_parsed(program, command, options, &operands, err);
    options_free(groups, group_count);
    return result;
}

/* Words before the first command: none, or an option that needs no command. */
static int run_words(struct program *program, int argc, char *const *argv, struct err *err)
{
    if (argc < 2) {
        AUTO_STRBUF struct strbuf text = STRBUF_INIT(LONGEST_HELP);
        optdoc_overview(&text, program->commands, NULL);
        fputs(strbuf_text(&text), program->talk);
        return EXIT_USAGE;
    }
    const char *first = argv[1];
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0)
        return print_help(program, NULL, NULL, err);
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0)
        return print_version(program);
    if (first[0] == '-')
        return err_set(err, ERR_USAGE, "'%.64s' stands before the command; options follow it", first);
    size_t used = 0;
    const struct command *command =
        command_find(program->commands, (const char *const *)argv + 1, (size_t)argc - 1, &used, err);
    if (!command && command_begins(program->commands, first) && asks_for_help(argc, argv))
        return print_help(program, NULL, first, err);
    if (!command)
        return -1;
    int words = 1 + (int)used;
    return run_command(program, command, argc - words, argv + words, err);
}

/* Whether stdout is a pipe that nobody reads any more. stdio keeps no errno of a write that failed before. */
static bool reader_left(FILE *out)
{
    struct pollfd end = {.fd = fileno(out)};
    return end.fd >= 0 && poll(&end, 1, 0) == 1 && (end.revents & POLLERR);
}

/* Data that could not be written must not look like success. A reader that went away (head) is no error. */
static int finish_output(struct program *program, int exit_code)
{
    errno = 0;
    bool failed = fflush(program->out) != 0 || ferror(program->out);
    int reason = errno;
    if (!failed || reader_left(program->out))
        return exit_code;
    log_line(&program->log, LOG_ERROR, "stdout could not be written: %s",
             reason ? strerror(reason) : "an earlier write failed");
    return exit_code == EXIT_DONE ? EXIT_INCOMPLETE : exit_code;
}

int program_main(const struct command *const *commands, int argc, char *const *argv, FILE *out, FILE *talk)
{
    struct program program;
    struct err err = {0};
    int result = program_init(&program, commands, out, talk, &err);
    if (result == 0)
        result = run_words(&program, argc, argv, &err);
    if (result < 0) {
        program_error(&program, &err);
        result = program_exit_code(&program, &err);
    }
    result = finish_output(&program, result);
    program_destroy(&program);
    return result;
}
