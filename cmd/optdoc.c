#include "optdoc.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

#define WIDTH 80
#define TEXT_COLUMN 28

const struct exit_meaning exit_meanings[] = {
    {"0", "everything asked for is done: every target measured and stored"},
    {"1", "some targets failed after their launch; validate: there are findings"},
    {"2", "usage: an option, an instance type, a pattern"},
    {"3", "credentials, permission, network set-up, AMI, disk: nothing was launched"},
    {"4", "a tear-down is not confirmed; the ids and the command that cleans up are printed"},
    {"130, 143", "interrupted, and everything launched is terminated"},
    {NULL, NULL},
};

const char optdoc_purpose[] =
    "Launches EC2 instances, runs a benchmark container on each over SSH, terminates "
    "them, and stores what was measured.";

/* --- layout ----------------------------------------------------------------------------------- */

static void add_spaces(struct strbuf *out, size_t count)
{
    strbuf_addf(out, "%*s", (int)count, "");
}

/* Words filled into lines from `indent` on, the first line starting where the text already stands, at column
 * `at`. Ends the line. A line end in the text stays one. */
static void add_wrapped(struct strbuf *out, const char *text, size_t indent, size_t at)
{
    bool line_empty = true;
    if (at < indent)
        add_spaces(out, indent - at);
    at = at < indent ? indent : at;
    while (*text) {
        size_t length = strcspn(text, " \n");
        size_t width = text_columns(text, length);
        bool full = !line_empty && at + 1 + width > WIDTH;
        if (full) {
            strbuf_addc(out, '\n');
            add_spaces(out, indent);
            at = indent;
        } else if (!line_empty) {
            strbuf_addc(out, ' ');
            at++;
        }
        strbuf_add(out, text, length);
        at += width;
        line_empty = false;
        text += length;
        if (*text)
            text++;
    }
    strbuf_addc(out, '\n');
}

/* Paragraphs separated by empty lines. */
static void add_paragraphs(struct strbuf *out, const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        AUTO_STRBUF struct strbuf paragraph = STRBUF_INIT(8192);
        strbuf_add(&paragraph, text, length);
        strbuf_addc(out, '\n');
        add_wrapped(out, strbuf_text(&paragraph), 0, 0);
        text += length + (end ? 2 : 0);
    }
}

/* "  HEAD      text", the text on a line of its own where the head is long. */
static void add_entry(struct strbuf *out, const char *head, const char *text)
{
    size_t at = 2 + text_columns(head, strlen(head));
    strbuf_addf(out, "  %s", head);
    if (at + 2 > TEXT_COLUMN) {
        strbuf_addc(out, '\n');
        at = 0;
    }
    add_wrapped(out, text, TEXT_COLUMN, at);
}

/* --- one option ------------------------------------------------------------------------------- */

void optdoc_join(struct strbuf *out, const char *const *words, const char *separator)
{
    for (size_t i = 0; words[i]; i++)
        strbuf_addf(out, "%s%s", i ? separator : "", words[i]);
}

void optdoc_brief(struct strbuf *out, const struct option_spec *spec)
{
    const char *end = strstr(spec->help, ". ");
    size_t length = end ? (size_t)(end - spec->help) : strlen(spec->help);
    if (!end && length && spec->help[length - 1] == '.')
        length--;
    strbuf_add(out, spec->help, length);
}

void optdoc_head(struct strbuf *out, const struct option_spec *spec)
{
    if (spec->letter)
        strbuf_addf(out, "-%c, ", spec->letter);
    strbuf_addf(out, "--%s", spec->name);
    if (spec->value_name)
        strbuf_addf(out, " %s", spec->value_name);
    if (spec->value_name && spec->type == OPTION_LIST)
        strbuf_adds(out, ",…");
    if (spec->type == OPTION_CHOICE) {
        strbuf_addc(out, ' ');
        optdoc_join(out, spec->choices, "|");
    }
}

struct unit {
    uint64_t factor;
    const char *name;
};

/* A bound in the largest unit that leaves it whole. The units end with factor 1. */
static void add_bound(struct strbuf *out, uint64_t value, const struct unit *units)
{
    while (units->factor > 1 && (value == 0 || value % units->factor))
        units++;
    strbuf_addf(out, "%" PRIu64 "%s", value / units->factor, units->name);
}

