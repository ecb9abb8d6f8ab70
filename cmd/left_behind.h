/*
 * What may be left of a run, on stderr: lines for people, with the command that removes it, or with
 * --progress json one event each, so that whoever reads the events reads this as well.
 */
#ifndef CMD_LEFT_BEHIND_H
#define CMD_LEFT_BEHIND_H

#include "command.h"

/* The run that left it. */
struct left_behind {
    const char *run_id;
    const char *region;
};

/* One thing: "instance_id", "launch_token", "security_group" and its id, or NULL and NULL for what is only
 * counted, and the sentence. */
void left_behind_line(struct program *program, const struct left_behind *run, const char *kind,
                      const char *id, const char *format, ...) PRINTF_LIKE(5, 6);

/* After all lines: how to remove it. Each event has that already. */
void left_behind_end(struct program *program, const struct left_behind *run);

#endif
