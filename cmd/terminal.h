/* How large the terminal is. */
#ifndef CMD_TERMINAL_H
#define CMD_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

struct terminal_size {
    unsigned rows;
    unsigned columns;
};

/* False, and size as it was, where out is no terminal or does not tell. */
bool terminal_ask(FILE *out, struct terminal_size *size);

#endif
