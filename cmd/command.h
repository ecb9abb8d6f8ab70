/*
 * A command is one file, cmd_<name>.c, that defines one `const struct command`, and one row in commands.c.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "options.h"

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PROGRAM_NAME "aws-benchmark-collector"

enum exit_code {
    EXIT_DONE = 0,       /* every target measured and stored */
    EXIT_INCOMPLETE = 1, /* some failed after launch; `validate`: findings */
    EXIT_USAGE = 2,      /* option, type, pattern */
    EXIT_SETUP = 3, /* credentials, permission, network set-up, AMI, journal disk: nothing was launched */
    EXIT_MAY_BE_LEFT = 4,   /* a tear-down is not confirmed */
    EXIT_SIGNAL_BASE = 128, /* plus the number of the signal that interrupted, all clean */
};

enum output_format { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_CSV };
enum progress_choice { PROGRESS_AUTO, PROGRESS_TTY, PROGRESS_PLAIN, PROGRESS_JSON, PROGRESS_NONE };

/* Filled by the options that every command takes. */
struct common_options {
    int output;   /* enum output_format */
    int progress; /* enum progress_choice */
    bool quiet;
    bool verbose;
    bool help;
    bool version;
};

/* Filled by the options of commands that talk to AWS. NULL: as AWS's own variables and files say. */
struct account_options {
    char *region;
    char *profile;
    char *endpoint_url;
};

/* What a command is handed beside its options. It lives in main's frame. */
struct program {
    const struct command *const *commands; /* all of them, NULL at the end */
    int argument_count;                    /* what follows the command's words */
    char *const *arguments;
    FILE *out;       /* data */
    FILE *talk;      /* everything else: stderr */
    bool colour_out; /* whether out and talk may carry colours */
    bool colour_talk;
    struct log log;
    struct clock clock;
    struct cancel cancel; /* requested by nobody unless the command starts a thread that waits for signals */
    struct common_options common;
    struct account_options account;
};

struct example {
    const char *command; /* what follows the program's name */
    const char *says;
};

struct command {
    const char *name;        /* "run"; two words for "discover instances" */
    const char *summary;     /* one line, no full stop */
    const char *description; /* paragraphs separated by an empty line, or NULL */

    const char *operands; /* "NAME|PATTERN…", or NULL: none are taken */
    size_t min_operands;
    size_t max_operands;              /* SIZE_MAX: any number */
    const char *const *operand_words; /* what completion offers, ends with NULL; or NULL */
    bool operands_are_paths;          /* completion offers files */

    const struct option_spec *options;
    size_t option_count;
    size_t options_size; /* of the struct that they fill, handed to run zeroed and parsed */
    bool uses_aws;       /* takes the AWS options as well */

    const struct example *examples; /* ends with a NULL command; or NULL */

    /* Returns an exit code; or -1 with err when it could not begin or go on, which the caller prints and
     * turns into the exit code of its kind. The options are freed by the caller. */
    int (*run)(struct program *program, void *options, const struct operands *operands, struct err *err);
};

/* The shared tables, for the parser and the documentation. */
extern const struct option_spec common_option_specs[];
extern const size_t common_option_count;
extern const struct option_spec account_option_specs[];
extern const size_t account_option_count;

/* Whether word is the first of commands of two words ("discover"). */
bool command_begins(const struct command *const *commands, const char *word);

/* The command that words name; *used is how many of them do. NULL with ERR_USAGE, suggesting what was
 * probably meant. */
const struct command *command_find(const struct command *const *commands, const char *const *words,
                                   size_t word_count, size_t *used, struct err *err);

#endif
