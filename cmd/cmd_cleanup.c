/* cleanup: what runs have left in an account, listed or removed. */
#include "aws_session.h"
#include "cleanup_report.h"
#include "commands.h"
#include "program.h"
#include "run_ids.h"
#include "run_preflight.h"
#include "shared_options.h"

#include "aws/ec2.h"
#include "aws/sts.h"
#include "orchestrator/cleanup.h"
#include "orchestrator/settlement.h"
#include "orchestrator/signals.h"

#include <string.h>

#define WHOLE_RUN_ID strlen("20261120T153045Z-k3x9qd")

struct cleanup_options {
    bool yes;
    char *run;
    uint64_t older_than;
    bool all_regions;
    char *s3_bucket;
    uint64_t teardown_timeout;
    char *state_dir;
};

static const struct option_spec options[] = {
    {.name = "yes",
     .letter = 'y',
     .type = OPTION_FLAG,
     .help = "Remove what can be removed, instead of listing it.",
     .offset = OPTION_AT(struct cleanup_options, yes)},
    {.name = "run",
     .type = OPTION_STRING,
     .value_name = "RUN_ID",
     .help = "This run alone, also while its lease lasts; for a run of this machine the beginning of its id "
             "will do. A run that is live on this machine is left alone all "
             "the same.",
     .offset = OPTION_AT(struct cleanup_options, run)},
    {.name = "older-than",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .min = 1,
     .max = 365 * 86400,
     .help = "Only what was made longer ago, as in 6h.",
     .offset = OPTION_AT(struct cleanup_options, older_than)},
    {.name = "all-regions",
     .type = OPTION_FLAG,
     .help = "Look in every region that the account has enabled, instead of one.",
     .offset = OPTION_AT(struct cleanup_options, all_regions)},
    S3_BUCKET_OPTION(struct cleanup_options, s3_bucket, NULL,
                     "Look for unfinished uploads in parts to results there as well."),
    TEARDOWN_TIMEOUT_OPTION(struct cleanup_options, teardown_timeout, NULL,
                            "How long to go on removing and waiting for EC2 to confirm it."),
    STATE_DIR_OPTION(struct cleanup_options, state_dir),
};

/* Everything that one call of the command works with. */
struct work {
    struct program *program;
    const struct cleanup_options *chosen;
    struct s3_location bucket; /* its name is empty when there is none */
    char *state_directory;
    char only_run[RUN_ID_SIZE]; /* empty: all */
    struct runs_here here;
    struct aws_session *sessions; /* one for each region */
    struct cleanup_place *places;
    const char **regions;
    size_t count;
    struct sts_identity caller;
    struct leftover_terms terms;
    struct leftovers list;
};

static void work_free(struct work *work)
{
    leftovers_free(&work->list);
    for (size_t i = 0; i < work->count; i++)
        aws_session_close(&work->sessions[i]);
    free(work->sessions);
    free(work->places);
    free(work->regions);
    free(work->state_directory);
    runs_here_free(&work->here);
}

/* --- what the options say ------------------------------------------------------------------------------- */

/* A run of this machine by as much of its id as is needed; one of another by all of it. */
static int read_run(struct work *work, struct err *err)
{
    const char *word = work->chosen->run;
    if (run_id_find(work->state_directory, word, work->only_run, err) == 0)
        return 0;
    if (strlen(word) < WHOLE_RUN_ID || strlen(word) >= sizeof work->only_run || !leftover_is_run_id(word))
        return err_prepend(err,
                           "--run (of another machine's run the whole id, as in 20261120T153045Z-k3x9qd)");
    snprintf(work->only_run, sizeof work->only_run, "%s", word);
    return 0;
}

static int read_options(struct work *work, struct err *err)
{
    const struct cleanup_options *chosen = work->chosen;
    if (chosen->all_regions && work->program->account.region)
        return err_set(err, ERR_USAGE, "--region and --all-regions exclude each other");
    if (chosen->s3_bucket && bucket_parse(chosen->s3_bucket, &work->bucket, err) < 0)
        return -1;
    work->state_directory = state_directory(chosen->state_dir, err);
    work->here.state_directory = work->state_directory;
    if (!work->state_directory)
        return err_prepend(err, "--state-dir");
    return chosen->run ? read_run(work, err) : 0;
}

/* --- where to look -------------------------------------------------------------------------------------- */

static int make_room(struct work *work, size_t regions, struct err *err)
{
    work->sessions = calloc(regions, sizeof *work->sessions);
    work->places = calloc(regions, sizeof *work->places);
    work->regions = calloc(regions, sizeof *work->regions);
    return work->sessions && work->places && work->regions ? 0 : err_memory(err);
}

static int open_place(struct work *work, const char *region, struct err *err)
{
    struct aws_session *session = &work->sessions[work->count++];
    if (aws_session_open_in(work->program, region, session, err) < 0)
        return -1;
    struct cleanup_place *place = &work->places[work->count - 1];
    place->client = &session->client;
    place->uploads = work->count == 1 && work->bucket.bucket[0] ? &work->bucket : NULL;
    work->regions[work->count - 1] = aws_region(session->aws);
    return 0;
}

/* The region that is set comes first: its bucket is looked at. */
static int open_all_regions(struct work *work, struct err *err)
{
    AUTO_AWS_SESSION struct aws_session session = {0};
    CLEANUP(ec2_regions_free) struct ec2_regions regions = {0};
    if (aws_session_open(work->program, &session, err) < 0 ||
        ec2_describe_regions(&session.client, &regions, err) < 0 ||
        make_room(work, regions.count + 1, err) < 0 || open_place(work, aws_region(session.aws), err) < 0)
        return -1;
    for (size_t i = 0; i < regions.count; i++)
        if (strcmp(regions.items[i].name, work->regions[0]) != 0 &&
            open_place(work, regions.items[i].name, err) < 0)
            return -1;
    return 0;
}

