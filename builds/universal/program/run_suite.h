/* Runs one suite and prints its document. */
#ifndef PROGRAM_RUN_SUITE_H
#define PROGRAM_RUN_SUITE_H

#include "suites/suite.h"

/* Prints the document on stdout; *passed says what its checks said. -1: there is no document. */
int run_suite(const struct suite *suite, const struct settings *settings, bool *passed, struct err *err);

#endif
