/* The live table of a run: where each job is, composed as text for a terminal of a given size. Pure: what is
 * drawn, erased and locked is progress.c's. */
#ifndef CMD_LIVE_TABLE_H
#define CMD_LIVE_TABLE_H

#include "progress.h"

#include "base/strbuf.h"

/* A job as the events so far tell it. Texts are printable. */
struct job_view {
    char instance_type[32];
    char instance_id[32];
    char suite[64];
    char text[128]; /* the last line of progress */
    enum job_state state;
    bool failing;
    int percent;         /* of the suite that runs; -1 unknown */
    size_t measured;     /* suites done, iterations counted */
    size_t measurements; /* to be made */
    double began;        /* seconds since the run began; negative: not yet */
};

struct run_view {
    const struct job_view *jobs;
    size_t job_count;
    double now; /* seconds since the run began */
    bool colour;
};

enum job_phase { PHASE_WAITING, PHASE_ACTIVE, PHASE_DONE, PHASE_FAILED };
#define PHASE_COUNT (PHASE_FAILED + 1)

enum job_phase job_phase(const struct job_view *job);

/* How many jobs are in each phase. */
void count_phases(const struct run_view *run, size_t counts[PHASE_COUNT]);

/* Appends lines, each with its line end and none wider than the terminal, at most rows - 1 of them: the
 * active jobs, how many more there are, and a last line over all. widths[i] is what line i takes. Returns how
 * many lines. */
#define LIVE_MOST_ROWS 256
size_t live_table_compose(struct strbuf *out, const struct run_view *run, struct terminal_size size,
                          unsigned widths[LIVE_MOST_ROWS]);

/* "5 jobs: 3 done, 1 failed, 1 active" with what is zero left out. */
void add_phase_counts(struct strbuf *out, const struct run_view *run);

#endif
