#include "run_report.h"

#include "left_behind.h"
#include "table.h"
#include "terminal.h"

#include "orchestrator/local.h"

#include <math.h>
#include <string.h>

/* An empty text is null. */
static int add_text(cJSON *row, const char *name, const char *text, struct err *err)
{
    return json_add_string(row, name, text[0] ? text : NULL, err);
}

/* Of this machine itself. */
static bool is_local(const struct plan *plan)
{
    return strcmp(plan->collection_method, LOCAL_WORD) == 0;
}

/* --- the plan --------------------------------------------------------------------------------- */

static cJSON *placements_json(const struct planned_job *job)
{
    cJSON *zones = cJSON_CreateArray();
    for (size_t i = 0; i < job->placement_count; i++)
        cJSON_AddItemToArray(zones, cJSON_CreateString(job->placements[i].zone));
    return zones;
}

static int add_planned_job(cJSON *rows, const struct plan *plan, const struct planned_job *job,
                           struct err *err)
{
    cJSON *row = cJSON_CreateObject();
    if (!row || !cJSON_AddItemToArray(rows, row))
        return err_memory(err);
    const char *group = is_local(plan)               ? NULL
                        : plan->security_group_id[0] ? plan->security_group_id
                                                     : "temporary";
    if (json_add_string(row, "instance_type", job->instance_type, err) < 0 ||
        json_add_string(row, "architecture", job->architecture, err) < 0 ||
        json_add_i64(row, "vcpus", job->vcpus, err) < 0 ||
        json_add_i64(row, "memory_mib", (int64_t)job->memory_mib, err) < 0 ||
        add_text(row, "ami", job->image_id, err) < 0 ||
        json_add(row, "zones", placements_json(job), err) < 0 ||
        add_text(row, "vpc", plan->vpc_id, err) < 0 ||
        json_add_string(row, "security_group", group, err) < 0 ||
        add_text(row, "ssh_from", plan->ssh_cidr, err) < 0)
        return -1;
    const char *refused = job->refused.kind == ERR_NONE ? NULL : job->refused.message;
    return json_add_string(row, "refused", refused, err);
}

static void describe_network(FILE *talk, const struct plan *plan, const struct run_settings *settings)
{
    if (plan->security_group_id[0])
        fprintf(talk, "network: %s, security group %s\n", plan->vpc_id, plan->security_group_id);
    else
        fprintf(talk, "network: %s, a temporary security group open to %s on port %u\n", plan->vpc_id,
                plan->ssh_cidr, settings->ssh_port);
}

void describe_plan(struct program *program, const struct plan *plan, const struct run_settings *settings,
                   const char *output_dir, const struct s3_location *bucket)
{
    FILE *talk = program->talk;
    if (program->common.quiet)
        return;
    if (!is_local(plan))
        describe_network(talk, plan, settings);
    fprintf(talk, "suites: ");
    for (size_t i = 0; i < settings->suite_count; i++)
        fprintf(talk, "%s%s", i ? ", " : "", settings->suites[i]);
    fprintf(talk, "; each %u time%s, ", settings->iterations, settings->iterations == 1 ? "" : "s");
    if (is_local(plan))
        fprintf(talk, "on this machine itself\n");
    else
        fprintf(talk, "on at most %zu instances at a time\n", settings->max_concurrency);
    fprintf(talk, "image: %s\n", settings->image_reference);
    fprintf(talk, "results: %s", output_dir);
    if (bucket->bucket[0])
        fprintf(talk, " and s3://%s/%s", bucket->bucket, bucket->prefix);
    fprintf(talk, "\ncost: %s\n", is_local(plan) ? "none" : "unknown, this version knows no prices");
}

