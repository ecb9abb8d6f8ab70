#include "run_status.h"

#include "base/clock.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

#define LONGEST_TEXT 8192

struct result_counts {
    size_t measured;
    size_t stored;
    size_t sent;
    size_t unsent;  /* of those that a bucket should have */
    size_t unknown; /* measured, and nobody knows whether they are on the disk */
};

/* --- counting --------------------------------------------------------------------------------- */

/* Of one job; SIZE_MAX: of all. */
static struct result_counts count_results(const struct run_history *history, size_t job)
{
    struct result_counts counts = {0};
    for (size_t i = 0; i < history->result_count; i++) {
        const struct history_result *result = &history->results[i];
        if (job != SIZE_MAX && result->job != job)
            continue;
        counts.measured++;
        counts.stored += result->stored;
        counts.sent += result->sent;
        counts.unsent += history_is_unsent(history, result);
        counts.unknown += !result->stored && !result->absent && !result->sent;
    }
    return counts;
}

static size_t count_launches(const struct run_history *history, enum launch_fate fate)
{
    size_t count = 0;
    for (size_t i = 0; i < history->launch_count; i++)
        count += history->launches[i].fate == fate;
    return count;
}

static size_t count_groups(const struct run_history *history)
{
    size_t count = 0;
    for (size_t i = 0; i < history->group_count; i++)
        count += !history->groups[i].removed;
    return count;
}

enum run_state run_state_of(const struct run_snapshot *snapshot)
{
    if (snapshot->live)
        return RUN_LIVE;
    return history_is_settled(snapshot->history) ? RUN_SETTLED : RUN_UNFINISHED;
}

const char *run_state_name(enum run_state state)
{
    static const char *const names[] = {"live", "settled", "unfinished"};
    return names[state];
}

/* The states of jobs, and behind them one for those that nobody is at work on any more, whatever they had
 * reached. */
#define CUT_OFF JOB_STATE_COUNT
#define SHOWN_STATE_COUNT (JOB_STATE_COUNT + 1)

static int shown_state(const struct run_snapshot *snapshot, const struct history_job *job)
{
    bool over = job->state == JOB_PLANNED || job->state == JOB_TERMINATED || job->state == JOB_FAILED;
    return over || snapshot->live ? (int)job->state : CUT_OFF;
}

static const char *shown_state_name(int state)
{
    return state == CUT_OFF ? "cut_off" : job_state_name((enum job_state)state);
}

static void count_states(const struct run_snapshot *snapshot, size_t counts[SHOWN_STATE_COUNT])
{
    memset(counts, 0, SHOWN_STATE_COUNT * sizeof *counts);
    for (size_t i = 0; i < snapshot->history->job_count; i++)
        counts[shown_state(snapshot, &snapshot->history->jobs[i])]++;
}

/* --- what is open ----------------------------------------------------------------------------- */

static int add_open(cJSON *list, size_t count, const char *one, const char *many, struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(LONGEST_TEXT);
    if (count == 0)
        return 0;
    strbuf_addf(&text, "%zu %s", count, count == 1 ? one : many);
    return cJSON_AddItemToArray(list, cJSON_CreateString(strbuf_text(&text))) ? 0 : err_memory(err);
}

static int add_damage(cJSON *list, const struct run_history *history, struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(LONGEST_TEXT);
    if (history->damaged == 0)
        return 0;
    strbuf_adds(&text, "journal damaged, ");
    text_add_printable(&text, history->damage.message, strlen(history->damage.message));
    return cJSON_AddItemToArray(list, cJSON_CreateString(strbuf_text(&text))) ? 0 : err_memory(err);
}

