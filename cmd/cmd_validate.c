/* validate: files held to their schema and to sense. */
#include "commands.h"
#include "known_types.h"
#include "table.h"

#include "storage/store_s3.h"
#include "storage/validate.h"

static const struct table_column columns[] = {
    {"file", "FILE", TABLE_EXACT},
    {"rule", "RULE", TABLE_EXACT},
    {"message", "MESSAGE", TABLE_EXACT},
};

static int print_json(struct program *program, const cJSON *report, struct err *err)
{
    AUTO_FREE char *text = json_print(report, true, err);
    if (!text)
        return -1;
    fputs(text, program->out);
    return 0;
}

static int print_report(struct program *program, const struct validation *validation, struct err *err)
{
    enum output_format format = (enum output_format)program->common.output;
    AUTO_JSON cJSON *report = validation_json(validation, err);
    if (!report)
        return -1;
    if (format == OUTPUT_JSON)
        return print_json(program, report, err);
    log_line(&program->log, LOG_INFO, "files: %zu, findings: %zu", validation->files, validation->count);
    if (validation->foreign)
        log_line(&program->log, LOG_INFO, "of another program, so held to sense alone: %zu",
                 validation->foreign);
    if (validation->left_out)
        log_line(&program->log, LOG_INFO, "left out, since of another kind: %zu%s", validation->left_out,
                 program->common.verbose ? "" : " (--verbose names them)");
    if (format == OUTPUT_TABLE && validation->count == 0)
        return 0;
    return table_print(program->out, format, columns, ARRAY_LENGTH(columns), json_at(report, "findings"),
                       err);
}

static int check_operands_are_local(const struct operands *operands, struct err *err)
{
    for (size_t i = 0; i < operands->count; i++)
        if (is_s3_url(operands->words[i]))
            return err_set(err, ERR_USAGE,
                           "'%.256s' is in S3, and validate reads files: copy it first, as in 'aws s3 sync "
                           "%.256s DIRECTORY'",
                           operands->words[i], operands->words[i]);
    return 0;
}

static void tell_left_out(void *context, const char *file)
{
    struct program *program = context;
    log_line(&program->log, LOG_DEBUG, "left out: %s: neither a result nor a processed file", file);
}

static int validate_run(struct program *program, void *parsed UNUSED, const struct operands *operands,
                        struct err *err)
{
    CLEANUP(inspector_free) struct inspector inspector = {0};
    AUTO_VALIDATION struct validation validation = {0};
    if (check_operands_are_local(operands, err) < 0 || inspector_init(&inspector, err) < 0)
        return -1;
    inspector.architecture_of = architecture_of_type;
    validation.tell_left_out = tell_left_out;
    validation.context = program;
    if (validate_paths(&inspector, operands->words, operands->count, &validation, err) < 0 ||
        print_report(program, &validation, err) < 0)
        return -1;
    if (validation.files == 0)
        return err_set(err, ERR_USAGE, "there is neither a result nor a processed file below %.256s",
                       operands->count == 1 ? operands->words[0] : "the directories");
    if (validation.readable == 0)
        return EXIT_USAGE;
    return validation.count == 0 ? EXIT_DONE : EXIT_INCOMPLETE;
}

static const struct example examples[] = {
    {"validate results", "Every *.json below a directory."},
    {"validate --output json data/processed/latest", "The processed files; findings for a program."},
    {NULL, NULL},
};

const struct command command_validate = {
    .name = "validate",
    .summary = "Check result files and processed files against schema, checksum and sense",
    .description =
        "Looks at each file that is named, and at every result and processed file (*.json) below each "
        "directory; JSON of another kind, such as schemas, is left out there. A finding has a rule:\n\n"
        "readable (the file can be read, and is no link out of the directory), json (one well-formed "
        "document), schema (of a known version, valid against the schema of its kind), checksum "
        "(integrity.sha256 is that of the bytes), key (the document says of itself what its path says), "
        "architecture (type, family, architecture, vendor and CPU agree), statistics (medians and intervals "
        "are those of the samples), plausibility (no number that a machine can't reach), timing (states in "
        "their order, durations that fit between them), duplicate (no other file of the same run, instance, "
        "suite and iteration with other content), copied (no samples that another file has as well, digit "
        "for digit).\n\n"
        "The last two are between all the files of one call; the later one is named. Results of the older "
        "program in Go are held to architecture, plausibility, copied and what they claim of themselves.\n\n"
        "Exit codes: 0 nothing found, 1 findings, 2 nothing could be read.",
    .operands = "PATH…",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .operands_are_paths = true,
    .examples = examples,
    .run = validate_run,
};
