/*
 * The journals of this machine, told what a cleanup has removed: machines confirmed as terminated, groups
 * that are gone. From the beginning to the end of it their runs can't be taken up by another process.
 */
#ifndef ORCHESTRATOR_SETTLEMENT_H
#define ORCHESTRATOR_SETTLEMENT_H

#include "base/error.h"
#include "base/log.h"
#include "orchestrator/leftovers.h"

/* The words on runs, as they were at first: what this process holds later must not pass for live. */
struct runs_here {
    const char *state_directory;
    struct {
        char run_id[64];
        enum run_here word;
    } * items;
    size_t count;
};
void runs_here_free(struct runs_here *runs);
/* For struct leftover_terms; context is a struct runs_here. */
enum run_here runs_here_ask(void *context, const char *run_id);

struct settlement_scope {
    const char *state_directory;
    const char *endpoint; /* of EC2 */
    const char *const *regions;
    size_t region_count;
    const struct leftover_terms *terms;
    struct log *log;
};

struct settlement;

/* Takes hold of the unfinished journals within the scope. What belongs to a run that turns out to be live is
 * kept. A journal that can't be written is said in the log and left as it is. NULL: ERR_INTERNAL. */
struct settlement *settlement_begin(const struct settlement_scope *scope, struct leftovers *list,
                                    struct err *err);
/* Writes down what became of what the journals speak of, as far as the list knows, in which all of their
 * regions must be; a list of NULL: nothing. Lets go of them. A settlement of NULL is allowed. */
void settlement_end(struct settlement *settlement, const struct leftovers *list);

#endif