/* An array of texts. */
static cJSON *list_open(const struct run_snapshot *snapshot, struct err *err)
{
    const struct run_history *history = snapshot->history;
    struct result_counts results = count_results(history, SIZE_MAX);
    AUTO_JSON cJSON *list = cJSON_CreateArray();
    if (!list) {
        err_memory(err);
        return NULL;
    }
    if (add_open(list, count_launches(history, LAUNCH_UNKNOWN), "launch without an answer",
                 "launches without an answer", err) < 0 ||
        add_open(list, count_launches(history, LAUNCH_NOT_ENDED),
                 snapshot->live ? "instance" : "instance not confirmed as terminated",
                 snapshot->live ? "instances" : "instances not confirmed as terminated", err) < 0 ||
        add_open(list, count_groups(history), "security group", "security groups", err) < 0 ||
        add_open(list, results.unsent, "result not in the bucket", "results not in the bucket", err) < 0 ||
        add_open(list, results.unknown, "result that may not be on disk", "results that may not be on disk",
                 err) < 0 ||
        add_damage(list, history, err) < 0)
        return NULL;
    return TAKE(list);
}

/* --- rows for programs ------------------------------------------------------------------------ */

/* null for a time that is not known. */
static int add_time(cJSON *row, const char *name, int64_t time, struct err *err)
{
    char text[TIMESTAMP_SIZE];
    format_timestamp((double)time, text);
    return json_add_string(row, name, time ? text : NULL, err);
}

static int add_text(cJSON *row, const char *name, const char *text, struct err *err)
{
    return json_add_string(row, name, text && *text ? text : NULL, err);
}

/* Until its end, or its last sign of life; NAN: it never began. */
static double seconds_of(const struct run_snapshot *snapshot)
{
    const struct run_history *history = snapshot->history;
    if (!history->started)
        return NAN;
    double until = snapshot->live ? floor(snapshot->now) : (double)history->changed;
    return fmax(until - (double)history->started, 0);
}

static int add_job_counts(cJSON *row, const struct run_snapshot *snapshot, struct err *err)
{
    size_t counts[SHOWN_STATE_COUNT];
    count_states(snapshot, counts);
    cJSON *jobs = json_child(row, "job_counts", err);
    if (!jobs || json_add_i64(jobs, "total", (int64_t)snapshot->history->job_count, err) < 0)
        return -1;
    for (int state = 0; state < SHOWN_STATE_COUNT; state++)
        if (json_add_i64(jobs, shown_state_name(state), (int64_t)counts[state], err) < 0)
            return -1;
    return 0;
}

static int add_result_counts(cJSON *row, const struct result_counts *counts, struct err *err)
{
    cJSON *results = json_child(row, "results", err);
    if (!results || json_add_i64(results, "measured", (int64_t)counts->measured, err) < 0 ||
        json_add_i64(results, "stored", (int64_t)counts->stored, err) < 0)
        return -1;
    return json_add_i64(results, "sent", (int64_t)counts->sent, err);
}

/* Of its last part: what the options were when somebody last worked on it. */
static int add_places(cJSON *row, const struct run_history *history, struct err *err)
{
    const struct history_part *part =
        history->part_count ? &history->parts[history->part_count - 1] : &(struct history_part){0};
    if (add_text(row, "bucket", part->bucket, err) < 0 ||
        add_text(row, "output_dir", part->output_dir, err) < 0)
        return -1;
    return add_text(row, "version", part->version, err);
}

static int add_origin(cJSON *row, const struct run_history *history, struct err *err)
{
    if (add_text(row, "region", history->region, err) < 0 ||
        add_text(row, "account", history->account, err) < 0)
        return -1;
    return add_text(row, "collection_method", history->collection_method, err);
}

cJSON *run_status_row(const struct run_snapshot *snapshot, struct err *err)
{
    const struct run_history *history = snapshot->history;
    struct result_counts results = count_results(history, SIZE_MAX);
    AUTO_JSON cJSON *row = cJSON_CreateObject();
    AUTO_JSON cJSON *open = list_open(snapshot, err);
    if (!row || !open || json_add_string(row, "run_id", history->run_id, err) < 0 ||
        json_add_string(row, "state", run_state_name(run_state_of(snapshot)), err) < 0 ||
        json_add(row, "open", TAKE(open), err) < 0 || add_time(row, "started", history->started, err) < 0 ||
        json_add_known(row, "seconds", seconds_of(snapshot), err) < 0 || add_origin(row, history, err) < 0 ||
        add_job_counts(row, snapshot, err) < 0 || add_result_counts(row, &results, err) < 0 ||
        add_places(row, history, err) < 0 ||
        json_add_known(row, "exit_code", history->ended ? (double)history->exit_code : NAN, err) < 0)
        return NULL;
    return TAKE(row);
}

