/*
 * Journals read back: what a run was, what may be left of it, what it measured. Nothing in a journal is
 * trusted: sizes are capped, and every id, token, key and path has the shape of one before it is kept.
 */
#ifndef ORCHESTRATOR_JOURNAL_READ_H
#define ORCHESTRATOR_JOURNAL_READ_H

#include "base/clock.h"
#include "base/error.h"
#include "orchestrator/event.h"
#include "orchestrator/plan.h"
#include "storage/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From one `run` record to the next: the run itself, then each time that it was resumed. */
struct history_part {
    int64_t time; /* seconds since the epoch, as all times here */
    char version[32];
    char bucket[640]; /* empty: none */
    char *output_dir; /* absolute */
    char **arguments; /* canonical option words of `run` */
    size_t argument_count;
    size_t first_job; /* number of its first job */
};

struct history_job {
    size_t part; /* which part of the run it belongs to */
    char instance_type[48];
    enum job_state state; /* the last that was reached; JOB_PLANNED: not begun */
    char detail[256];     /* what the journal says beside it: a zone, a suite, why it failed */
    int64_t launched_at;  /* of the last intent; 0: none */
    int64_t changed_at;   /* of the last record about the job; 0: none */
    char instance_id[32]; /* of the last machine; empty: none is known */
};

enum launch_fate {
    LAUNCH_UNKNOWN,   /* there may be a machine: ask for the token */
    LAUNCH_NOT_MADE,  /* refused, or no machine has the token */
    LAUNCH_NOT_ENDED, /* there is, or was, a machine that is not confirmed as terminated */
    LAUNCH_ENDED,
};

struct history_launch {
    size_t job; /* SIZE_MAX: none in particular */
    int64_t time;
    char token[65];       /* empty where the intent's line is damaged */
    char instance_id[32]; /* empty: not known */
    enum launch_fate fate;
};

struct history_result {
    size_t job;
    size_t part; /* whose output directory and bucket it belongs to */
    char key[RESULT_KEY_SIZE];
    struct result_key name; /* the key's parts: instance type, suite, iteration, … */
    char sha256[65];
    bool stored; /* it is in the output directory */
    bool absent; /* it is not: the disk did not take it */
    bool sent;   /* the bucket has it */
};

/* A temporary security group. */
struct history_group {
    int64_t time;
    char id[32]; /* empty: its making was begun, and no id was written down */
    bool removed;
};

struct run_history {
    char run_id[RUN_ID_SIZE];
    char region[32];    /* this and what follows from the first `run` record; empty when nothing was begun */
    char endpoint[256]; /* this and the account are empty for a run of this machine itself */
    char account[16];
    char collection_method[16];
    struct history_part *parts;
    size_t part_count;
    struct history_job *jobs;
    size_t job_count;
    struct history_launch *launches;
    size_t launch_count;
    struct history_result *results;
    size_t result_count;
    struct history_group *groups;
    size_t group_count;
    int64_t started; /* 0 when nothing was begun */
    int64_t changed; /* of the last record */
    bool ended;      /* it came to its end, or its last part did */
    int exit_code;   /* then */
    size_t records;
    size_t damaged;      /* lines that could not be understood: the journal is never taken for finished */
    struct err damage;   /* the first of them, with its line number */
    bool unfinished_end; /* the last line is not complete (power cut): it is ignored */
};

/* `AUTO_HISTORY struct run_history history = {0};` */
#define AUTO_HISTORY CLEANUP(history_free)
void history_free(struct run_history *history);

/* STATE_DIR/runs/RUN_ID, which the caller free()s. ERR_USAGE: not the form of a run's id. */
char *history_directory(const char *state_directory, const char *run_id, struct err *err);
bool history_is_run_id(const char *text);

/* Reads a run's journal. ERR_NOT_FOUND: there is none; ERR_USAGE: not the form of a run's id; ERR_DATA: too
 * large; ERR_CONFIG: can't be read. Lines that can't be understood are counted, and the rest is read. */
int history_load(const char *state_directory, const char *run_id, struct run_history *history,
                 struct err *err);

/* The same of a text at hand. */
void history_read(struct run_history *history, const char *run_id, const char *text, size_t length);

/* The ids of the runs that have a journal here, newest first. A state directory that does not exist has none.
 */
struct history_ids {
    char (*items)[RUN_ID_SIZE];
    size_t count;
};
#define AUTO_HISTORY_IDS CLEANUP(history_ids_free)
int history_list(const char *state_directory, struct history_ids *ids, struct err *err);
void history_ids_free(struct history_ids *ids);

/* Whether a process of this machine is at work on the run (or on finishing it). */
bool history_is_live(const char *state_directory, const char *run_id);

/* Whether it measured the machine that it ran on (`run --local`): it has no account, and launched nothing. */
bool history_is_local(const struct run_history *history);

/* Whether nothing of the run may be left in the account, and no result is unsent, by its journal. */
bool history_is_settled(const struct run_history *history);
/* The parts of it. */
bool history_may_be_alive(const struct run_history *history); /* machines or a security group */
bool history_is_unsent(const struct run_history *history, const struct history_result *result);

/* A run that is settled gets a mark, so that later starts need not read its journal; resuming takes it away
 * before anything is launched. */
int history_mark_if_settled(const char *state_directory, const char *run_id, struct err *err);
bool history_is_marked_settled(const char *state_directory, const char *run_id);
int history_mark_settled(const char *state_directory, const char *run_id, struct err *err);
int history_unmark_settled(const char *state_directory, const char *run_id, struct err *err);

#endif
