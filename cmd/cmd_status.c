/* status: what became of the runs that were begun on this machine. */
#include "commands.h"
#include "run_ids.h"
#include "run_status.h"
#include "shared_options.h"
#include "table.h"

#include <string.h>

struct status_options {
    char *state_dir;
    uint64_t limit;
};

static const struct option_spec options[] = {
    {.name = "limit",
     .letter = 'l',
     .type = OPTION_NUMBER,
     .value_name = "N",
     .default_text = "20",
     .min = 1,
     .max = 1000000,
     .help = "Most runs that are listed, newest first.",
     .offset = OPTION_AT(struct status_options, limit)},
    STATE_DIR_OPTION(struct status_options, state_dir),
};

static const struct table_column run_columns[] = {
    {"run_id", "RUN", TABLE_EXACT},      {"state", "STATE", TABLE_EXACT},
    {"started", "STARTED", TABLE_EXACT}, {"duration", "DURATION", TABLE_EXACT},
    {"jobs", "JOBS", TABLE_EXACT},       {"results", "RESULTS", TABLE_EXACT},
    {"open", "OPEN", TABLE_EXACT},
};

static const struct table_column run_fields[] = {
    {"run_id", NULL, TABLE_EXACT},
    {"state", NULL, TABLE_EXACT},
    {"open", NULL, TABLE_EXACT},
    {"started", NULL, TABLE_EXACT},
    {"seconds", NULL, TABLE_EXACT},
    {"region", NULL, TABLE_EXACT},
    {"account", NULL, TABLE_EXACT},
    {"collection_method", NULL, TABLE_EXACT},
    {"job_counts.total", NULL, TABLE_EXACT},
    {"job_counts.terminated", NULL, TABLE_EXACT},
    {"job_counts.failed", NULL, TABLE_EXACT},
    {"results.measured", NULL, TABLE_EXACT},
    {"results.stored", NULL, TABLE_EXACT},
    {"results.sent", NULL, TABLE_EXACT},
    {"bucket", NULL, TABLE_EXACT},
    {"output_dir", NULL, TABLE_EXACT},
    {"exit_code", NULL, TABLE_EXACT},
};

static const struct table_column job_columns[] = {
    {"run_id", NULL, TABLE_EXACT},
    {"job", "JOB", TABLE_EXACT},
    {"instance_type", "INSTANCE TYPE", TABLE_EXACT},
    {"state", "STATE", TABLE_EXACT},
    {"reached", NULL, TABLE_EXACT},
    {"since", "SINCE", TABLE_EXACT},
    {"instance_id", "INSTANCE", TABLE_EXACT},
    {"results.stored", "STORED", TABLE_EXACT},
    {"results.sent", "SENT", TABLE_EXACT},
    {"error", "ERROR", TABLE_EXACT},
};

/* What is gathered over the runs. */
struct listing {
    struct program *program;
    const char *state_directory;
    enum output_format format;
    bool with_jobs; /* runs were named: each job is shown */
    cJSON *runs;    /* rows; in words for the table */
    cJSON *jobs;    /* rows of all runs */
    size_t unfinished;
};

static void free_listing(struct listing *listing)
{
    cJSON_Delete(listing->runs);
    cJSON_Delete(listing->jobs);
}

/* Takes the row, also on failure. */
static int append(cJSON *rows, cJSON *row, struct err *err)
{
    if (!row)
        return -1;
    if (cJSON_AddItemToArray(rows, row))
        return 0;
    cJSON_Delete(row);
    return err_memory(err);
}

static int add_jobs(struct listing *listing, const struct run_snapshot *snapshot, cJSON *run, struct err *err)
{
    AUTO_JSON cJSON *jobs = run_job_rows(snapshot, err);
    if (!jobs)
        return -1;
    if (listing->format == OUTPUT_JSON)
        return json_add(run, "jobs", TAKE(jobs), err);
    for (cJSON *row; (row = cJSON_DetachItemFromArray(jobs, 0));)
        if (append(listing->jobs, row, err) < 0)
            return -1;
    return 0;
}

static int add_run(struct listing *listing, const char *run_id, struct err *err)
{
    AUTO_HISTORY struct run_history history = {0};
    /* asked before the journal is read: a run that ends in between is not taken for one that was cut off */
    bool live = history_is_live(listing->state_directory, run_id);
    if (history_load(listing->state_directory, run_id, &history, err) < 0)
        return -1;
    const struct run_snapshot snapshot = {&history, live, clock_realtime(&listing->program->clock)};
    listing->unfinished += run_state_of(&snapshot) == RUN_UNFINISHED;
    AUTO_JSON cJSON *row =
        listing->format == OUTPUT_TABLE ? run_status_words(&snapshot, err) : run_status_row(&snapshot, err);
    if (!row || (listing->with_jobs && add_jobs(listing, &snapshot, row, err) < 0))
        return -1;
    return append(listing->runs, TAKE(row), err);
}