static int open_places(struct work *work, struct err *err)
{
    if (work->chosen->all_regions)
        return open_all_regions(work, err);
    if (make_room(work, 1, err) < 0)
        return -1;
    return open_place(work, work->program->account.region, err);
}

/* --- the work ------------------------------------------------------------------------------------------- */

static struct cleanup_order make_order(const struct work *work)
{
    return (struct cleanup_order){
        .places = work->places,
        .place_count = work->count,
        .terms = &work->terms,
        .deadline = clock_monotonic(&work->program->clock) + (double)work->chosen->teardown_timeout,
        .clock = work->program->clock,
        .cancel = &work->program->cancel,
        .log = &work->program->log,
    };
}

/* Removes what the list has to remove; -1 when it could not go on. Journals are told only when all was seen:
 * what is not in the list is over then. */
static int remove_found(struct work *work, const struct cleanup_order *order, bool all_seen, struct err *err)
{
    const struct settlement_scope scope = {
        work->state_directory, aws_endpoint(work->sessions[0].aws, AWS_EC2),
        work->regions,         work->count,
        &work->terms,          &work->program->log};
    for (size_t i = 0; i < work->count; i++)
        work->sessions[i].client.policy =
            (struct aws_policy){.persistent = true, .deadline = order->deadline, .stop_at = CANCEL_DRAIN};
    struct settlement *settlement = settlement_begin(&scope, &work->list, err);
    if (!settlement)
        return -1;
    int result = cleanup_remove(order, &work->list, err);
    settlement_end(settlement, result == 0 && all_seen ? &work->list : NULL);
    return result;
}

/* What was found is shown whatever happened, and decides first: something is left or nothing is. */
static int tell(struct work *work, int result, struct err *err)
{
    struct program *program = work->program;
    struct err unprinted = {0};
    bool left = leftovers_count(&work->list, LEFTOVER_REMOVE) > 0;
    int printed = report_leftover_table(program, &work->list, &work->bucket, &unprinted);
    if (result == 0 || work->list.count) /* else nobody knows whether there is nothing */
        report_leftover_sum(program, &work->list, work->chosen->yes);
    if (printed < 0)
        program_error(program, &unprinted);
    if (!left && result < 0)
        return -1;
    if (result < 0)
        program_error(program, err);
    if (left)
        return EXIT_MAY_BE_LEFT;
    return printed < 0 ? EXIT_INCOMPLETE : EXIT_DONE;
}

static int look_and_remove(struct work *work, struct err *err)
{
    if (open_places(work, err) < 0 || sts_get_caller_identity(work->places[0].client, &work->caller, err) < 0)
        return -1;
    work->terms = (struct leftover_terms){
        .account = work->caller.account,
        .only_run = work->only_run[0] ? work->only_run : NULL,
        .older_than = (int64_t)work->chosen->older_than,
        .now = aws_time(work->sessions[0].aws),
        .run_here = runs_here_ask,
        .context = &work->here,
    };
    struct cleanup_order order = make_order(work);
    struct err unseen = {0}; /* why a region could not be looked at */
    int found = cleanup_find(&order, &work->list, &unseen);
    int removed = 0;
    if (work->chosen->yes && unseen.kind != ERR_CANCELLED)
        removed = remove_found(work, &order, found == 0, err);
    if (found < 0 && removed < 0)
        program_error(work->program, &unseen);
    else if (found < 0)
        err_copy(err, &unseen);
    return tell(work, found < 0 || removed < 0 ? -1 : 0, err);
}

static int cleanup_run(struct program *program, void *parsed, const struct operands *operands UNUSED,
                       struct err *err)
{
    CLEANUP(work_free) struct work work = {.program = program, .chosen = parsed};
    struct signals signals;
    if (read_options(&work, err) < 0 || signals_start(&signals, &program->cancel, err) < 0)
        return -1;
    int result = look_and_remove(&work, err);
    signals_stop(&signals);
    return result;
}

static const struct example examples[] = {
    {"cleanup", "List what is left in the region, and what of it may be removed."},
    {"cleanup --yes", "Remove it."},
    {"cleanup --run 20261120T153045Z-k3x9qd --yes", "Remove what this run has left, without waiting for its "
                                                    "lease."},
    {"cleanup --all-regions --older-than 6h --yes", "For a job that runs every few hours."},
    {NULL, NULL},
};

const struct command command_cleanup = {
    .name = "cleanup",
    .summary = "List or remove what runs have left in an account",
    .description =
        "Finds what carries this program's tags: instances, security groups, key pairs, volumes, network "
        "interfaces and spot requests, and unfinished uploads of results to --s3-bucket. Without --yes "
        "nothing is changed.\n\n"
        "What belongs to a run that may be live is kept: while the run's journal is held by a process of "
        "this "
        "machine, or, wherever it runs, until its lease ends, which a live run renews. A run whose journal "
        "is "
        "here and held by nobody has no lease any more.\n\n"
        "Exit code 0: nothing is left that may be removed. 4: something is, listed or not yet removed. Safe "
        "to "
        "interrupt and to repeat.",
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .options_size = sizeof(struct cleanup_options),
    .uses_aws = true,
    .examples = examples,
    .run = cleanup_run,
};
