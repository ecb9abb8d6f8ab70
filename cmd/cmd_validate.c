/* validate: files held to their schema and to sense. */
#include "commands.h"
#include "known_types.h"
#include "table.h"

#include "base/fs.h"
#include "base/signed_data.h"
#include "storage/store_s3.h"
#include "storage/validate.h"

struct options {
    bool attested;
    struct string_list certificates;
};

static const struct option_spec specs[] = {
    {.name = "attested",
     .type = OPTION_FLAG,
     .help = "Every result must carry its instance identity document, signed by one of the certificates of "
             "--certificate.",
     .offset = OPTION_AT(struct options, attested)},
    {.name = "certificate",
     .type = OPTION_LIST,
     .value_name = "FILE",
     .help =
         "Certificates in PEM form that --attested believes: AWS's for RSA-2048, one for each region, from "
         "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/regions-certs.html.",
     .offset = OPTION_AT(struct options, certificates)},
};

#define CERTIFICATES_MAX (1UL << 20) /* bytes of one file */

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

static int add_certificates(struct signers *signers, const char *path, struct err *err)
{
    size_t length = 0;
    struct err failure = {0};
    AUTO_FREE char *pem = fs_read_file(path, CERTIFICATES_MAX, &length, &failure);
    if (!pem)
        return err_set(err, ERR_USAGE, "--certificate: %s", failure.message);
    if (signers_add(signers, pem, length, &failure) < 0)
        return err_set(err, ERR_USAGE, "--certificate: %.256s: %s", path, failure.message);
    return 0;
}

/* *signers stays NULL where signatures are not to be looked at. */
static int load_signers(const struct options *options, struct signers **signers, struct err *err)
{
    const struct string_list *files = &options->certificates;
    if (!options->attested && files->count == 0)
        return 0;
    if (!options->attested)
        return err_set(err, ERR_USAGE, "--certificate goes with --attested");
    if (files->count == 0)
        return err_set(err, ERR_USAGE,
                       "--attested needs --certificate FILE: AWS's certificate for RSA-2048 of each region "
                       "that results are from, published at "
                       "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/regions-certs.html");
    *signers = signers_new(err);
    for (size_t i = 0; *signers && i < files->count; i++)
        if (add_certificates(*signers, files->items[i], err) < 0)
            return -1;
    return *signers ? 0 : -1;
}

static int validate_run(struct program *program, void *parsed, const struct operands *operands,
                        struct err *err)
{
    CLEANUP(inspector_free) struct inspector inspector = {0};
    AUTO_VALIDATION struct validation validation = {0};
    AUTO_SIGNERS struct signers *signers = NULL;
    if (check_operands_are_local(operands, err) < 0 || load_signers(parsed, &signers, err) < 0 ||
        inspector_init(&inspector, err) < 0)
        return -1;
    inspector.architecture_of = architecture_of_type;
    inspector.signers = signers;
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
    {"validate --attested --certificate us-east-1.pem results",
     "Also whether AWS has signed what each result says of its instance."},
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
        "their order, durations that fit between them), attestation (the instance identity document speaks "
        "of "
        "the result's instance), duplicate (no other file of the same run, instance, suite and iteration "
        "with "
        "other content), copied (no samples that another file has as well, digit for digit).\n\n"
        "The last two are between all the files of one call; the later one is named. Results of the older "
        "program in Go are held to architecture, plausibility, copied and what they claim of themselves.\n\n"
        "With --attested a result must have that document, signed by a certificate given. This shows which "
        "instance was there, not that the numbers are its own.\n\n"
        "Exit codes: 0 nothing found, 1 findings, 2 nothing could be read.",
    .operands = "PATH…",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .operands_are_paths = true,
    .options = specs,
    .option_count = ARRAY_LENGTH(specs),
    .options_size = sizeof(struct options),
    .examples = examples,
    .run = validate_run,
};
