/* Secrets: who may not read them in memory, and where they may not come back from. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/error.h"

#include <stddef.h>

/* To be called before the first secret is read: a crash writes no core dump, and other processes of the same
 * user can neither attach to this one nor read its memory and environment (PR_SET_DUMPABLE in prctl(2)).
 * Programs that it executes are as usual in that, but write no core dump either. LeakSanitizer, which
 * attaches to its own process, lifts this for the length of its check by itself. ERR_INTERNAL. */
int secret_hide_memory(struct err *err);

/* Overwrites with '*' whatever of the secrets stands in the text, which keeps its length. The list ends with
 * NULL (or is NULL) and begins with the most secret. What is shorter than SECRET_SHORTEST is no secret, but a
 * word that may stand anywhere. */
#define SECRET_SHORTEST 8
void secret_mask(char *text, size_t length, const char *const *secrets);

#endif
