/* What a person and a shell are told about commands and options, made from the tables that the parser reads.
 * All of it is appended to `out`; strbuf_ok says whether it went in. */
#ifndef CMD_OPTDOC_H
#define CMD_OPTDOC_H

#include "command.h"

#include "base/strbuf.h"

/* The commands, one line each. With first, only those of two words that begin with it ("discover"). */
void optdoc_overview(struct strbuf *out, const struct command *const *commands, const char *first);

/* All about one command, for `--help`. */
void optdoc_help(struct strbuf *out, const struct command *command);

/* The manual page, section 1, in troff's man macros. */
void optdoc_man(struct strbuf *out, const struct command *const *commands);

/* Completion scripts. */
void optdoc_bash(struct strbuf *out, const struct command *const *commands);
void optdoc_zsh(struct strbuf *out, const struct command *const *commands);
void optdoc_fish(struct strbuf *out, const struct command *const *commands);

/* --- what those pages have in common --------------------------------------------------------- */

/* The groups of options that a command takes, own first; returns how many. Targets are NULL. */
#define OPTDOC_MOST_GROUPS 3
size_t optdoc_groups(const struct command *command, struct option_group groups[OPTDOC_MOST_GROUPS]);

/* "-o, --output table|json|csv" */
void optdoc_head(struct strbuf *out, const struct option_spec *spec);
/* Its help with default, range and variable. */
void optdoc_text(struct strbuf *out, const struct option_spec *spec);

/* The first sentence of its help, without the full stop. */
void optdoc_brief(struct strbuf *out, const struct option_spec *spec);

/* "a, b, c" with any separator. */
void optdoc_join(struct strbuf *out, const char *const *words, const char *separator);

/* The first words of the commands' names, each once, in order: the i-th of them with its length; NULL beyond
 * the last. */
const char *optdoc_first_word(const struct command *const *commands, size_t number, size_t *length);

/* The name's second word, or NULL. */
const char *optdoc_second_word(const struct command *command);

/* Whether the command's name begins with these bytes as its first word. */
bool optdoc_begins(const struct command *command, const char *word, size_t length);

/* What each exit code means, in order; ends with a NULL meaning. */
struct exit_meaning {
    const char *codes; /* "130, 143" */
    const char *meaning;
};
extern const struct exit_meaning exit_meanings[];

/* What the program does, in a sentence. */
extern const char optdoc_purpose[];

#endif