int report_plan(struct program *program, const struct plan *plan, struct err *err)
{
    static const struct table_column columns[] = {
        {"instance_type", "INSTANCE TYPE", TABLE_EXACT},
        {"architecture", "ARCHITECTURE", TABLE_EXACT},
        {"vcpus", "VCPUS", TABLE_EXACT},
        {"memory_mib", "MEMORY MIB", TABLE_EXACT},
        {"ami", "AMI", TABLE_EXACT},
        {"zones", "ZONES", TABLE_EXACT},
        {"vpc", NULL, TABLE_EXACT},
        {"security_group", NULL, TABLE_EXACT},
        {"ssh_from", NULL, TABLE_EXACT},
        {"refused", "REFUSED", TABLE_EXACT},
    };
    AUTO_JSON cJSON *rows = cJSON_CreateArray();
    for (size_t i = 0; i < plan->job_count; i++)
        if (add_planned_job(rows, plan, &plan->jobs[i], err) < 0)
            return -1;
    return table_print(program->out, (enum output_format)program->common.output, columns,
                       ARRAY_LENGTH(columns), rows, err);
}

/* --- the results ------------------------------------------------------------------------------ */

/* {"bandwidth": 41.9, "unit": "GB/s", "interval_95": [41.2, 42.1]}; null where it was not measured. */
static int add_headline(cJSON *row, const char *name, const char *quantity, const char *unit,
                        const struct headline *headline, struct err *err)
{
    if (!headline->known)
        return json_add_null(row, name, err);
    cJSON *object = json_child(row, name, err);
    if (!object || json_add_double(object, quantity, headline->median, err) < 0 ||
        json_add_string(object, "unit", unit, err) < 0)
        return -1;
    if (!headline->interval_known)
        return json_add_null(object, "interval_95", err);
    const double ends[] = {headline->low, headline->high};
    return json_add(object, "interval_95", cJSON_CreateDoubleArray(ends, 2), err);
}

/* For the table alone: "41.90 [41.20, 42.10]". */
static int add_headline_text(cJSON *row, const char *name, const struct headline *headline, struct err *err)
{
    char text[96] = "-";
    if (headline->known && headline->interval_known)
        snprintf(text, sizeof text, "%.2f [%.2f, %.2f]", headline->median, headline->low, headline->high);
    else if (headline->known)
        snprintf(text, sizeof text, "%.2f", headline->median);
    return json_add_string(row, name, text, err);
}

static int add_headlines(cJSON *row, const struct job_outcome *job, bool for_people, struct err *err)
{
    if (for_people)
        return add_headline_text(row, "triad_text", &job->triad, err) < 0
                   ? -1
                   : add_headline_text(row, "linpack_text", &job->linpack, err);
    if (add_headline(row, "triad", "bandwidth", "GB/s", &job->triad, err) < 0)
        return -1;
    return add_headline(row, "linpack", "gflops", "GFLOPS", &job->linpack, err);
}

static const char *outcome_word(const struct job_outcome *job)
{
    if (job->may_be_alive)
        return "MAY BE ALIVE";
    if (job->succeeded)
        return "ok";
    return job->failure.kind == ERR_CANCELLED ? "interrupted" : "failed";
}

static int add_error(cJSON *row, const struct job_outcome *job, struct err *err)
{
    if (job->failure.kind == ERR_NONE)
        return json_add_null(row, "error", err);
    cJSON *error = json_child(row, "error", err);
    if (!error || json_add_string(error, "kind", err_kind_name(job->failure.kind), err) < 0 ||
        json_add_string(error, "at", job_state_name(job->failed_at), err) < 0)
        return -1;
    return json_add_string(error, "message", job->failure.message, err);
}

/* From the launch to the confirmed end, to the millisecond; null where there was none. */
static int add_seconds(cJSON *row, const struct job_outcome *job, struct err *err)
{
    if (job->seconds <= 0)
        return json_add_null(row, "seconds", err);
    return json_add_double(row, "seconds", round(job->seconds * 1000) / 1000, err);
}

/* Where and on what the job ran, as far as it came. */
static int add_machine(cJSON *row, const struct job_outcome *job, struct err *err)
{
    if (add_text(row, "cpu_model", job->cpu_model, err) < 0 ||
        add_text(row, "availability_zone", job->zone, err) < 0)
        return -1;
    return add_text(row, "instance_id", job->instance_id, err);
}

