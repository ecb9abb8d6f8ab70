/* Included before every file that clang-tidy reads: its analyser looks at one file at a time, so it must be
 * told that what makes an error also returns -1. */
#ifndef LINT_ANALYZER_H
#define LINT_ANALYZER_H

#include "base/error.h"

#define err_set(...) (err_set(__VA_ARGS__), -1)
#define err_errno(...) (err_errno(__VA_ARGS__), -1)
#define err_prepend(...) (err_prepend(__VA_ARGS__), -1)
#define err_memory(err) (err_memory(err), -1)

#endif