static int fill_job_row(cJSON *row, const struct run_snapshot *snapshot, size_t number, struct err *err)
{
    const struct run_history *history = snapshot->history;
    const struct history_job *job = &history->jobs[number];
    struct result_counts results = count_results(history, number);
    if (json_add_string(row, "run_id", history->run_id, err) < 0 ||
        json_add_i64(row, "job", (int64_t)number, err) < 0 ||
        json_add_string(row, "instance_type", job->instance_type, err) < 0 ||
        json_add_string(row, "state", shown_state_name(shown_state(snapshot, job)), err) < 0 ||
        json_add_string(row, "reached", job_state_name(job->state), err) < 0 ||
        add_time(row, "since", job->changed_at, err) < 0 ||
        add_text(row, "instance_id", job->instance_id, err) < 0 || add_result_counts(row, &results, err) < 0)
        return -1;
    return add_text(row, "error", job->state == JOB_FAILED ? job->detail : NULL, err);
}

cJSON *run_job_rows(const struct run_snapshot *snapshot, struct err *err)
{
    AUTO_JSON cJSON *rows = cJSON_CreateArray();
    for (size_t i = 0; i < snapshot->history->job_count; i++) {
        cJSON *row = cJSON_CreateObject();
        if (!cJSON_AddItemToArray(rows, row)) {
            cJSON_Delete(row);
            err_memory(err);
            return NULL;
        }
        if (fill_job_row(row, snapshot, i, err) < 0)
            return NULL;
    }
    return TAKE(rows);
}

/* --- rows for people -------------------------------------------------------------------------- */

/* "2 terminated, 1 cut off" */
static void put_jobs(const struct run_snapshot *snapshot, struct strbuf *out)
{
    size_t counts[SHOWN_STATE_COUNT];
    count_states(snapshot, counts);
    for (int state = SHOWN_STATE_COUNT - 1; state >= 0; state--)
        if (counts[state])
            strbuf_addf(out, "%s%zu %s", out->length ? ", " : "", counts[state],
                        state == CUT_OFF ? "cut off" : shown_state_name(state));
}

static void put_results(const struct run_history *history, struct strbuf *out)
{
    struct result_counts counts = count_results(history, SIZE_MAX);
    if (counts.measured == 0)
        return;
    strbuf_addf(out, "%zu stored", counts.stored);
    if (counts.sent || counts.unsent)
        strbuf_addf(out, ", %zu sent", counts.sent);
}

static void put_open(const cJSON *list, struct strbuf *out)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list) strbuf_addf(out, "%s%s", out->length ? "; " : "", item->valuestring);
}

cJSON *run_status_words(const struct run_snapshot *snapshot, struct err *err)
{
    const struct run_history *history = snapshot->history;
    AUTO_STRBUF struct strbuf jobs = STRBUF_INIT(LONGEST_TEXT), results = STRBUF_INIT(LONGEST_TEXT);
    AUTO_STRBUF struct strbuf open = STRBUF_INIT(LONGEST_TEXT), duration = STRBUF_INIT(64);
    AUTO_JSON cJSON *row = cJSON_CreateObject();
    AUTO_JSON cJSON *list = list_open(snapshot, err);
    double seconds = seconds_of(snapshot);
    if (!row || !list)
        return NULL;
    put_jobs(snapshot, &jobs);
    put_results(history, &results);
    put_open(list, &open);
    if (isfinite(seconds))
        text_add_elapsed(&duration, seconds);
    if (json_add_string(row, "run_id", history->run_id, err) < 0 ||
        json_add_string(row, "state", run_state_name(run_state_of(snapshot)), err) < 0 ||
        add_time(row, "started", history->started, err) < 0 ||
        add_text(row, "duration", strbuf_text(&duration), err) < 0 ||
        add_text(row, "jobs", strbuf_text(&jobs), err) < 0 ||
        add_text(row, "results", strbuf_text(&results), err) < 0 ||
        add_text(row, "open", strbuf_text(&open), err) < 0)
        return NULL;
    return TAKE(row);
}
