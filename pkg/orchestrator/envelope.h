/*
 * What is put round a script that runs on a far machine, so that its end can be believed. SSH's own exit
 * status is not enough: libssh2 reports 0 after a kill, a lost connection or a time-out. The last line of the
 * standard output carries a word that only this run knows, the exit code, and the SHA-256 of all that was
 * printed before it; a heartbeat on standard error tells silence from death.
 */
#ifndef ORCHESTRATOR_ENVELOPE_H
#define ORCHESTRATOR_ENVELOPE_H

#include "base/error.h"
#include "base/strbuf.h"

#include <stdbool.h>

#define ENVELOPE_WORD_SIZE 33
#define ENVELOPE_LAST_LINE_MAX (ENVELOPE_WORD_SIZE + 80)

struct envelope {
    const char *script;
    const char *word;         /* that only this run knows, ENVELOPE_WORD_SIZE - 1 characters */
    size_t output_limit;      /* most bytes that the script may print */
    double heartbeat_seconds; /* between two signs of life */
};

/* The command line that runs the script and keeps at most output_limit + 1 bytes of what it prints; the one
 * byte more lets the reader see that there was too much. The caller free()s it. */
char *envelope_wrap(const struct envelope *envelope, struct err *err);

/* True when the output ends with the last line. */
bool envelope_complete(const struct strbuf *output, const char *word);

/* Checks the last line against what stands before it and cuts it off. ERR_REMOTE when it is not there, is
 * malformed, or the SHA-256 is another. */
int envelope_open(struct strbuf *output, const char *word, int *exit_code, struct err *err);

/* True for the heartbeat's line on standard error. */
bool envelope_is_heartbeat(const char *line, size_t length, const char *word);

#endif