static void add_range(struct strbuf *out, const struct option_spec *spec)
{
    static const struct unit none[] = {{1, ""}};
    static const struct unit seconds[] = {{86400, "d"}, {3600, "h"}, {60, "m"}, {1, "s"}};
    static const struct unit bytes[] = {
        {1ULL << 30, "GiB"}, {1ULL << 20, "MiB"}, {1ULL << 10, "KiB"}, {1, ""}};
    if (!spec->min && !spec->max)
        return;
    const struct unit *units = spec->type == OPTION_DURATION ? seconds
                               : spec->type == OPTION_SIZE   ? bytes
                                                             : none;
    strbuf_adds(out, " From ");
    add_bound(out, spec->min, units);
    strbuf_adds(out, " to ");
    add_bound(out, spec->max, units);
    strbuf_adds(out, ".");
}

void optdoc_text(struct strbuf *out, const struct option_spec *spec)
{
    strbuf_adds(out, spec->help);
    if (spec->type == OPTION_LIST && spec->choices) {
        strbuf_adds(out, " Any of ");
        optdoc_join(out, spec->choices, ", ");
        strbuf_adds(out, ".");
    }
    add_range(out, spec);
    if (spec->default_text)
        strbuf_addf(out, " Default: %s.", spec->default_text);
    if (spec->not_with)
        strbuf_addf(out, " Not with --%s.", spec->not_with);
    if (spec->from_environment) {
        char variable[OPTION_ENVIRONMENT_SIZE];
        option_environment_name(spec, variable);
        strbuf_addf(out, " Variable: %s.", variable);
    }
}

size_t optdoc_groups(const struct command *command, struct option_group groups[OPTDOC_MOST_GROUPS])
{
    size_t count = 0;
    if (command->option_count)
        groups[count++] = (struct option_group){"Options", command->options, command->option_count, NULL};
    if (command->uses_aws)
        groups[count++] =
            (struct option_group){"AWS options", account_option_specs, account_option_count, NULL};
    groups[count++] = (struct option_group){"Common options", common_option_specs, common_option_count, NULL};
    return count;
}

/* --- pages ------------------------------------------------------------------------------------ */

static void add_group(struct strbuf *out, const struct option_group *group)
{
    strbuf_addf(out, "\n%s:\n", group->title);
    for (size_t i = 0; i < group->count; i++) {
        AUTO_STRBUF struct strbuf head = STRBUF_INIT(512);
        AUTO_STRBUF struct strbuf text = STRBUF_INIT(4096);
        optdoc_head(&head, &group->specs[i]);
        optdoc_text(&text, &group->specs[i]);
        add_entry(out, strbuf_text(&head), strbuf_text(&text));
    }
}

void optdoc_help(struct strbuf *out, const struct command *command)
{
    strbuf_addf(out, "Usage: %s %s [options]", PROGRAM_NAME, command->name);
    if (command->operands)
        strbuf_addf(out, command->min_operands ? " %s" : " [%s]", command->operands);
    strbuf_addf(out, "\n\n%s.\n", command->summary);
    if (command->description)
        add_paragraphs(out, command->description);
    struct option_group groups[OPTDOC_MOST_GROUPS];
    size_t count = optdoc_groups(command, groups);
    for (size_t i = 0; i < count; i++)
        add_group(out, &groups[i]);
    if (command->examples)
        strbuf_adds(out, "\nExamples:\n");
    for (const struct example *example = command->examples; example && example->command; example++) {
        strbuf_addf(out, "  %s %s\n", PROGRAM_NAME, example->command);
        add_wrapped(out, example->says, 6, 0);
    }
}

const char *optdoc_second_word(const struct command *command)
{
    const char *space = strchr(command->name, ' ');
    return space ? space + 1 : NULL;
}

bool optdoc_begins(const struct command *command, const char *word, size_t length)
{
    return strcspn(command->name, " ") == length && memcmp(command->name, word, length) == 0;
}

const char *optdoc_first_word(const struct command *const *commands, size_t number, size_t *length)
{
    for (size_t i = 0; commands[i]; i++) {
        *length = strcspn(commands[i]->name, " ");
        bool repeated = i > 0 && optdoc_begins(commands[i - 1], commands[i]->name, *length);
        if (!repeated && number-- == 0)
            return commands[i]->name;
    }
    return NULL;
}

void optdoc_overview(struct strbuf *out, const struct command *const *commands, const char *first)
{
    strbuf_addf(out, "Usage: %s %s%sCOMMAND [options] [operands]\n\n", PROGRAM_NAME, first ? first : "",
                first ? " " : "");
    if (!first) {
        add_wrapped(out, optdoc_purpose, 0, 0);
        strbuf_addc(out, '\n');
    }
    strbuf_adds(out, "Commands:\n");
    for (size_t i = 0; commands[i]; i++)
        if (!first || optdoc_begins(commands[i], first, strlen(first)))
            add_entry(out, commands[i]->name, commands[i]->summary);
    strbuf_addf(out, "\n'%s COMMAND --help' says all about one.\n", PROGRAM_NAME);
}