static int add_newest(struct listing *listing, size_t limit, struct err *err)
{
    AUTO_HISTORY_IDS struct history_ids ids = {0};
    struct log *log = &listing->program->log;
    if (history_list(listing->state_directory, &ids, err) < 0)
        return -1;
    for (size_t i = 0; i < ids.count && i < limit; i++) {
        struct err failure = {0};
        if (add_run(listing, ids.items[i], &failure) < 0)
            log_line(log, LOG_WARNING, "run %s: %s", ids.items[i], failure.message);
    }
    if (ids.count == 0)
        log_line(log, LOG_INFO, "there are no runs yet: none has a journal in %s", listing->state_directory);
    if (ids.count > limit)
        log_line(log, LOG_INFO, "older runs that are not shown (--limit): %zu", ids.count - limit);
    return 0;
}

static int add_named(struct listing *listing, const struct operands *operands, struct err *err)
{
    for (size_t i = 0; i < operands->count; i++) {
        char run_id[RUN_ID_SIZE];
        if (run_id_find(listing->state_directory, operands->words[i], run_id, err) < 0 ||
            add_run(listing, run_id, err) < 0)
            return -1;
    }
    return 0;
}

static int print_listing(const struct listing *listing, struct err *err)
{
    FILE *out = listing->program->out;
    if (listing->format == OUTPUT_JSON)
        return table_print(out, OUTPUT_JSON, run_fields, ARRAY_LENGTH(run_fields), listing->runs, err);
    if (listing->format == OUTPUT_CSV)
        return listing->with_jobs
                   ? table_print(out, OUTPUT_CSV, job_columns, ARRAY_LENGTH(job_columns), listing->jobs, err)
                   : table_print(out, OUTPUT_CSV, run_fields, ARRAY_LENGTH(run_fields), listing->runs, err);
    if (cJSON_GetArraySize(listing->runs) == 0)
        return 0; /* that there is nothing has been said */
    if (table_print(out, OUTPUT_TABLE, run_columns, ARRAY_LENGTH(run_columns), listing->runs, err) < 0)
        return -1;
    if (!listing->with_jobs)
        return 0;
    fputc('\n', out);
    struct table_column columns[ARRAY_LENGTH(job_columns)];
    memcpy(columns, job_columns, sizeof columns);
    columns[0].title = cJSON_GetArraySize(listing->runs) > 1 ? "RUN" : NULL;
    return table_print(out, OUTPUT_TABLE, columns, ARRAY_LENGTH(columns), listing->jobs, err);
}

static int status_run(struct program *program, void *parsed, const struct operands *operands, struct err *err)
{
    const struct status_options *chosen = parsed;
    AUTO_FREE char *directory = state_directory(chosen->state_dir, err);
    CLEANUP(free_listing)
    struct listing listing = {.program = program,
                              .state_directory = directory,
                              .format = (enum output_format)program->common.output,
                              .with_jobs = operands->count > 0,
                              .runs = cJSON_CreateArray(),
                              .jobs = cJSON_CreateArray()};
    if (!directory)
        return -1;
    if (!listing.runs || !listing.jobs)
        return err_memory(err);
    int result = listing.with_jobs ? add_named(&listing, operands, err)
                                   : add_newest(&listing, (size_t)chosen->limit, err);
    if (result < 0 || print_listing(&listing, err) < 0)
        return -1;
    if (listing.unfinished)
        log_line(
            &program->log, LOG_INFO,
            "unfinished: the next `run` in the same account ends what may be left and sends what is unsent; "
            "`cleanup --run RUN_ID --yes` does the former, `run --resume RUN_ID` also measures what is "
            "missing");
    return EXIT_DONE;
}

static const struct example examples[] = {
    {"status", "The newest runs, and what is open of them."},
    {"status k3x9qd",
     "The jobs of one run; the beginning of its id, or of the letters behind the dash, will do."},
    {"status --output json --limit 1", "The newest run, for a program."},
    {NULL, NULL},
};

const struct command command_status = {
    .name = "status",
    .summary = "Show the runs begun on this machine, and what is open of them",
    .description =
        "Reads the journals of runs; AWS is not asked. A run is live while a process of this machine is at "
        "work on it; settled when nothing of it may be left in the account and all its results are where "
        "they "
        "belong; else unfinished, and what is open is said.\n\n"
        "With run ids, the jobs of those runs are shown: how far each got, on which instance, and why it "
        "failed.\n\n"
        "Exit codes: 0, and 2 for a run that is not known here.",
    .operands = "RUN_ID…",
    .max_operands = SIZE_MAX,
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .options_size = sizeof(struct status_options),
    .examples = examples,
    .run = status_run,
};
