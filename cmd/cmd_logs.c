/* logs: what happened in a run, event by event. */
#include "commands.h"
#include "run_ids.h"
#include "shared_options.h"
#include "table.h"

#include "base/parse.h"
#include "base/text.h"
#include "orchestrator/journal_read.h"
#include "orchestrator/journal_records.h"
#include "orchestrator/journal_tail.h"

#include <string.h>

#define LONGEST_TEXT ((size_t)2 << 20)
#define FOLLOW_SECONDS 0.3

enum times { TIMES_UTC, TIMES_RELATIVE };
static const char *const times_words[] = {"utc", "relative", NULL};

struct logs_options {
    char *state_dir;
    char *job;
    char *instance_type;
    int times; /* enum times */
    bool follow;
};

static const struct option_spec options[] = {
    {.name = "job",
     .letter = 'j',
     .type = OPTION_STRING,
     .value_name = "N",
     .help = "Only what is about the job of that number (`status RUN_ID` lists them).",
     .offset = OPTION_AT(struct logs_options, job)},
    {.name = "instance-type",
     .letter = 't',
     .type = OPTION_STRING,
     .value_name = "TYPE",
     .help = "Only what is about jobs of that type, or of those that match a pattern.",
     .offset = OPTION_AT(struct logs_options, instance_type)},
    {.name = "follow",
     .letter = 'f',
     .type = OPTION_FLAG,
     .help = "Go on until the run ends.",
     .offset = OPTION_AT(struct logs_options, follow)},
    {.name = "times",
     .type = OPTION_CHOICE,
     .choices = times_words,
     .default_text = "utc",
     .help = "Points in time, or minutes and seconds since the run began.",
     .offset = OPTION_AT(struct logs_options, times)},
    STATE_DIR_OPTION(struct logs_options, state_dir),
};

static const struct table_column columns[] = {
    {"time", NULL, TABLE_EXACT},          {"record", NULL, TABLE_EXACT}, {"job", NULL, TABLE_EXACT},
    {"instance_type", NULL, TABLE_EXACT}, {"text", NULL, TABLE_EXACT},
};

struct reading {
    struct program *program;
    const struct logs_options *options;
    size_t job; /* SIZE_MAX: all */
    const char *state_directory;
    char run_id[RUN_ID_SIZE];
    struct run_history history; /* as far as it was read */
    cJSON *rows;                /* of CSV */
    size_t shown;
};

static void free_reading(struct reading *reading)
{
    history_free(&reading->history);
    cJSON_Delete(reading->rows);
}

/* --- in words --------------------------------------------------------------------------------- */

/* A record as "VERB: FIELD". */
static const struct wording {
    const char *record;
    const char *verb;
    const char *field;
} wordings[] = {
    {"intent", "launch begun", "token"},
    {"launched", "launched", "instance_id"},
    {"not_launched", "not launched", "reason"},
    {"terminated", "terminated", "instance_id"},
    {"measured", "measured", "key"},
    {"stored", "stored", "key"},
    {"not_stored", "not stored", "key"},
    {"sent", "sent to the bucket", "key"},
};

static void put_list(struct strbuf *out, const cJSON *list)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsString(item))
            strbuf_addf(out, "%s%s", item == list->child ? "" : ", ", item->valuestring);
    }
}

static void put_run(struct strbuf *out, const cJSON *record)
{
    const char *bucket = json_string_or(record, "bucket", NULL);
    const char *account = json_string_or(record, "account", NULL);
    strbuf_addf(out, "version %s in %s", json_string_or(record, "version", "?"),
                json_string_or(record, "region", "?"));
    if (account) /* a run of this machine itself has none */
        strbuf_addf(out, ", account %s", account);
    strbuf_adds(out, ": ");
    put_list(out, json_at(record, "instance_types"));
    strbuf_addf(out, "; results in %s%s%s", json_string_or(record, "output_dir", "?"),
                bucket ? " and s3://" : "", bucket ? bucket : "");
}

static void put_resource(struct strbuf *out, const cJSON *record)
{
    const char *kind = json_string_or(record, "kind", "");
    for (const char *at = kind; *at; at++)
        strbuf_addc(out, *at == '_' ? ' ' : *at);
    strbuf_addf(out, " %s: %s", json_string_or(record, "what", ""), json_string_or(record, "id", ""));
}

static void put_state(struct strbuf *out, const cJSON *record)
{
    const char *detail = json_string_or(record, "detail", "");
    strbuf_addf(out, "%s%s%s", json_string_or(record, "state", ""), *detail ? ": " : "", detail);
}

static void put_text(struct strbuf *out, const cJSON *record)
{
    const char *name = json_string_or(record, "record", "");
    int64_t code = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(wordings); i++)
        if (strcmp(wordings[i].record, name) == 0)
            strbuf_addf(out, "%s: %s", wordings[i].verb, json_string_or(record, wordings[i].field, ""));
    if (strcmp(name, "state") == 0)
        put_state(out, record);
    else if (strcmp(name, "run") == 0)
        put_run(out, record);
    else if (strcmp(name, "resource") == 0)
        put_resource(out, record);
    else if (strcmp(name, "end") == 0 && json_get_i64(record, "exit_code", &code, NULL) == 0)
        strbuf_addf(out, "ended with exit code %d", (int)code);
}

