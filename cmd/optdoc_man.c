#include "optdoc.h"

#include "base/parse.h"

#include <string.h>

#define ESCAPED_NAME "aws\\-benchmark\\-collector"

/* The code point of the UTF-8 sequence at text, which is a constant of ours and so well formed. */
static unsigned long code_point(const unsigned char *text, size_t *length)
{
    *length = text[0] >= 0xF0 ? 4 : text[0] >= 0xE0 ? 3 : 2;
    unsigned long point = text[0] & (0xFFu >> (*length + 1));
    for (size_t i = 1; i < *length; i++)
        point = point << 6 | (text[i] & 0x3F);
    return point;
}

/* Text that troff takes as it is: no escape, no request at the start of a line, hyphens that can be copied.
 */
static void add_escaped(struct strbuf *out, const char *text)
{
    bool line_starts = true;
    for (size_t step = 1; *text; text += step) {
        step = 1;
        if (line_starts && (*text == '.' || *text == '\''))
            strbuf_adds(out, "\\&");
        line_starts = *text == '\n';
        if (*text == '\\')
            strbuf_adds(out, "\\e");
        else if (*text == '-')
            strbuf_adds(out, "\\-");
        else if ((unsigned char)*text >= 0x80)
            strbuf_addf(out, "\\[u%04lX]", code_point((const unsigned char *)text, &step));
        else
            strbuf_addc(out, *text);
    }
}

static void add_line(struct strbuf *out, const char *text)
{
    add_escaped(out, text);
    strbuf_addc(out, '\n');
}

static void add_paragraphs(struct strbuf *out, const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t length = end ? (size_t)(end - text) : strlen(text);
        AUTO_STRBUF struct strbuf paragraph = STRBUF_INIT(8192);
        strbuf_add(&paragraph, text, length);
        strbuf_adds(out, ".PP\n");
        add_line(out, strbuf_text(&paragraph));
        text += length + (end ? 2 : 0);
    }
}

static void add_group(struct strbuf *out, const struct option_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        AUTO_STRBUF struct strbuf head = STRBUF_INIT(512);
        AUTO_STRBUF struct strbuf text = STRBUF_INIT(4096);
        optdoc_head(&head, &group->specs[i]);
        optdoc_text(&text, &group->specs[i]);
        strbuf_adds(out, ".TP\n.B ");
        add_line(out, strbuf_text(&head));
        add_line(out, strbuf_text(&text));
    }
}

static void add_command(struct strbuf *out, const struct command *command)
{
    strbuf_adds(out, ".SS ");
    add_escaped(out, command->name);
    if (command->operands) {
        strbuf_adds(out, command->min_operands ? " " : " [");
        add_escaped(out, command->operands);
        strbuf_adds(out, command->min_operands ? "" : "]");
    }
    strbuf_addc(out, '\n');
    add_escaped(out, command->summary);
    strbuf_adds(out, ".\n");
    if (command->description)
        add_paragraphs(out, command->description);
    const struct option_group own = {NULL, command->options, command->option_count, NULL};
    add_group(out, &own);
    for (const struct example *example = command->examples; example && example->command; example++) {
        strbuf_adds(out, ".PP\n");
        add_line(out, example->says);
        strbuf_adds(out, ".PP\n.RS 4\n.nf\n" ESCAPED_NAME " ");
        add_line(out, example->command);
        strbuf_adds(out, ".fi\n.RE\n");
    }
}

static void add_exit_codes(struct strbuf *out)
{
    strbuf_adds(out, ".SH EXIT STATUS\n");
    for (const struct exit_meaning *row = exit_meanings; row->codes; row++) {
        strbuf_addf(out, ".TP\n.B %s\n", row->codes);
        add_line(out, row->meaning);
    }
}

void optdoc_man(struct strbuf *out, const struct command *const *commands)
{
    const struct option_group account = {NULL, account_option_specs, account_option_count, NULL};
    const struct option_group common = {NULL, common_option_specs, common_option_count, NULL};
    strbuf_adds(out, ".TH AWS\\-BENCHMARK\\-COLLECTOR 1 \"\" \"" PROGRAM_NAME " " VERSION "\"\n"
                     ".SH NAME\n" PROGRAM_NAME " \\- measure EC2 instances and keep what was measured\n"
                     ".SH SYNOPSIS\n.B " ESCAPED_NAME "\n.I COMMAND\n[options] [operands]\n"
                     ".SH DESCRIPTION\n");
    add_line(out, optdoc_purpose);
    strbuf_adds(out, ".SH COMMANDS\n");
    for (size_t i = 0; commands[i]; i++)
        add_command(out, commands[i]);
    strbuf_adds(out, ".SH AWS OPTIONS\nTaken by the commands that talk to AWS.\n");
    add_group(out, &account);
    strbuf_adds(out, ".SH COMMON OPTIONS\nTaken by every command.\n");
    add_group(out, &common);
    add_exit_codes(out);
    strbuf_adds(out, ".SH ENVIRONMENT\n"
                     "AWS's own variables are honoured. Where an option names a variable, its value is the\n"
                     "option's default.\n"
                     ".TP\n.B NO_COLOR\nNo colours, whatever the terminal can do.\n");
}
