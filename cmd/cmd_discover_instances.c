/* discover instances */
#include "aws_session.h"
#include "commands.h"
#include "program.h"
#include "table.h"

#include "discovery/select.h"

struct discover_instances_options {
    bool offline;
};

static const struct option_spec options[] = {
    {.name = "offline",
     .type = OPTION_FLAG,
     .help =
         "Ask nobody: facts are from the table that the program carries, and of a type that it lacks only "
         "what the name says is told.",
     .offset = OPTION_AT(struct discover_instances_options, offline)},
};

static const struct table_column columns[] = {
    {"instance_type", "TYPE", TABLE_EXACT},      {"instance_family", NULL, TABLE_EXACT},
    {"generation", "GENERATION", TABLE_EXACT},   {"architecture", "ARCHITECTURE", TABLE_EXACT},
    {"processor_vendor", "VENDOR", TABLE_EXACT}, {"vcpus", "VCPUS", TABLE_EXACT},
    {"memory_mib", "MEMORY MIB", TABLE_EXACT},   {"runnable", "RUNNABLE", TABLE_EXACT},
    {"reason", "REASON", TABLE_EXACT},
};

static int get_catalog(struct program *program, bool offline, const struct operands *operands,
                       struct catalog *catalog, struct err *err)
{
    AUTO_AWS_SESSION struct aws_session session = {0};
    if (offline)
        return catalog_load(catalog, err);
    if (aws_session_open(program, &session, err) < 0)
        return err_prepend(err, "instance types (--offline needs no account)");
    return catalog_fetch_for(&session.client, operands->words, operands->count, catalog, err);
}

static void say_rejected(void *context, const struct err *why)
{
    program_error(context, why);
}

static int print_selection(struct program *program, const struct selection *selection, struct err *err)
{
    AUTO_JSON cJSON *rows = cJSON_CreateArray();
    if (!rows)
        return err_memory(err);
    for (size_t i = 0; i < selection->count; i++) {
        cJSON *record = instance_facts_json(&selection->types[i], err);
        if (!record)
            return -1;
        cJSON_AddItemToArray(rows, record);
    }
    return table_print(program->out, (enum output_format)program->common.output, columns,
                       ARRAY_LENGTH(columns), rows, err);
}

static int discover_instances_run(struct program *program, void *parsed, const struct operands *operands,
                                  struct err *err)
{
    const struct discover_instances_options *chosen = parsed;
    AUTO_CATALOG struct catalog catalog = {0};
    AUTO_SELECTION struct selection selection = {0};
    size_t rejected = 0;
    if (get_catalog(program, chosen->offline, operands, &catalog, err) < 0 ||
        select_for_listing(&catalog, operands->words, operands->count, say_rejected, program, &selection,
                           &rejected, err) < 0 ||
        print_selection(program, &selection, err) < 0)
        return -1;
    log_line(&program->log, LOG_DEBUG, "facts: %s%s%s", catalog.source, catalog.date[0] ? ", " : "",
             catalog.date);
    return rejected ? EXIT_USAGE : EXIT_DONE;
}

static const struct example examples[] = {
    {"discover instances m7i.large 'c?g.large'",
     "Facts about one type, and about all that a pattern matches."},
    {"discover instances --offline --output json", "Every type that the program knows, without asking AWS."},
    {NULL, NULL},
};

const struct command command_discover_instances = {
    .name = "discover instances",
    .summary = "Say what is known about instance types",
    .description = "Prints architecture, processor vendor, vCPUs and memory of each type, and whether "
                   "benchmarks can be run on it. The facts are EC2's for the region; what the name says is "
                   "held against them.\n\nWithout names every type is printed. A name that is no instance "
                   "type is left out with its reason on stderr, and the exit code is 2.",
    .operands = "NAME|PATTERN…",
    .max_operands = SIZE_MAX,
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .options_size = sizeof(struct discover_instances_options),
    .uses_aws = true,
    .examples = examples,
    .run = discover_instances_run,
};
