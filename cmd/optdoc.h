/* What a person is told about commands and options, made from the tables that the parser reads. All of them
 * append to `out`; strbuf_ok says whether it went in. */
#ifndef CMD_OPTDOC_H
#define CMD_OPTDOC_H

#include "command.h"

#include "base/strbuf.h"

/* The commands, one line each. With first, only those of two words that begin with it ("discover"). */
void optdoc_overview(struct strbuf *out, const struct command *const *commands, const char *first);

/* All about one command, for `--help`. */
void optdoc_help(struct strbuf *out, const struct command *command);

/* The groups of options that a command takes, own first; returns how many. Targets are NULL. */
#define OPTDOC_MOST_GROUPS 3
size_t optdoc_groups(const struct command *command, struct option_group groups[OPTDOC_MOST_GROUPS]);

/* "-o, --output table|json|csv" */
void optdoc_head(struct strbuf *out, const struct option_spec *spec);
/* Its help with default, range and variable. */
void optdoc_text(struct strbuf *out, const struct option_spec *spec);

/* What each exit code means, in order; ends with a NULL meaning. */
struct exit_meaning {
    const char *codes; /* "130, 143" */
    const char *meaning;
};
extern const struct exit_meaning exit_meanings[];

#endif
