/* A run's journal record by record, also while it is being written. */
#ifndef ORCHESTRATOR_JOURNAL_TAIL_H
#define ORCHESTRATOR_JOURNAL_TAIL_H

#include "base/error.h"
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>

struct journal_tail;

/* ERR_NOT_FOUND: the run has no journal; ERR_CONFIG: it can't be read. */
struct journal_tail *journal_tail_open(const char *state_directory, const char *run_id, struct err *err);
void journal_tail_close(struct journal_tail *tail);

enum tail_result { TAIL_RECORD, TAIL_DAMAGED, TAIL_END, TAIL_FAILED };

/* The next record, an object, which the caller cJSON_Delete()s. TAIL_DAMAGED: a line is none; err says which
 * and why, and the next call goes on behind it. TAIL_END: that was all so far; a later call may find more.
 * TAIL_FAILED: it can't be read on. */
enum tail_result journal_tail_next(struct journal_tail *tail, cJSON **record, struct err *err);

/* At TAIL_END: whether a line stands there that has no end (yet). */
bool journal_tail_is_cut(const struct journal_tail *tail);

#endif
