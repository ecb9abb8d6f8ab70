/* process: raw results into the processed files. */
#include "aws_session.h"
#include "commands.h"
#include "known_types.h"
#include "program.h"
#include "table.h"

#include "base/fs.h"
#include "orchestrator/signals.h"
#include "results/price_table.h"
#include "storage/keys.h"
#include "storage/process.h"
#include "storage/store_s3.h"

#include <string.h>

struct options {
    char *output_dir;
    struct string_list include;
    char *prices;
};

static const char *const include_words[] = {"sandbox", "local", NULL};

static const struct option_spec specs[] = {
    {.name = "output-dir",
     .letter = 'd',
     .type = OPTION_PATH,
     .value_name = "DIR",
     .default_text = "data/processed",
     .help = "The processed files go to DIR/latest, snapshots and summaries beside it.",
     .offset = OPTION_AT(struct options, output_dir)},
    {.name = "include",
     .type = OPTION_LIST,
     .value_name = "METHODS",
     .choices = include_words,
     .help =
         "Results that EC2 did not give enter only when asked for here; the files then say so at their top.",
     .offset = OPTION_AT(struct options, include)},
    {.name = "prices",
     .type = OPTION_PATH,
     .value_name = "FILE",
     .help = "Prices that `discover prices` has written, for price-performance.json.",
     .offset = OPTION_AT(struct options, prices)},
};

static const struct table_column columns[] = {
    {"file", "FILE", TABLE_EXACT},
    {"reason", "REASON", TABLE_EXACT},
};

/* What the command holds while it works. */
struct work {
    struct program *program;
    struct aws_session session; /* opened for the first source in S3 */
    struct inspector inspector;
    cJSON *prices; /* of --prices, else NULL */
    struct process_source *sources;
    size_t source_count;
    cJSON *refused; /* array of {file, reason} */
    bool out_of_memory;
};

static void free_work(struct work *work)
{
    for (size_t i = 0; i < work->source_count; i++)
        store_close(&work->sources[i].store);
    free(work->sources);
    inspector_free(&work->inspector);
    aws_session_close(&work->session);
    cJSON_Delete(work->prices);
    cJSON_Delete(work->refused);
}

/* A bucket may hold other things than results: where the place named is not within the layout already, only
 * what is in the layout below it is read. */
static int open_s3(struct work *work, struct process_source *source, struct err *err)
{
    struct s3_location location;
    if (s3_location_parse(source->name, &location, err) < 0)
        return -1;
    if (!work->session.aws && aws_session_open(work->program, &work->session, err) < 0)
        return -1;
    source->prefix = strstr(location.prefix, RESULT_KEY_ROOT) ? NULL : RESULT_KEY_ROOT;
    return store_open_s3(&source->store, &work->session.client, &location, err);
}

static int open_source(struct work *work, const char *name, struct err *err)
{
    struct process_source *source = &work->sources[work->source_count++];
    source->name = name;
    if (is_s3_url(name))
        return open_s3(work, source, err);
    if (!fs_is_directory(name))
        return err_set(err, ERR_USAGE,
                       "'%.256s' is neither a directory nor a place such as s3://BUCKET/PREFIX", name);
    source->directory = name;
    return store_open_directory(&source->store, name, err);
}

static int open_sources(struct work *work, const struct operands *operands, struct err *err)
{
    work->sources = calloc(operands->count, sizeof *work->sources);
    work->refused = cJSON_CreateArray();
    if (!work->sources || !work->refused)
        return err_memory(err);
    for (size_t i = 0; i < operands->count; i++)
        if (open_source(work, operands->words[i], err) < 0)
            return -1;
    return 0;
}

static int read_prices(struct work *work, const char *path, struct err *err)
{
    if (!path)
        return 0;
    size_t length = 0;
    AUTO_FREE char *text = fs_read_file(path, PRICE_TABLE_MAX_BYTES, &length, err);
    if (!text)
        return -1;
    struct err failure = {0};
    work->prices = price_table_read(text, length, &failure);
    if (work->prices)
        return 0;
    return err_set(err, ERR_USAGE, "--prices %.256s holds no prices: %.600s", path, failure.message);
}

static void note_refused(struct work *work, const char *file, const char *reason)
{
    cJSON *row = cJSON_CreateObject();
    bool noted = row && cJSON_AddItemToArray(work->refused, row) &&
                 cJSON_AddStringToObject(row, "file", file) && cJSON_AddStringToObject(row, "reason", reason);
    if (!noted)
        work->out_of_memory = true;
}

static void report(void *context, enum process_outcome outcome, const char *file, const char *reason)
{
    struct work *work = context;
    if (outcome == PROCESS_LEFT_OUT) {
        log_line(&work->program->log, LOG_DEBUG, "left out: %s: %s", file, reason);
        return;
    }
    log_line(&work->program->log, LOG_WARNING, "passed over %s: %s", file, reason);
    note_refused(work, file, reason);
}

static bool includes(const struct options *options, const char *method)
{
    for (size_t i = 0; i < options->include.count; i++)
        if (strcmp(options->include.items[i], method) == 0)
            return true;
    return false;
}

