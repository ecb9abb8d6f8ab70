/* From argv to exit code: finds the command, parses its options, runs it, says what went wrong. */
#ifndef CMD_PROGRAM_H
#define CMD_PROGRAM_H

#include "command.h"

/* Returns the exit code. out and talk stand for stdout and stderr. */
int program_main(const struct command *const *commands, int argc, char *const *argv, FILE *out, FILE *talk);

/* The exit code of an error that left a command: one that came before any launch. */
int program_exit_code(const struct program *program, const struct err *err);

/* "aws-benchmark-collector: error: MESSAGE" on talk, control characters made harmless. For a command that
 * goes on after an error (one malformed name among others). */
void program_error(struct program *program, const struct err *err);

#endif
