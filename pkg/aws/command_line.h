/* A line of words as a shell would split it, without any of a shell's expansions. */
#ifndef AWS_COMMAND_LINE_H
#define AWS_COMMAND_LINE_H

#include "base/error.h"

#include <stddef.h>

#define COMMAND_LINE_MAX_BYTES 8192
#define COMMAND_LINE_MAX_WORDS 128

struct command_line {
    char *words[COMMAND_LINE_MAX_WORDS + 1]; /* ends with a NULL; they point into text */
    size_t count;
    char *text; /* owned */
};

/* Words are parted by blanks; 'single' and "double quotes" hold blanks; a backslash takes the next character
 * as it is, in double quotes only before '"' and '\'. Pure. ERR_CONFIG: no word, a quote that does not end,
 * over the caps. */
int command_line_split(const char *text, struct command_line *line, struct err *err);
/* A zeroed line may be freed. */
void command_line_free(struct command_line *line);

#endif
