/*
 * What the run has done and is about to do, written ahead: one JSON object a line, on the disk (fsync) before
 * the function returns. A run's journal is STATE_DIR/runs/RUN_ID/journal.ndjson, readable by its owner alone,
 * since a launch request carries the host key of its instance.
 */
#ifndef ORCHESTRATOR_JOURNAL_H
#define ORCHESTRATOR_JOURNAL_H

#include "base/error.h"
#include "orchestrator/event.h"

#include <stddef.h>

struct journal;

/* Makes the directory and the file. ERR_CONFIG when it can't be written: then nothing may be launched. */
struct journal *journal_open(const char *state_directory, const char *run_id, struct err *err);
void journal_close(struct journal *journal);

/* Where it is, for people. Belongs to the journal. */
const char *journal_path(const struct journal *journal);

/* The records. Threads may share a journal. Each adds the time. -1: ERR_CONFIG (disk full, …): the line may
 * be missing or cut, and a launch must not be sent after it. */
int journal_run(struct journal *journal, const char *run_id, const char *region, const char *endpoint,
                const char *const *instance_types, size_t count, struct err *err);
int journal_intent(struct journal *journal, size_t job, const char *token, const char *request,
                   struct err *err);
int journal_launched(struct journal *journal, size_t job, const char *instance_id, struct err *err);
/* The launch of the token was refused, or never made a machine. */
int journal_not_launched(struct journal *journal, size_t job, const char *token, const char *reason,
                         struct err *err);
int journal_state(struct journal *journal, size_t job, enum job_state state, const char *detail,
                  struct err *err);
int journal_stored(struct journal *journal, size_t job, const char *key, const char *sha256, struct err *err);
int journal_terminated(struct journal *journal, size_t job, const char *instance_id, struct err *err);
/* kind: "security_group"; made or removed. */
int journal_resource(struct journal *journal, const char *kind, const char *id, const char *what,
                     struct err *err);
int journal_end(struct journal *journal, int exit_code, struct err *err);

#endif
