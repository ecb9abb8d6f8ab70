#include "optdoc.h"

#define FUNCTION "_aws_benchmark_collector"

/* What the tables are looked up with. bash splits --name=value at the "=". */
static const char script_end[] = FUNCTION
    "()\n"
    "{\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
    "    local command=${COMP_WORDS[1]} words='' before=''\n"
    "    if [[ $current == = ]]; then\n"
    "        current=\n"
    "    elif [[ $previous == = ]]; then\n"
    "        previous=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    if (( COMP_CWORD == 1 )); then\n"
    "        words=$(" FUNCTION "_commands '')\n"
    "    elif [[ -n $(" FUNCTION "_commands \"$command\") ]]; then\n"
    "        (( COMP_CWORD > 2 )) || words=$(" FUNCTION "_commands \"$command\")\n"
    "        command+=\" ${COMP_WORDS[2]}\"\n"
    "    fi\n"
    "    [[ -n $words ]] || words=$(" FUNCTION "_values \"$command $previous\")\n"
    "    [[ -n $words || $current != -* ]] || words=$(" FUNCTION "_options \"$command\")\n"
    "    [[ -n $words || $command != help ]] || words=$(" FUNCTION "_commands '')\n"
    "    [[ -n $words ]] || words=$(" FUNCTION "_operands \"$command\")\n"
    "    if [[ $words == @list* && $current == *,* ]]; then\n"
    "        before=${current%,*},\n"
    "        current=${current##*,}\n"
    "    fi\n"
    "    COMPREPLY=()\n"
    "    case $words in\n"
    "    @files) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
    "    @any) ;;\n"
    "    *) mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"${words#@list}\" -- \"$current\") ;;\n"
    "    esac\n"
    "}\n"
    "complete -F " FUNCTION " " PROGRAM_NAME "\n";

static void begin_function(struct strbuf *out, const char *name)
{
    strbuf_addf(out, "%s_%s()\n{\n    case $1 in\n", FUNCTION, name);
}

static void end_function(struct strbuf *out)
{
    strbuf_adds(out, "    esac\n}\n\n");
}

static void add_commands(struct strbuf *out, const struct command *const *commands)
{
    size_t length = 0;
    begin_function(out, "commands");
    strbuf_adds(out, "    '') echo '");
    for (size_t i = 0; optdoc_first_word(commands, i, &length); i++)
        strbuf_addf(out, "%s%.*s", i ? " " : "", (int)length, optdoc_first_word(commands, i, &length));
    strbuf_adds(out, "' ;;\n");
    for (size_t i = 0; commands[i]; i++) {
        const char *second = optdoc_second_word(commands[i]);
        if (second)
            strbuf_addf(out, "    '%.*s') echo '%s' ;;&\n", (int)(second - commands[i]->name - 1),
                        commands[i]->name, second);
    }
    end_function(out);
}

static void add_options(struct strbuf *out, const struct command *command)
{
    struct option_group groups[OPTDOC_MOST_GROUPS];
    size_t group_count = optdoc_groups(command, groups);
    strbuf_addf(out, "    '%s') echo '", command->name);
    for (size_t g = 0; g < group_count; g++)
        for (size_t i = 0; i < groups[g].count; i++)
            strbuf_addf(out, "%s--%s", g || i ? " " : "", groups[g].specs[i].name);
    strbuf_adds(out, "' ;;\n");
}

static void add_option_values(struct strbuf *out, const struct command *command,
                              const struct option_spec *spec)
{
    if (spec->type == OPTION_FLAG)
        return;
    strbuf_addf(out, "    '%s --%s'", command->name, spec->name);
    if (spec->letter)
        strbuf_addf(out, "|'%s -%c'", command->name, spec->letter);
    strbuf_adds(out, ") echo '");
    if (spec->choices && spec->type == OPTION_LIST)
        strbuf_adds(out, "@list ");
    if (spec->choices)
        optdoc_join(out, spec->choices, " ");
    else
        strbuf_adds(out, spec->type == OPTION_PATH ? "@files" : "@any");
    strbuf_adds(out, "' ;;\n");
}

static void add_values(struct strbuf *out, const struct command *command)
{
    struct option_group groups[OPTDOC_MOST_GROUPS];
    size_t group_count = optdoc_groups(command, groups);
    for (size_t g = 0; g < group_count; g++)
        for (size_t i = 0; i < groups[g].count; i++)
            add_option_values(out, command, &groups[g].specs[i]);
}

static void add_operands(struct strbuf *out, const struct command *command)
{
    strbuf_addf(out, "    '%s') echo '", command->name);
    if (command->operand_words)
        optdoc_join(out, command->operand_words, " ");
    else
        strbuf_adds(out, command->operands_are_paths ? "@files" : "@any");
    strbuf_adds(out, "' ;;\n");
}

void optdoc_bash(struct strbuf *out, const struct command *const *commands)
{
    static const struct {
        const char *name;
        void (*add)(struct strbuf *out, const struct command *command);
    } tables[] = {{"options", add_options}, {"values", add_values}, {"operands", add_operands}};
    strbuf_adds(out, "# Completion of " PROGRAM_NAME " for bash.\n\n");
    add_commands(out, commands);
    for (size_t table = 0; table < ARRAY_LENGTH(tables); table++) {
        begin_function(out, tables[table].name);
        for (size_t i = 0; commands[i]; i++)
            tables[table].add(out, commands[i]);
        end_function(out);
    }
    strbuf_adds(out, script_end);
}
