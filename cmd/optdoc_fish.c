#include "optdoc.h"

#include <string.h>

static void add_quoted(struct strbuf *out, const char *text)
{
    strbuf_addc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            strbuf_addc(out, '\\');
        strbuf_addc(out, *text);
    }
    strbuf_addc(out, '\'');
}

/* `complete … -n 'this command is being typed'` */
static void begin_line(struct strbuf *out, const struct command *command)
{
    const char *second = optdoc_second_word(command);
    size_t length = strcspn(command->name, " ");
    strbuf_addf(out, "complete -c %s -n '__fish_seen_subcommand_from %.*s", PROGRAM_NAME, (int)length,
                command->name);
    if (second)
        strbuf_addf(out, "; and __fish_seen_subcommand_from %s", second);
    strbuf_addc(out, '\'');
}

static void add_option(struct strbuf *out, const struct command *command, const struct option_spec *spec)
{
    begin_line(out, command);
    strbuf_addf(out, " -l %s", spec->name);
    if (spec->letter)
        strbuf_addf(out, " -s %c", spec->letter);
    if (spec->type == OPTION_PATH)
        strbuf_adds(out, " -r -F");
    else if (spec->type != OPTION_FLAG)
        strbuf_adds(out, " -x");
    if (spec->choices) {
        strbuf_adds(out, spec->type == OPTION_LIST ? " -a '(__fish_append , " : " -a '");
        optdoc_join(out, spec->choices, " ");
        strbuf_adds(out, spec->type == OPTION_LIST ? ")'" : "'");
    }
    AUTO_STRBUF struct strbuf brief = STRBUF_INIT(1024);
    optdoc_brief(&brief, spec);
    strbuf_adds(out, " -d ");
    add_quoted(out, strbuf_text(&brief));
    strbuf_addc(out, '\n');
}

static void add_operands(struct strbuf *out, const struct command *command)
{
    if (!command->operand_words && !command->operands_are_paths)
        return;
    begin_line(out, command);
    if (command->operand_words) {
        strbuf_adds(out, " -a '");
        optdoc_join(out, command->operand_words, " ");
        strbuf_adds(out, "'\n");
    } else {
        strbuf_adds(out, " -F\n");
    }
}

static void add_command(struct strbuf *out, const struct command *command)
{
    struct option_group groups[OPTDOC_MOST_GROUPS];
    size_t group_count = optdoc_groups(command, groups);
    strbuf_addc(out, '\n');
    add_operands(out, command);
    for (size_t g = 0; g < group_count; g++)
        for (size_t i = 0; i < groups[g].count; i++)
            add_option(out, command, &groups[g].specs[i]);
}

/* A first word is offered while there is none, a second word while the first stands alone. */
static void add_name(struct strbuf *out, const struct command *const *commands, const struct command *command)
{
    const char *second = optdoc_second_word(command);
    if (!second) {
        strbuf_addf(out, "complete -c %s -n __fish_use_subcommand -a %s -d ", PROGRAM_NAME, command->name);
    } else {
        size_t length = strcspn(command->name, " ");
        strbuf_addf(out, "complete -c %s -n __fish_use_subcommand -a %.*s\n", PROGRAM_NAME, (int)length,
                    command->name);
        strbuf_addf(
            out, "complete -c %s -n '__fish_seen_subcommand_from %.*s; and not __fish_seen_subcommand_from",
            PROGRAM_NAME, (int)length, command->name);
        for (size_t i = 0; commands[i]; i++)
            if (optdoc_begins(commands[i], command->name, length))
                strbuf_addf(out, " %s", optdoc_second_word(commands[i]));
        strbuf_addf(out, "' -a %s -d ", second);
    }
    add_quoted(out, command->summary);
    strbuf_addc(out, '\n');
}

void optdoc_fish(struct strbuf *out, const struct command *const *commands)
{
    strbuf_adds(out, "# Completion of " PROGRAM_NAME " for fish.\n\ncomplete -c " PROGRAM_NAME " -f\n");
    for (size_t i = 0; commands[i]; i++)
        add_name(out, commands, commands[i]);
    for (size_t i = 0; commands[i]; i++)
        add_command(out, commands[i]);
}
