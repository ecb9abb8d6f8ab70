/* help [COMMAND] */
#include "commands.h"
#include "optdoc.h"

#include <string.h>

#define LONGEST_HELP (256 * 1024)

static int help_run(struct program *program, void *options UNUSED, const struct operands *operands,
                    struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(LONGEST_HELP);
    size_t used = 0;
    const struct command *command = NULL;
    if (operands->count == 1 && command_begins(program->commands, operands->words[0])) {
        optdoc_overview(&text, program->commands, operands->words[0]);
    } else if (operands->count) {
        command = command_find(program->commands, operands->words, operands->count, &used, err);
        if (!command)
            return -1;
        if (used < operands->count)
            return err_set(err, ERR_USAGE, "there is no command '%s %.64s'", command->name,
                           operands->words[used]);
        optdoc_help(&text, command);
    } else {
        optdoc_overview(&text, program->commands, NULL);
    }
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
    .run = help_run,
};