static int add_outcome_row(cJSON *rows, const struct planned_job *planned, const struct job_outcome *job,
                           bool for_people, struct err *err)
{
    cJSON *row = cJSON_CreateObject();
    if (!row || !cJSON_AddItemToArray(rows, row))
        return err_memory(err);
    if (json_add_string(row, "instance_type", planned->instance_type, err) < 0 ||
        json_add_string(row, "architecture", planned->architecture, err) < 0 ||
        add_machine(row, job, err) < 0 || add_headlines(row, job, for_people, err) < 0 ||
        add_seconds(row, job, err) < 0 || json_add_null(row, "cost_usd", err) < 0 ||
        json_add_i64(row, "results", (int64_t)job->stored, err) < 0 ||
        json_add_i64(row, "unsent", (int64_t)job->unsent, err) < 0 ||
        json_add_string(row, "flags", job->flags[0] ? job->flags : NULL, err) < 0 ||
        json_add_string(row, "outcome", outcome_word(job), err) < 0)
        return -1;
    return add_error(row, job, err);
}

static const struct table_column csv_columns[] = {
    {"instance_type", NULL, TABLE_EXACT},
    {"architecture", NULL, TABLE_EXACT},
    {"cpu_model", NULL, TABLE_EXACT},
    {"triad.bandwidth", NULL, TABLE_EXACT},
    {"triad.interval_95", NULL, TABLE_EXACT},
    {"linpack.gflops", NULL, TABLE_EXACT},
    {"linpack.interval_95", NULL, TABLE_EXACT},
    {"availability_zone", NULL, TABLE_EXACT},
    {"instance_id", NULL, TABLE_EXACT},
    {"seconds", NULL, TABLE_EXACT},
    {"cost_usd", NULL, TABLE_EXACT},
    {"results", NULL, TABLE_EXACT},
    {"unsent", NULL, TABLE_EXACT},
    {"flags", NULL, TABLE_EXACT},
    {"outcome", NULL, TABLE_EXACT},
    {"error.message", NULL, TABLE_EXACT},
};

/* Names, numbers and outcome stay on the narrowest terminal. */
static const char *const leaving_columns[] = {"cost_usd",  "architecture", "seconds",
                                              "cpu_model", "results",      NULL};

/* Below the table: in it they would be wider than a terminal, and numbers are not shown without them. */
static void print_flags(FILE *out, const cJSON *rows)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, rows)
    {
        const char *flags = json_string_or(row, "flags", NULL);
        if (flags)
            fprintf(out, "%s: %s\n", json_string_or(row, "instance_type", ""), flags);
    }
}

/* A suite that gave no number on any machine has no column. */
static int print_outcome_table(struct program *program, const struct run_outcome *outcome, const cJSON *rows,
                               struct err *err)
{
    struct terminal_size size = {0};
    bool terminal = terminal_ask(program->out, &size);
    bool triad = false;
    bool linpack = false;
    for (size_t i = 0; i < outcome->job_count; i++) {
        triad = triad || outcome->jobs[i].triad.known;
        linpack = linpack || outcome->jobs[i].linpack.known;
    }
    const struct table_column columns[] = {
        {"instance_type", "INSTANCE TYPE", TABLE_EXACT},
        {"architecture", "ARCHITECTURE", TABLE_EXACT},
        {"cpu_model", "CPU", TABLE_EXACT},
        {"triad_text", triad ? "TRIAD GB/S [95 %]" : NULL, TABLE_EXACT},
        {"linpack_text", linpack ? "LINPACK GFLOPS [95 %]" : NULL, TABLE_EXACT},
        {"seconds", "SECONDS", 1},
        {"cost_usd", "COST USD", 4},
        {"results", "RESULTS", TABLE_EXACT},
        {"outcome", "OUTCOME", TABLE_EXACT},
        {"flags", terminal ? NULL : "FLAGS", TABLE_EXACT},
    };
    const struct table_fit fit = {size.columns, leaving_columns};
    if (table_print_fitted(program->out, OUTPUT_TABLE, columns, ARRAY_LENGTH(columns), rows, &fit, err) < 0)
        return -1;
    if (terminal)
        print_flags(program->out, rows);
    return 0;
}

