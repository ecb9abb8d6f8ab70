/* discover prices */
#include "aws_session.h"
#include "commands.h"
#include "price_fetch.h"
#include "table.h"

#include "aws/endpoint.h"
#include "aws/spot_advisor.h"
#include "base/fs.h"
#include "discovery/instance_type.h"
#include "results/price_table.h"
#include "storage/keys.h"

#include <string.h>

#define FILE_MODE 0644

struct options {
    char *results;
    char *file;
    char *advisor_url;
};

static const struct option_spec specs[] = {
    {.name = "results",
     .type = OPTION_PATH,
     .value_name = "DIR",
     .help = "Also the types that have results below DIR, as `run` leaves them.",
     .offset = OPTION_AT(struct options, results)},
    {.name = "file",
     .letter = 'f',
     .type = OPTION_PATH,
     .value_name = "FILE",
     .help = "Write what was found to FILE, for `process --prices`; it is replaced as a whole.",
     .offset = OPTION_AT(struct options, file)},
    {.name = "spot-advisor-url",
     .type = OPTION_STRING,
     .value_name = "URL",
     .default_text = SPOT_ADVISOR_URL,
     .from_environment = true,
     .help = "Who is asked how often spot instances are taken back. Prices with an answer from another place "
             "than AWS's count as a sandbox's.",
     .offset = OPTION_AT(struct options, advisor_url)},
};

static const struct table_column columns[] = {
    {"instance_type", "TYPE", TABLE_EXACT},
    {"onDemand", "ON DEMAND", TABLE_EXACT},
    {"spot.current", "SPOT", TABLE_EXACT},
    {"spot.average7d", "SPOT 7 DAYS", 4},
    {"spot.zone", "SPOT ZONE", TABLE_EXACT},
    {"spot.reliability", "SPOT KEPT", TABLE_EXACT},
    {"reserved.term1yr", "RESERVED 1 YEAR", TABLE_EXACT},
    {"reserved.term3yr", "RESERVED 3 YEARS", TABLE_EXACT},
};

/* --- which types -----------------------------------------------------------------------------------------
 */

static int add_named(struct words *types, const struct operands *operands, struct err *err)
{
    for (size_t i = 0; i < operands->count; i++) {
        struct instance_type_name name;
        if (instance_type_parse(operands->words[i], &name, err) < 0 || words_add(types, name.name, err) < 0)
            return -1;
    }
    return 0;
}

/* What is no result, or none of an instance, has no price. */
static int add_result(void *context, const char *path, struct err *err)
{
    struct result_key key;
    struct instance_type_name name;
    if (result_key_parse(path, &key, NULL) < 0 || instance_type_parse(key.instance_type, &name, NULL) < 0)
        return 0;
    return words_add(context, name.name, err);
}

static int add_measured(struct words *types, const char *directory, struct err *err)
{
    if (!directory)
        return 0;
    if (!fs_is_directory(directory))
        return err_set(err, ERR_USAGE, "--results '%.256s' is no directory", directory);
    AUTO_FREE char *root = fs_join(directory, "", err); /* the slash has fs_walk follow a link */
    return root ? fs_walk(root, ".json", add_result, types, err) : -1;
}

static int find_types(struct words *types, const struct options *options, const struct operands *operands,
                      struct err *err)
{
    if (add_named(types, operands, err) < 0 || add_measured(types, options->results, err) < 0)
        return -1;
    if (types->count > 0)
        return 0;
    if (options->results)
        return err_set(err, ERR_USAGE, "there are no results of instances below %.256s", options->results);
    return err_set(err, ERR_USAGE, "name instance types, or --results DIR, a directory with results of them");
}

/* --- what was found --------------------------------------------------------------------------------------
 */

static int write_table(const struct options *options, const char *text, struct err *err)
{
    return options->file ? fs_replace_file(options->file, text, strlen(text), FILE_MODE, err) : 0;
}

/* The table's types as rows. */
static cJSON *rows_of(const cJSON *table, struct err *err)
{
    AUTO_JSON cJSON *rows = cJSON_CreateArray();
    const cJSON *instance;
    if (!rows)
        err_memory(err);
    cJSON_ArrayForEach(instance, json_at(table, "instances"))
    {
        cJSON *row = rows ? cJSON_Duplicate(instance, true) : NULL;
        if (!row || !cJSON_AddItemToArray(rows, row)) {
            cJSON_Delete(row);
            err_memory(err);
            return NULL;
        }
        if (json_add_string(row, "instance_type", instance->string, err) < 0)
            return NULL;
    }
    return TAKE(rows);
}

static int print_table(struct program *program, const cJSON *table, const char *text, struct err *err)
{
    enum output_format format = (enum output_format)program->common.output;
    if (format == OUTPUT_JSON)
        return fputs(text, program->out) < 0 ? err_errno(err, "stdout") : 0;
    AUTO_JSON cJSON *rows = rows_of(table, err);
    if (!rows)
        return -1;
    return table_print(program->out, format, columns, ARRAY_LENGTH(columns), rows, err);
}

static int discover_prices_run(struct program *program, void *parsed, const struct operands *operands,
                               struct err *err)
{
    const struct options *options = parsed;
    CLEANUP(words_free) struct words types = {0};
    AUTO_AWS_SESSION struct aws_session session = {0};
    bool complete = false;
    AUTO_FREE char *advisor = endpoint_custom(options->advisor_url, "--spot-advisor-url", err);
    if (!advisor || find_types(&types, options, operands, err) < 0 ||
        aws_session_open(program, &session, err) < 0)
        return -1;
    const struct price_request request = {&types, advisor, &program->log};
    AUTO_JSON cJSON *table = price_fetch(&session.client, &request, &complete, err);
    AUTO_FREE char *text = table ? json_print(table, true, err) : NULL;
    if (!text || write_table(options, text, err) < 0 || print_table(program, table, text, err) < 0)
        return -1;
    if (price_table_is_sandbox(table))
        log_line(&program->log, LOG_WARNING, "these are a sandbox's prices, not AWS's");
    return complete ? EXIT_DONE : EXIT_INCOMPLETE;
}

static const struct example examples[] = {
    {"discover prices m7i.large c7g.large", "What two types cost in the region, in USD an hour."},
    {"discover prices --results results --file prices.json",
     "What all types with results cost, for `process --prices prices.json`."},
    {NULL, NULL},
};

const struct command command_discover_prices = {
    .name = "discover prices",
    .summary = "Find what instance types cost: on demand, spot, reserved",
    .description =
        "Asks AWS's Price List for the on-demand and reserved prices (Linux, shared hardware; standard "
        "class, "
        "nothing paid up front), EC2 for the spot prices of the last seven days, and the public data of the "
        "Spot Instance Advisor for how many spot instances are kept. USD an hour, in one region.\n\n"
        "SPOT is the price of the zone that is cheapest now, SPOT 7 DAYS that zone's average, each price "
        "weighed by how long it held. SPOT KEPT is the part of the instances that was not taken back in the "
        "month before, at the least.\n\n"
        "With --output json the file's text is printed. A type without an on-demand price is left out with "
        "its reason on stderr, and the exit code is 1.",
    .operands = "NAME…",
    .max_operands = SIZE_MAX,
    .options = specs,
    .option_count = ARRAY_LENGTH(specs),
    .options_size = sizeof(struct options),
    .uses_aws = true,
    .examples = examples,
    .run = discover_prices_run,
};
