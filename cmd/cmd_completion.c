/* completion bash|zsh|fish */
#include "commands.h"
#include "optdoc.h"

#include "base/text.h"

#include <string.h>

#define LONGEST_SCRIPT (512 * 1024)

static const char *const shells[] = {"bash", "zsh", "fish", NULL};
static void (*const writers[])(struct strbuf *out, const struct command *const *commands) = {
    optdoc_bash, optdoc_zsh, optdoc_fish};

static int completion_run(struct program *program, void *options UNUSED, const struct operands *operands,
                          struct err *err)
{
    for (size_t i = 0; shells[i]; i++) {
        if (strcmp(operands->words[0], shells[i]) != 0)
            continue;
        AUTO_STRBUF struct strbuf script = STRBUF_INIT(LONGEST_SCRIPT);
        writers[i](&script, program->commands);
        if (strbuf_ok(&script, "the completion script", err) < 0)
            return -1;
        fputs(strbuf_text(&script), program->out);
        return EXIT_DONE;
    }
    return err_set(err, ERR_USAGE, "'%.64s' is not one of bash, zsh, fish", operands->words[0]);
}

static const struct example examples[] = {
    {"completion bash > ~/.local/share/bash-completion/completions/" PROGRAM_NAME,
     "For bash, for you alone."},
    {"completion zsh > ~/.zfunc/_" PROGRAM_NAME, "For zsh, where ~/.zfunc is in fpath."},
    {"completion fish > ~/.config/fish/completions/" PROGRAM_NAME ".fish", "For fish."},
    {NULL, NULL},
};

const struct command command_completion = {
    .name = "completion",
    .summary = "Print a script that completes commands and options in a shell",
    .operands = "bash|zsh|fish",
    .min_operands = 1,
    .max_operands = 1,
    .operand_words = shells,
    .examples = examples,
    .run = completion_run,
};
