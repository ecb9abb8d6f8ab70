#include "optdoc.h"

#include <string.h>

/* Text inside single quotes, where "[", "]", ":" and "\" mean something to _arguments. */
static void add_quoted(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            strbuf_adds(out, "'\\'");
        else if (strchr("[]:\\", *text))
            strbuf_addc(out, '\\');
        strbuf_addc(out, *text);
    }
}

/* ":what it is:how to complete it" */
static void add_action(struct strbuf *out, const struct option_spec *spec)
{
    if (spec->type == OPTION_FLAG)
        return;
    strbuf_addc(out, ':');
    add_quoted(out, spec->value_name ? spec->value_name : spec->name);
    strbuf_addc(out, ':');
    if (spec->choices && spec->type == OPTION_LIST) {
        strbuf_addf(out, "_values -s , %s ", spec->name);
        optdoc_join(out, spec->choices, " ");
    } else if (spec->choices) {
        strbuf_addc(out, '(');
        optdoc_join(out, spec->choices, " ");
        strbuf_addc(out, ')');
    } else if (spec->type == OPTION_PATH) {
        strbuf_adds(out, "_files");
    } else {
        strbuf_addc(out, ' ');
    }
}

/* One specification for _arguments; an option of two names excludes the other once it is given. */
static void add_option(struct strbuf *out, const struct option_spec *spec)
{
    bool repeatable = spec->type == OPTION_LIST;
    const char *assign = spec->type == OPTION_FLAG ? "" : "=";
    strbuf_adds(out, " \\\n            ");
    if (spec->letter && !repeatable)
        strbuf_addf(out, "'(-%c --%s)'", spec->letter, spec->name);
    if (repeatable)
        strbuf_adds(out, "'*'");
    if (spec->letter)
        strbuf_addf(out, "{-%c%s,--%s%s}", spec->letter, spec->type == OPTION_FLAG ? "" : "+", spec->name,
                    assign);
    else
        strbuf_addf(out, "--%s%s", spec->name, assign);
    AUTO_STRBUF struct strbuf brief = STRBUF_INIT(1024);
    optdoc_brief(&brief, spec);
    strbuf_adds(out, "'[");
    add_quoted(out, strbuf_text(&brief));
    strbuf_adds(out, "]");
    add_action(out, spec);
    strbuf_addc(out, '\'');
}

static void add_operands(struct strbuf *out, const struct command *command)
{
    if (!command->operands)
        return;
    strbuf_adds(out, " \\\n            '*:");
    add_quoted(out, command->operands);
    strbuf_addc(out, ':');
    if (command->operand_words) {
        strbuf_addc(out, '(');
        optdoc_join(out, command->operand_words, " ");
        strbuf_addc(out, ')');
    } else {
        strbuf_adds(out, command->operands_are_paths ? "_files" : " ");
    }
    strbuf_addc(out, '\'');
}

static void add_command(struct strbuf *out, const struct command *command)
{
    struct option_group groups[OPTDOC_MOST_GROUPS];
    size_t group_count = optdoc_groups(command, groups);
    strbuf_addf(out, "    '%s')\n        _arguments -s -S", command->name);
    for (size_t g = 0; g < group_count; g++)
        for (size_t i = 0; i < groups[g].count; i++)
            add_option(out, &groups[g].specs[i]);
    add_operands(out, command);
    strbuf_adds(out, "\n        ;;\n");
}

static void add_description(struct strbuf *out, const char *name, size_t length, const char *summary)
{
    strbuf_addf(out, " '%.*s:", (int)length, name);
    add_quoted(out, summary);
    strbuf_addc(out, '\'');
}

/* The first words, then, for each that needs one, the second words. */
static void add_names(struct strbuf *out, const struct command *const *commands)
{
    size_t length = 0;
    const char *first = NULL;
    strbuf_adds(out, "    commands=(");
    for (size_t i = 0; commands[i]; i++)
        if (!optdoc_second_word(commands[i]))
            add_description(out, commands[i]->name, strlen(commands[i]->name), commands[i]->summary);
    for (size_t i = 0; (first = optdoc_first_word(commands, i, &length)); i++)
        if (first[length] == ' ')
            strbuf_addf(out, " '%.*s'", (int)length, first);
    strbuf_adds(
        out,
        ")\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n"
        "    local command=$words[2]\n    commands=()\n    case $command in\n");
    for (size_t i = 0; (first = optdoc_first_word(commands, i, &length)); i++) {
        if (first[length] != ' ')
            continue;
        strbuf_addf(out, "    '%.*s') commands=(", (int)length, first);
        for (size_t j = 0; commands[j]; j++)
            if (optdoc_begins(commands[j], first, length))
                add_description(out, commands[j]->name + length + 1, strlen(commands[j]->name + length + 1),
                                commands[j]->summary);
        strbuf_adds(out, ") ;;\n");
    }
    strbuf_adds(out, "    esac\n");
}

void optdoc_zsh(struct strbuf *out, const struct command *const *commands)
{
    strbuf_adds(out, "#compdef " PROGRAM_NAME "\n# Completion of " PROGRAM_NAME " for zsh.\n\n"
                     "_" PROGRAM_NAME "() {\n    local -a commands\n");
    add_names(out, commands);
    strbuf_adds(out, "    if (( $#commands )); then\n"
                     "        if (( CURRENT == 3 )); then\n"
                     "            _describe command commands\n"
                     "            return\n"
                     "        fi\n"
                     "        shift words\n"
                     "        (( CURRENT-- ))\n"
                     "        command+=\" $words[2]\"\n"
                     "    fi\n"
                     "    shift words\n"
                     "    (( CURRENT-- ))\n"
                     "    case $command in\n");
    for (size_t i = 0; commands[i]; i++)
        add_command(out, commands[i]);
    strbuf_adds(out, "    esac\n}\n\n_" PROGRAM_NAME " \"$@\"\n");
}
