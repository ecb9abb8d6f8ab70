/* The universal benchmark program. What it speaks: docs/container-protocol.md. */
#include "program/options.h"
#include "program/run_suite.h"
#include "suites/suite.h"

#include "base/text.h"

#include <signal.h>
#include <string.h>

enum exit_code { EXIT_PASSED = 0, EXIT_CHECK_FAILED = 1, EXIT_USAGE = 2, EXIT_NO_RESULT = 3 };

struct command {
    const char *name;
    const char *usage;
    const char *summary;
    int (*run)(int count, char **arguments);
};

static int command_list(int count, char **arguments);
static int command_run(int count, char **arguments);
static int command_help(int count, char **arguments);

static const struct command commands[] = {
    {"list", "list", "prints the suites: name, version, what it measures", command_list},
    {"run", "run SUITE [--name=value ...]", "runs a suite; prints one JSON document", command_run},
    {"help", "help", "prints this and the parameters of every suite", command_help},
};

static int complain(enum exit_code code, const struct err *err)
{
    fprintf(stderr, "%s\n", err->message);
    return code;
}

static int usage_error(const char *what, const char *word, const char *nearest)
{
    if (nearest)
        fprintf(stderr, "there is no %s '%.64s': did you mean '%s'?\n", what, word, nearest);
    else
        fprintf(stderr, "there is no %s '%.64s': 'help' lists them\n", what, word);
    return EXIT_USAGE;
}

static int no_arguments(const char *command, int count)
{
    if (count == 0)
        return EXIT_PASSED;
    fprintf(stderr, "%s takes no arguments\n", command);
    return EXIT_USAGE;
}

static int command_list(int count, char **arguments UNUSED)
{
    if (no_arguments("list", count) != EXIT_PASSED)
        return EXIT_USAGE;
    for (size_t i = 0; i < suites_count; i++)
        printf("%s\t%s\t%s\n", suites[i].name, suites[i].version, suites[i].summary);
    return EXIT_PASSED;
}

static void print_help(FILE *out)
{
    fprintf(out, "universal benchmark program %s\n\n", VERSION);
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
        fprintf(out, "  %-30s %s\n", commands[i].usage, commands[i].summary);
    for (size_t i = 0; i < suites_count; i++) {
        fputc('\n', out);
        options_print(&suites[i], out);
    }
}

static int command_help(int count, char **arguments UNUSED)
{
    if (no_arguments("help", count) != EXIT_PASSED)
        return EXIT_USAGE;
    print_help(stdout);
    return EXIT_PASSED;
}

static const char *nearest_suite(const char *name)
{
    const char *names[16];
    size_t count = suites_count < ARRAY_LENGTH(names) ? suites_count : ARRAY_LENGTH(names);
    for (size_t i = 0; i < count; i++)
        names[i] = suites[i].name;
    return text_nearest(name, names, count);
}

/* A name that many know, and under which nothing but EEMBC's own program may stand. */
static int no_suite(const char *name)
{
    if (strcmp(name, "coremark") != 0)
        return usage_error("suite", name, nearest_suite(name));
    fprintf(stderr,
            "there is no suite 'coremark' in this image: it takes EEMBC's own source, which is not in it\n");
    return EXIT_USAGE;
}

static int command_run(int count, char **arguments)
{
    struct err err = {0};
    struct settings settings;
    bool passed = false;
    if (count == 0) {
        fprintf(stderr, "run which suite? 'list' prints them\n");
        return EXIT_USAGE;
    }
    const struct suite *suite = suite_find(arguments[0]);
    if (!suite)
        return no_suite(arguments[0]);
    if (options_parse(suite, count - 1, arguments + 1, &settings, &err) < 0)
        return complain(EXIT_USAGE, &err);
    if (run_suite(suite, &settings, &passed, &err) < 0)
        return complain(err.kind == ERR_USAGE ? EXIT_USAGE : EXIT_NO_RESULT, &err);
    return passed ? EXIT_PASSED : EXIT_CHECK_FAILED;
}

static void end_now(int signal_number)
{
    _exit(128 + signal_number);
}

/* A container's first process does not die of a signal that it has no handler for. */
static void die_of_signals(void)
{
    struct sigaction action = {.sa_handler = end_now};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

int main(int count, char **arguments)
{
    const char *names[ARRAY_LENGTH(commands)];
    die_of_signals();
    if (count < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    const char *word = strcmp(arguments[1], "--help") == 0 ? "help" : arguments[1];
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        names[i] = commands[i].name;
        if (strcmp(word, names[i]) == 0)
            return commands[i].run(count - 2, arguments + 2);
    }
    return usage_error("command", word, text_nearest(word, names, ARRAY_LENGTH(commands)));
}