/* Some states have a record of their own, which says the same. */
static bool is_said_twice(const cJSON *record)
{
    const char *state = json_string_or(record, "state", "");
    return strcmp(state, "launched") == 0 || strcmp(state, "terminated") == 0;
}

static void put_time(const struct reading *reading, const cJSON *record, struct strbuf *out)
{
    const char *text = json_string_or(record, "time", "");
    int64_t time = 0;
    if (reading->options->times == TIMES_UTC || parse_timestamp(text, &time, NULL) < 0) {
        strbuf_adds(out, text);
        return;
    }
    AUTO_STRBUF struct strbuf elapsed = STRBUF_INIT(64);
    text_add_elapsed(&elapsed, (double)(time - reading->history.started));
    strbuf_addf(out, "%8s", strbuf_text(&elapsed));
}

/* --- showing ---------------------------------------------------------------------------------- */

static int show_line(const struct reading *reading, const cJSON *record, size_t job, struct err *err)
{
    AUTO_STRBUF struct strbuf line = STRBUF_INIT(LONGEST_TEXT), printable = STRBUF_INIT(2 * LONGEST_TEXT);
    char subject[96] = "run";
    if (job != SIZE_MAX)
        snprintf(subject, sizeof subject, "%zu %s", job, reading->history.jobs[job].instance_type);
    put_time(reading, record, &line);
    strbuf_addf(&line, "  %-14s  ", subject);
    put_text(&line, record);
    text_add_printable(&printable, strbuf_text(&line), line.length);
    if (strbuf_ok(&line, "an event", err) < 0 || strbuf_ok(&printable, "an event", err) < 0)
        return -1;
    fprintf(reading->program->out, "%s\n", strbuf_text(&printable));
    return 0;
}

static int add_row(struct reading *reading, const cJSON *record, size_t job, struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(LONGEST_TEXT), time = STRBUF_INIT(LONGEST_TEXT);
    AUTO_JSON cJSON *row = cJSON_CreateObject();
    const char *type = job == SIZE_MAX ? NULL : reading->history.jobs[job].instance_type;
    put_text(&text, record);
    put_time(reading, record, &time);
    if (!row || json_add_string(row, "time", strbuf_text(&time) + strspn(strbuf_text(&time), " "), err) < 0 ||
        json_add_string(row, "record", json_string_or(record, "record", ""), err) < 0 ||
        (type && json_add_i64(row, "job", (int64_t)job, err) < 0) ||
        json_add_string(row, "instance_type", type, err) < 0 ||
        json_add_string(row, "text", strbuf_text(&text), err) < 0)
        return -1;
    return cJSON_AddItemToArray(reading->rows, TAKE(row)) ? 0 : err_memory(err);
}

/* The launch request without the user data, which holds the host key of the instance. */
static int leave_out_user_data(cJSON *record, struct err *err)
{
    AUTO_STRBUF struct strbuf kept = STRBUF_INIT(LONGEST_TEXT);
    const char *request = json_string_or(record, "request", NULL);
    if (!request)
        return 0;
    for (const char *at = request; *at;) {
        size_t length = strcspn(at, "&");
        if (!text_starts_with(at, "UserData")) {
            strbuf_adds(&kept, kept.length ? "&" : "");
            strbuf_add(&kept, at, length);
        }
        at += length + (at[length] == '&');
    }
    if (strbuf_ok(&kept, "a request", err) < 0)
        return -1;
    cJSON_DeleteItemFromObjectCaseSensitive(record, "request");
    return json_add_string(record, "request", strbuf_text(&kept), err);
}

static int show_json(const struct reading *reading, cJSON *record, struct err *err)
{
    if (leave_out_user_data(record, err) < 0)
        return -1;
    AUTO_FREE char *text = json_print(record, false, err);
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(2 * LONGEST_TEXT);
    if (!text)
        return -1;
    text_add_printable(&printable, text, strlen(text));
    if (strbuf_ok(&printable, "an event", err) < 0)
        return -1;
    fprintf(reading->program->out, "%s\n", strbuf_text(&printable));
    return 0;
}

static bool is_wanted(const struct reading *reading, size_t job)
{
    const char *pattern = reading->options->instance_type;
    if (job == SIZE_MAX)
        return reading->job == SIZE_MAX && !pattern;
    return (reading->job == SIZE_MAX || reading->job == job) &&
           (!pattern || text_matches(pattern, reading->history.jobs[job].instance_type));
}

