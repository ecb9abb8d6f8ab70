/* The runs of this machine, as people name them. */
#ifndef CMD_RUN_IDS_H
#define CMD_RUN_IDS_H

#include "options.h"

#include "base/error.h"
#include "orchestrator/plan.h"

/* Where the journals are: what was chosen by --state-dir, or, where that is NULL, the user's own place. The
 * caller free()s it. ERR_CONFIG: there is none. */
char *state_directory(const char *chosen, struct err *err);

/* The run that the word means: its id, the beginning of the id, or that of the letters behind its dash; as
 * long as one run alone is meant. ERR_USAGE: none is, which names the one that was probably meant; or several
 * are. */
int run_id_find(const char *state_directory, const char *word, char run_id[RUN_ID_SIZE], struct err *err);

#endif
