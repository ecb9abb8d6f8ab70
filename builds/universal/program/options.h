/* A suite's parameters, "--name=value", by its option table. */
#ifndef PROGRAM_OPTIONS_H
#define PROGRAM_OPTIONS_H

#include "suites/suite.h"

/* Fills in the defaults, then what the arguments say. -1 with ERR_USAGE for an unknown parameter (with the
 * one that may have been meant), one given twice, and a value out of range. */
int options_parse(const struct suite *suite, int count, char **arguments, struct settings *settings,
                  struct err *err);

/* Prints the suite's parameters with range and default. */
void options_print(const struct suite *suite, FILE *out);

#endif
