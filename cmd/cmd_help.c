/* help [COMMAND], help --man */
#include "commands.h"
#include "optdoc.h"

#define LONGEST_HELP (512 * 1024)

struct help_options {
    bool man;
};

static const struct option_spec help_option_specs[] = {
    {.name = "man",
     .type = OPTION_FLAG,
     .help = "Print the manual page, for man -l or troff -man.",
     .offset = OPTION_AT(struct help_options, man)},
};

static int help_for(struct strbuf *out, const struct program *program, const struct operands *operands,
                    struct err *err)
{
    size_t used = 0;
    const struct command *command =
        command_find(program->commands, operands->words, operands->count, &used, err);
    if (!command)
        return -1;
    if (used < operands->count)
        return err_set(err, ERR_USAGE, "there is no command '%s %.64s'", command->name,
                       operands->words[used]);
    optdoc_help(out, command);
    return 0;
}

static int help_run(struct program *program, void *options, const struct operands *operands, struct err *err)
{
    const struct help_options *chosen = options;
    const char *first = operands->count ? operands->words[0] : NULL;
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(LONGEST_HELP);
    if (chosen->man)
        optdoc_man(&text, program->commands);
    else if (!first || (operands->count == 1 && command_begins(program->commands, first)))
        optdoc_overview(&text, program->commands, first);
    else if (help_for(&text, program, operands, err) < 0)
        return -1;
    if (strbuf_ok(&text, "the help", err) < 0)
        return -1;
    fputs(strbuf_text(&text), program->out);
    return EXIT_DONE;
}

const struct command command_help = {
    .name = "help",
    .summary = "Say what the program or one command does",
    .operands = "COMMAND",
    .max_operands = 2,
    .options = help_option_specs,
    .option_count = ARRAY_LENGTH(help_option_specs),
    .options_size = sizeof(struct help_options),
    .run = help_run,
};
