/*
 * What the run has done and is about to do, written ahead: one JSON object a line, on the disk (fsync) before
 * the function returns. A run's journal is STATE_DIR/runs/RUN_ID/journal.ndjson, readable by its owner alone,
 * since a launch request carries the host key of its instance.
 *
 * Whoever has a journal open for writing holds a lock on it (flock, exclusive) for as long as the process
 * lives: the kernel takes it away on any death, so that a journal without a lock is nobody's, and its run is
 * not live. journal_read.h reads journals.
 */
#ifndef ORCHESTRATOR_JOURNAL_H
#define ORCHESTRATOR_JOURNAL_H

#include "base/error.h"
#include "orchestrator/event.h"

#include <stddef.h>

#define JOURNAL_NAME "journal.ndjson"

struct journal;

/* Makes the directory and the file. ERR_CONFIG when it can't be written: then nothing may be launched. */
struct journal *journal_open(const char *state_directory, const char *run_id, struct err *err);
/* Opens the journal of an earlier run, to append to it. A line that a power cut left unfinished is cut off:
 * what it speaks of was not begun. ERR_EXISTS: another process holds it, the run is live. ERR_NOT_FOUND:
 * there is none. */
struct journal *journal_reopen(const char *state_directory, const char *run_id, struct err *err);
/* From here on the caller's job 0 is the journal's first_job: when a run is resumed, so that each of its jobs
 * keeps a number of its own. Before threads share the journal. */
void journal_number_jobs_from(struct journal *journal, size_t first_job);
void journal_close(struct journal *journal);

/* Where it is, for people. Belongs to the journal. */
const char *journal_path(const struct journal *journal);

/* What a run is, for whoever finishes it. */
struct journal_header {
    const char *run_id;
    const char *region;
    const char *endpoint; /* of EC2; this and the account are NULL for a run of this machine itself */
    const char *account;
    const char *collection_method;
    const char *bucket;           /* "NAME/PREFIX", or NULL */
    const char *output_dir;       /* absolute: results are spooled there */
    const char *const *arguments; /* of `run`, "--name=value" each */
    size_t argument_count;
    const char *const *instance_types; /* of the jobs, by number */
    size_t instance_type_count;
};

/* A result by its names, before and after it has been written. */
struct journal_result {
    const char *suite;
    unsigned iteration;
    const char *key;
    const char *sha256;
};

/* The records. Threads may share a journal. Each adds the time. -1: ERR_CONFIG (disk full, …): the line may
 * be missing or cut, and a launch must not be sent after it. A job of SIZE_MAX is none in particular. */
/* Comes first, and again when a run is resumed. */
int journal_run(struct journal *journal, const struct journal_header *header, struct err *err);
int journal_intent(struct journal *journal, size_t job, const char *token, const char *request,
                   struct err *err);
int journal_launched(struct journal *journal, size_t job, const char *token, const char *instance_id,
                     struct err *err);
/* The launch of the token was refused, or never made a machine. */
int journal_not_launched(struct journal *journal, size_t job, const char *token, const char *reason,
                         struct err *err);
int journal_state(struct journal *journal, size_t job, enum job_state state, const char *detail,
                  struct err *err);
/* The result is about to be written to the output directory … */
int journal_measured(struct journal *journal, size_t job, const struct journal_result *result,
                     struct err *err);
/* … is there, synced … */
int journal_stored(struct journal *journal, size_t job, const struct journal_result *result, struct err *err);
/* … or is not; it may still be sent. */
int journal_not_stored(struct journal *journal, size_t job, const char *key, const char *reason,
                       struct err *err);
/* The bucket has confirmed it. */
int journal_sent(struct journal *journal, size_t job, const char *key, const char *sha256, struct err *err);
int journal_terminated(struct journal *journal, size_t job, const char *instance_id, struct err *err);
/* kind: "security_group". what: "to be made" (the id is the run's, it has none of its own yet), "made",
 * "removed" (with the run's id: it was never made). */
int journal_resource(struct journal *journal, const char *kind, const char *id, const char *what,
                     struct err *err);
int journal_end(struct journal *journal, int exit_code, struct err *err);

#endif