static int show_record(struct reading *reading, cJSON *record, struct err *err)
{
    int64_t number = -1;
    bool of_job = json_get_i64(record, "job", &number, NULL) == 0;
    size_t job = of_job ? (size_t)number : SIZE_MAX; /* history_apply has seen that there is such a job */
    enum output_format format = (enum output_format)reading->program->common.output;
    if (!is_wanted(reading, job))
        return 0;
    reading->shown++;
    if (format == OUTPUT_JSON)
        return show_json(reading, record, err);
    if (format == OUTPUT_CSV)
        return add_row(reading, record, job, err);
    return is_said_twice(record) ? 0 : show_line(reading, record, job, err);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* All that is there. */
static int show_what_is_there(struct reading *reading, struct journal_tail *tail, struct err *err)
{
    struct log *log = &reading->program->log;
    for (;;) {
        AUTO_JSON cJSON *record = NULL;
        struct err why = {0};
        enum tail_result found = journal_tail_next(tail, &record, &why);
        if (found == TAIL_END)
            return 0;
        if (found == TAIL_FAILED)
            return err_copy(err, &why);
        if (found == TAIL_DAMAGED || history_apply(&reading->history, record, &why) < 0)
            log_line(log, LOG_WARNING, "left out: %s", why.message);
        else if (show_record(reading, record, err) < 0)
            return -1;
    }
}

static int follow(struct reading *reading, struct journal_tail *tail, struct err *err)
{
    struct program *program = reading->program;
    for (;;) {
        /* asked first: what a run writes before it ends is there when it is not live any more */
        bool live = history_is_live(reading->state_directory, reading->run_id);
        if (show_what_is_there(reading, tail, err) < 0)
            return -1;
        if (!reading->options->follow || !live || fflush(program->out) != 0)
            break;
        if (clock_sleep(&program->clock, FOLLOW_SECONDS, NULL, CANCEL_NONE, err) < 0)
            return -1;
    }
    return 0;
}

static int finish_reading(const struct reading *reading, const struct journal_tail *tail, struct err *err)
{
    struct program *program = reading->program;
    if ((enum output_format)program->common.output == OUTPUT_CSV &&
        table_print(program->out, OUTPUT_CSV, columns, ARRAY_LENGTH(columns), reading->rows, err) < 0)
        return -1;
    if (journal_tail_is_cut(tail) && !history_is_live(reading->state_directory, reading->run_id))
        log_line(&program->log, LOG_WARNING, "the journal's last line has no end and is left out");
    if (reading->job != SIZE_MAX && reading->job >= reading->history.job_count)
        return err_set(err, ERR_USAGE, "run %s has no job %zu, but %zu jobs, counted from 0", reading->run_id,
                       reading->job, reading->history.job_count);
    if (reading->shown == 0 && reading->options->instance_type)
        return err_set(err, ERR_USAGE, "run %s has no job of type '%.64s'", reading->run_id,
                       reading->options->instance_type);
    return 0;
}

static int read_options(struct reading *reading, struct err *err)
{
    const struct logs_options *chosen = reading->options;
    uint64_t job = SIZE_MAX;
    struct err why = {0};
    if (chosen->job && parse_u64(chosen->job, 0, 99999, &job, &why) < 0)
        return err_set(err, ERR_USAGE, "--job: %s", why.message);
    reading->job = (size_t)job;
    if (chosen->follow && (enum output_format)reading->program->common.output == OUTPUT_CSV)
        return err_set(err, ERR_USAGE, "--follow has no CSV; take --output json or table");
    reading->rows = cJSON_CreateArray();
    return reading->rows ? 0 : err_memory(err);
}

static void close_tail(struct journal_tail **tail)
{
    journal_tail_close(*tail);
}

static int logs_run(struct program *program, void *parsed, const struct operands *operands, struct err *err)
{
    const struct logs_options *chosen = parsed;
    AUTO_FREE char *directory = state_directory(chosen->state_dir, err);
    CLEANUP(free_reading)
    struct reading reading = {.program = program, .options = chosen, .state_directory = directory};
    if (!directory || read_options(&reading, err) < 0 ||
        run_id_find(directory, operands->words[0], reading.run_id, err) < 0)
        return -1;
    history_read(&reading.history, reading.run_id, "", 0);
    CLEANUP(close_tail) struct journal_tail *tail = journal_tail_open(directory, reading.run_id, err);
    if (!tail || follow(&reading, tail, err) < 0 || finish_reading(&reading, tail, err) < 0)
        return -1;
    return EXIT_DONE;
}

static const struct example examples[] = {
    {"logs k3x9qd", "All events of the run whose id ends so."},
    {"logs k3x9qd --job 0 --times relative", "Those of its first job, from the run's beginning on."},
    {"logs k3x9qd --follow --output json", "The journal's records, as they are written."},
    {NULL, NULL},
};

const struct command command_logs = {
    .name = "logs",
    .summary = "Show what happened in a run, event by event",
    .description =
        "Reads the journal of the run; AWS is not asked. The run is named by its id, or by the beginning of "
        "the id or of the letters behind its dash.\n\n"
        "With --output json the journal's records are passed on, one object a line; user data, which holds "
        "the host key of the instance, is left out of launch requests.\n\n"
        "Exit codes: 0, and 2 for a run or job that is not known here.",
    .operands = "RUN_ID",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .options_size = sizeof(struct logs_options),
    .examples = examples,
    .run = logs_run,
};