static int print_json(const struct work *work, const struct process_result *result, struct err *err)
{
    AUTO_JSON cJSON *tree = cJSON_CreateObject();
    if (json_add_i64(tree, "used", (int64_t)result->used, err) < 0 ||
        json_add_i64(tree, "left_out", (int64_t)result->left_out, err) < 0 ||
        json_add(tree, "refused", cJSON_Duplicate(work->refused, true), err) < 0)
        return -1;
    AUTO_FREE char *text = json_print(tree, true, err);
    if (!text)
        return -1;
    fputs(text, work->program->out);
    return 0;
}

static int print_outcome(const struct work *work, const struct process_result *result, struct err *err)
{
    enum output_format format = (enum output_format)work->program->common.output;
    if (work->out_of_memory)
        return err_memory(err);
    log_line(&work->program->log, LOG_INFO, "results used: %zu, left out: %zu%s, passed over: %zu",
             result->used, result->left_out, result->left_out ? " (--verbose names them)" : "",
             result->refused);
    if (format == OUTPUT_JSON)
        return print_json(work, result, err);
    if (format == OUTPUT_TABLE)
        return 0; /* what was passed over has been said */
    return table_print(work->program->out, format, columns, ARRAY_LENGTH(columns), work->refused, err);
}

/* Where it is now; and, where nothing entered that might have, how it would. */
static void tell_what_follows(const struct work *work, const struct options *options,
                              const struct process_result *result)
{
    struct log *log = &work->program->log;
    const struct aggregate_excluded *excluded = &result->excluded;
    log_line(log, LOG_INFO, "written: %s/latest", options->output_dir);
    if (result->used > 0 || !(excluded->sandbox || excluded->local))
        return;
    log_line(log, LOG_WARNING,
             "no result entered: those of a sandbox or of this machine enter only when asked for, here with "
             "--include %s%s%s",
             excluded->sandbox ? "sandbox" : "", excluded->sandbox && excluded->local ? "," : "",
             excluded->local ? "local" : "");
}

static int process(struct work *work, const struct options *options, struct err *err)
{
    struct err failure = {0};
    struct process_result result = {0};
    const struct process_options engine = {
        .sources = work->sources,
        .source_count = work->source_count,
        .output_directory = options->output_dir,
        .aggregate = {.include_sandbox = includes(options, "sandbox"),
                      .include_local = includes(options, "local"),
                      .prices = work->prices},
        .inspector = &work->inspector,
        .cancel = &work->program->cancel,
        .report = report,
        .context = work,
    };
    /* ERR_DATA: every file was unsound, and each has been named. */
    bool done = process_run(&engine, &result, &failure) == 0;
    if (!done && failure.kind != ERR_DATA)
        return err_set(err, failure.kind, "%s", failure.message);
    if (!done)
        program_error(work->program, &failure);
    if (print_outcome(work, &result, err) < 0)
        return -1;
    if (done)
        tell_what_follows(work, options, &result);
    return done && result.refused == 0 ? EXIT_DONE : EXIT_INCOMPLETE;
}

static int process_main(struct program *program, void *parsed, const struct operands *operands,
                        struct err *err)
{
    CLEANUP(free_work) struct work work = {.program = program};
    struct signals signals;
    if (inspector_init(&work.inspector, err) < 0 || signals_start(&signals, &program->cancel, err) < 0)
        return -1;
    work.inspector.architecture_of = architecture_of_type;
    const struct options *options = parsed;
    bool ready = read_prices(&work, options->prices, err) == 0 && open_sources(&work, operands, err) == 0;
    int result = ready ? process(&work, options, err) : -1;
    signals_stop(&signals);
    return result;
}

static const struct example examples[] = {
    {"process results", "What `run` left in ./results, into data/processed/latest."},
    {"process s3://my-bucket/benchmarks --output-dir public", "What it left in S3."},
    {"process results --prices prices.json", "With what the types and their speed cost."},
    {"process build/demo/results --include sandbox --output-dir build/demo/processed",
     "Sandbox results, labelled as such."},
    {NULL, NULL},
};

const struct command command_process = {
    .name = "process",
    .summary = "Make the processed files out of raw results",
    .description =
        "Reads every result below directories and places in S3, and writes memory-benchmarks.json, "
        "cpu-benchmarks.json, price-performance.json, instance-rankings.json and metadata.json in "
        "DIR/latest, "
        "each replaced as a whole; the same once more in DIR/v1.0/DATE, a snapshot for each day; and "
        "summaries "
        "of weeks and months in DIR/historical. The same results give the same bytes, with the same "
        "prices.\n\n"
        "A file that is not a sound result (see `validate`) is passed over and named; the rest is processed "
        "and "
        "the exit code is 1. Sound results that are no measurement of an EC2 instance are left out.",
    .operands = "SOURCE…",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .operands_are_paths = true,
    .options = specs,
    .option_count = ARRAY_LENGTH(specs),
    .options_size = sizeof(struct options),
    .uses_aws = true,
    .examples = examples,
    .run = process_main,
};
