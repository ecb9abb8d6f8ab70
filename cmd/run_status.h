/* A run as its journal tells it, in rows for programs and for people. */
#ifndef CMD_RUN_STATUS_H
#define CMD_RUN_STATUS_H

#include "base/error.h"
#include "base/json.h"
#include "orchestrator/journal_read.h"

#include <stdbool.h>

struct run_snapshot {
    const struct run_history *history;
    bool live;  /* a process of this machine is at work on it */
    double now; /* seconds since the epoch */
};

enum run_state { RUN_LIVE, RUN_SETTLED, RUN_UNFINISHED };

/* live: a process is at work on it; settled: nothing of it may be left in the account, and no result is
 * unsent; unfinished: neither. */
enum run_state run_state_of(const struct run_snapshot *snapshot);
/* Static. */
const char *run_state_name(enum run_state state);

/* {run_id, state, open: [text], started, seconds, region, account, collection_method, job_counts: {total,
 * STATE: N}, results: {measured, stored, sent}, bucket, output_dir, exit_code, version}. What is not known is
 * null. */
cJSON *run_status_row(const struct run_snapshot *snapshot, struct err *err);
/* The same in words: {run_id, state, started, duration, jobs, results, open}. */
cJSON *run_status_words(const struct run_snapshot *snapshot, struct err *err);

/* [{run_id, job, instance_type, state, reached, since, instance_id, results: {measured, stored, sent},
 * error}]. state is "cut_off" for a job that was under way when nobody was at work on it any more; reached is
 * how far it got. */
cJSON *run_job_rows(const struct run_snapshot *snapshot, struct err *err);

#endif
