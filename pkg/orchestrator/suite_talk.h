/* What a suite says while it runs, and by its exit code: docs/container-protocol.md, whoever runs it. */
#ifndef ORCHESTRATOR_SUITE_TALK_H
#define ORCHESTRATOR_SUITE_TALK_H

#include "base/error.h"

#include <stddef.h>

#define SUITE_OUTPUT_MAX (1UL << 20) /* bytes of its document */
#define LAST_WORDS_SIZE 400

/* A line of the suite's standard error. percent is -1 where the line names none. text is printable. */
struct suite_talk {
    void (*progress)(void *context, int percent, const char *text);
    void *context;
};

/* Collects it. */
struct suite_listener {
    const struct suite_talk *talk;    /* NULL: nobody wants progress */
    char last_words[LAST_WORDS_SIZE]; /* the last line that is no progress, printable; empty: none */
};

/* A line, as it came. context is a struct suite_listener. */
void suite_hear_line(void *context, const char *line, size_t length);

/* ERR_REMOTE, saying what an exit code other than 0 means. Returns -1. */
int suite_explain_exit(const char *suite, int exit_code, const char *last_words, struct err *err);

#endif
