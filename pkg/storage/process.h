/*
 * `process`: raw results out of stores, one document at a time, into OUTPUT/latest/. What is not sound is
 * passed over and named; each file is replaced as a whole or not at all.
 */
#ifndef STORAGE_PROCESS_H
#define STORAGE_PROCESS_H

#include "base/cancel.h"
#include "results/aggregate.h"
#include "results/inspect.h"
#include "storage/store.h"

struct process_source {
    const char *name; /* as the user wrote it, for messages */
    struct store store;
    const char *directory; /* in which links that lead out of it are named; NULL: there is none */
    const char *prefix;    /* only keys that begin with it are read; NULL: all */
};

enum process_outcome { PROCESS_LEFT_OUT, PROCESS_REFUSED };

struct process_options {
    const struct process_source *sources;
    size_t source_count;
    const char *output_directory;
    struct aggregate_options aggregate;
    const struct inspector *inspector;
    const struct cancel *cancel; /* may be NULL */
    /* Told of each file that did not enter, with the reason; may be NULL. */
    void (*report)(void *context, enum process_outcome outcome, const char *file, const char *reason);
    void *context;
};

struct process_result {
    size_t used;
    size_t left_out;                    /* sound, but not to be published: sandbox, local, a failed check */
    size_t refused;                     /* not sound: exit code 1 */
    struct aggregate_excluded excluded; /* of those left out, what `aggregate` could let in */
};

/* Fails where a source can't be listed or the output not written; a bad document is no failure. Where nothing
 * was found, or nothing could be used and something was refused, the files are left as they are: ERR_DATA. */
int process_run(const struct process_options *options, struct process_result *result, struct err *err);

#endif