int report_outcome(struct program *program, const struct plan *plan, const struct run_outcome *outcome,
                   struct err *err)
{
    enum output_format format = (enum output_format)program->common.output;
    AUTO_JSON cJSON *rows = cJSON_CreateArray();
    for (size_t i = 0; i < plan->job_count; i++)
        if (add_outcome_row(rows, &plan->jobs[i], &outcome->jobs[i], format == OUTPUT_TABLE, err) < 0)
            return -1;
    if (format == OUTPUT_TABLE)
        return print_outcome_table(program, outcome, rows, err);
    return table_print(program->out, format, csv_columns, ARRAY_LENGTH(csv_columns), rows, err);
}

void report_whereabouts(struct program *program, const struct plan *plan, const struct run_outcome *outcome,
                        const char *directory, const char *bucket)
{
    size_t stored = 0;
    size_t unsent = 0;
    AUTO_STRBUF struct strbuf copies = STRBUF_INIT(4096);
    for (size_t i = 0; i < outcome->job_count; i++) {
        stored += outcome->jobs[i].stored;
        unsent += outcome->jobs[i].unsent;
    }
    if (bucket && stored)
        strbuf_addf(&copies, "%s s3://%s", unsent ? ", of which not all are in" : " and", bucket);
    log_line(&program->log, LOG_INFO, "run %s: %zu result%s in %s%s", plan->run_id, stored,
             stored == 1 ? "" : "s", directory, strbuf_text(&copies));
}

/* --- what may be left ------------------------------------------------------------------------- */

static void report_machine(struct program *program, const struct left_behind *run,
                           const struct job_outcome *job)
{
    /* an id beside a token is that of an earlier machine, which has ended */
    if (job->launch_token[0])
        left_behind_line(program, run, "launch_token", job->launch_token,
                         "MAY STILL BE RUNNING: the instance of launch %s, if EC2 made one",
                         job->launch_token);
    else
        left_behind_line(program, run, "instance_id", job->instance_id, "MAY STILL BE RUNNING: instance %s",
                         job->instance_id);
}

bool report_leftovers(struct program *program, const struct plan *plan, const struct run_outcome *outcome)
{
    const struct left_behind run = {plan->run_id, plan->region};
    bool any = outcome->security_group_left[0] != '\0';
    for (size_t i = 0; i < outcome->job_count; i++) {
        if (outcome->jobs[i].may_be_alive)
            report_machine(program, &run, &outcome->jobs[i]);
        any = any || outcome->jobs[i].may_be_alive;
    }
    if (outcome->security_group_left[0])
        left_behind_line(program, &run, "security_group", outcome->security_group_left,
                         "LEFT: security group %s", outcome->security_group_left);
    if (any)
        left_behind_end(program, &run);
    return any;
}

/* Nothing was launched, or on this machine begun, and the reason lies in the account or on this machine. */
static bool is_setup_failure(const struct job_outcome *job)
{
    return !job->instance_id[0] && job->failed_at < JOB_LAUNCHED &&
           (job->failure.kind == ERR_AUTH || job->failure.kind == ERR_CONFIG);
}

int outcome_exit_code(const struct program *program, const struct run_outcome *outcome)
{
    bool left = outcome->security_group_left[0] != '\0';
    size_t succeeded = 0;
    size_t setup_failures = 0;
    for (size_t i = 0; i < outcome->job_count; i++) {
        left = left || outcome->jobs[i].may_be_alive;
        succeeded += outcome->jobs[i].succeeded;
        setup_failures += is_setup_failure(&outcome->jobs[i]);
    }
    if (left)
        return EXIT_MAY_BE_LEFT;
    if (cancel_requested(&program->cancel) && succeeded < outcome->job_count)
        return EXIT_SIGNAL_BASE + atomic_load(&program->cancel.signal_number);
    if (succeeded == outcome->job_count)
        return EXIT_DONE;
    return setup_failures == outcome->job_count ? EXIT_SETUP : EXIT_INCOMPLETE;
}
