#include "run_sweep.h"

#include "left_behind.h"
#include "run_preflight.h"

#include "orchestrator/cloud_ec2.h"

#include <string.h>

/* A region that is entered. */
struct entered {
    struct aws *aws;
    bool own; /* opened for the sweep */
    struct ec2_account account;
    struct s3_location location;
};

static struct aws *open_region(struct run_sweep *sweep, const char *region, bool *own, struct err *err)
{
    struct program *program = sweep->program;
    *own = strcmp(aws_region(sweep->aws), region) != 0;
    if (!*own)
        return sweep->aws;
    const struct aws_options options = {.region = region,
                                        .profile = program->account.profile,
                                        .endpoint = program->account.endpoint_url,
                                        .log = &program->log,
                                        .clock = &program->clock,
                                        .cancel = &program->cancel};
    return aws_open(&options, err);
}

static int enter(void *context, const char *region, struct sweep_region *place, struct err *err)
{
    struct run_sweep *sweep = context;
    AUTO_FREE struct entered *entered = calloc(1, sizeof *entered);
    if (!entered)
        return err_memory(err);
    entered->aws = open_region(sweep, region, &entered->own, err);
    if (!entered->aws)
        return -1;
    entered->account = (struct ec2_account){entered->aws, &sweep->program->cancel};
    *place = (struct sweep_region){.cloud = cloud_ec2(&entered->account),
                                   .endpoint = aws_endpoint(entered->aws, AWS_EC2)};
    place->handle = TAKE(entered);
    return 0;
}

static void leave(void *context UNUSED, struct sweep_region *place)
{
    struct entered *entered = place->handle;
    if (entered->own)
        aws_close(entered->aws);
    free(entered);
}

static int open_bucket(struct sweep_region *place, const char *bucket, double deadline, struct store *store,
                       void **connection, struct err *err)
{
    struct entered *entered = place->handle;
    if (bucket_parse(bucket, &entered->location, err) < 0)
        return -1;
    struct bucket_context context = {entered->aws, &entered->location};
    return bucket_open(&context, deadline, store, connection, err);
}

static int speak_json(struct run_sweep *sweep, struct err *err)
{
    struct program *program = sweep->program;
    const struct progress_settings settings = {
        .mode = PROGRESS_JSON, .out = program->talk, .clock = program->clock};
    sweep->progress = progress_start(&settings, err);
    if (!sweep->progress)
        return -1;
    log_init(&sweep->log, program->log.level, progress_log, sweep->progress);
    sweep->services.log = &sweep->log;
    return 0;
}

int run_sweep_init(struct run_sweep *sweep, struct program *program, struct aws *aws,
                   const struct run_options *chosen, const char *state_directory, const char *account,
                   struct err *err)
{
    *sweep = (struct run_sweep){
        .program = program,
        .aws = aws,
        .services = {.state_directory = state_directory,
                     .account = account,
                     .enter = enter,
                     .leave = leave,
                     .open_bucket = open_bucket,
                     .close_bucket = bucket_close,
                     .context = sweep,
                     .cancel = &program->cancel,
                     .log = &program->log},
        .limits = {(double)chosen->teardown_timeout, (double)chosen->store_timeout,
                   (double)chosen->lookup_timeout},
    };
    return progress_mode(program) == PROGRESS_JSON ? speak_json(sweep, err) : 0;
}

void run_sweep_free(struct run_sweep *sweep)
{
    sweep_outcome_free(&sweep->outcome);
    if (!sweep->progress)
        return;
    progress_finish(sweep->progress);
    log_destroy(&sweep->log);
}

static void report_left(struct program *program, struct log *log, const struct sweep_left *left)
{
    if (left->machines || left->groups) {
        const struct left_behind run = {left->run_id, left->region};
        left_behind_line(program, &run, NULL, NULL, "MAY STILL BE RUNNING: %zu instance%s%s of run %s",
                         left->machines, left->machines == 1 ? "" : "s",
                         left->groups ? " and a security group" : "", left->run_id);
        left_behind_end(program, &run);
    }
    if (left->unsent)
        log_line(
            log, LOG_WARNING,
            "%zu result%s of run %s %s not in the bucket; the next run tries again, or `run --resume %s`",
            left->unsent, left->unsent == 1 ? "" : "s", left->run_id, left->unsent == 1 ? "is" : "are",
            left->run_id);
}

bool run_sweep_report(const struct run_sweep *sweep)
{
    const struct sweep_outcome *outcome = &sweep->outcome;
    if (outcome->machines)
        log_line(sweep->services.log, LOG_INFO, "of earlier runs: %zu instance%s ended", outcome->machines,
                 outcome->machines == 1 ? "" : "s");
    if (outcome->sent)
        log_line(sweep->services.log, LOG_INFO, "of earlier runs: %zu result%s sent", outcome->sent,
                 outcome->sent == 1 ? "" : "s");
    for (size_t i = 0; i < outcome->left_count; i++)
        report_left(sweep->program, sweep->services.log, &outcome->left[i]);
    return sweep_may_be_alive(outcome);
}
