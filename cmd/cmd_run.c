/* run: the main job. Options into a plan, the plan into results; nothing is launched before all checks are
 * done. */
#include "aws_session.h"
#include "commands.h"
#include "program.h"
#include "progress.h"
#include "run_display.h"
#include "run_ids.h"
#include "run_preflight.h"
#include "run_report.h"
#include "run_resume.h"
#include "run_sweep.h"

#include "aws/aws.h"
#include "aws/sts.h"
#include "base/fs.h"
#include "orchestrator/cloud_ec2.h"
#include "orchestrator/local.h"
#include "orchestrator/planner.h"
#include "orchestrator/run.h"
#include "orchestrator/signals.h"
#include "orchestrator/sweep.h"
#include "storage/store.h"

#include <string.h>
#include <sys/resource.h>

/* --- from options to settings ----------------------------------------------------------------- */

static struct run_settings make_settings(const struct run_options *chosen, const struct run_inputs *inputs)
{
    return (struct run_settings){
        .max_concurrency = chosen->max_concurrency,
        .suites = (const char *const *)chosen->benchmarks.items,
        .suite_count = chosen->benchmarks.count,
        .suite_options = (const char *const *)chosen->suite_options.items,
        .suite_option_count = chosen->suite_options.count,
        .iterations = (unsigned)chosen->iterations,
        .ssh_user = chosen->ssh_user,
        .ssh_port = (uint16_t)chosen->ssh_port,
        .ssh_private_key = inputs->private_key,
        .key_pair = chosen->key_pair,
        .address = (enum address_choice)chosen->address,
        .boot_seconds = (double)chosen->boot_timeout,
        .grace_seconds = (double)chosen->host_key_grace,
        .silence_seconds = (double)chosen->silence_timeout,
        .margin_seconds = (double)chosen->lifetime_margin,
        .suite_seconds = (double)chosen->timeout,
        .teardown_seconds = (double)chosen->teardown_timeout,
        .lease_seconds = (double)chosen->lease,
        .lookup_seconds = (double)chosen->lookup_timeout,
        .store_seconds = (double)chosen->store_timeout,
        .image = {.archive = chosen->image ? NULL : &inputs->archive, .reference = chosen->image},
        .local_program = chosen->local ? &inputs->program : NULL,
        .image_reference = chosen->image ? chosen->image : inputs->archive_reference,
        .attestation = !chosen->no_attestation,
    };
}

static struct plan_request make_request(const struct run_options *chosen)
{
    return (struct plan_request){
        .words = (const char *const *)chosen->instance_types.items,
        .word_count = chosen->instance_types.count,
        .network = {.subnet_id = chosen->subnet,
                    .security_group_id = chosen->security_group,
                    .ssh_cidr = chosen->ssh_cidr,
                    .address_url = chosen->caller_address_url},
        .ami_id = chosen->ami,
        .key_pair = chosen->key_pair,
    };
}

/* --- carrying the plan out -------------------------------------------------------------------- */

/* One call of `run`. */
struct task {
    struct program *program;
    const struct run_options *chosen; /* of this command line, or of the run that is resumed with it */
    char *state_directory;
    struct run_inputs inputs;
    struct resumed_run resumed; /* empty unless chosen->resume */
    struct journal *journal;    /* of a new run */
};

static void task_free(struct task *task)
{
    run_inputs_free(&task->inputs);
    resumed_run_free(&task->resumed);
    journal_close(task->journal);
    free(task->state_directory);
}

static int finish_run(const struct task *task, const struct plan *plan, struct journal *journal,
                      const struct run_outcome *outcome, struct err *err)
{
    struct program *program = task->program;
    if (progress_mode(program) != PROGRESS_JSON) /* a program reads on; stdout tells it */
        report_whereabouts(program, plan, outcome, task->chosen->output_dir,
                           task->inputs.bucket.bucket[0] ? task->chosen->s3_bucket : NULL);
    report_leftovers(program, plan, outcome);
    int exit_code = outcome_exit_code(program, outcome);
    journal_end(journal, exit_code, NULL);
    if (report_outcome(program, plan, outcome, err) == 0)
        return exit_code;
    program_error(program, err); /* what the run came to is not changed by a table that can't be printed */
    return exit_code == EXIT_DONE ? EXIT_INCOMPLETE : exit_code;
}

static int write_header(struct journal *journal, const struct run_options *chosen, const struct plan *plan,
                        struct err *err)
{
    AUTO_STRING_LIST struct string_list words = {0};
    AUTO_FREE char *output_dir = fs_absolute(chosen->output_dir, err);
    AUTO_FREE const char **names = calloc(plan->job_count, sizeof *names);
    if (!output_dir || run_options_words(chosen, plan, &words, err) < 0)
        return -1;
    if (!names)
        return err_memory(err);
    for (size_t i = 0; i < plan->job_count; i++)
        names[i] = plan->jobs[i].instance_type;
    const struct journal_header header = {
        .run_id = plan->run_id,
        .region = plan->region,
        .endpoint = chosen->local ? NULL : plan->endpoint,
        .account = chosen->local ? NULL : plan->account,
        .collection_method = plan->collection_method,
        .bucket = chosen->local ? NULL : chosen->s3_bucket,
        .output_dir = output_dir,
        .arguments = (const char *const *)words.items,
        .argument_count = words.count,
        .instance_types = names,
        .instance_type_count = plan->job_count,
    };
    return journal_run(journal, &header, err);
}

/* From here on the run is one that may have something to lose: a mark that says otherwise is taken away
 * before anything is launched. */
static struct journal *start_journal(struct task *task, const struct plan *plan, struct err *err)
{
    struct journal *journal = task->resumed.journal;
    if (journal)
        journal_number_jobs_from(journal, task->resumed.history.job_count);
    else
        journal = task->journal = journal_open(task->state_directory, plan->run_id, err);
    if (!journal || history_unmark_settled(task->state_directory, plan->run_id, err) < 0) {
        err_prepend(err, "--state-dir");
        return NULL;
    }
    return write_header(journal, task->chosen, plan, err) == 0 ? journal : NULL;
}

/* aws is NULL for a run of this machine itself. */
static int execute(struct task *task, struct aws *aws, const struct plan *plan, struct journal *journal,
                   struct err *err)
{
    struct program *program = task->program;
    AUTO_STORE struct store spool = {0};
    CLEANUP(run_outcome_free) struct run_outcome outcome = {0};
    struct run_settings settings = make_settings(task->chosen, &task->inputs);
    struct ec2_account account = {aws, &program->cancel};
    struct bucket_context bucket = {aws, &task->inputs.bucket};
    struct store_factory remote_store = {bucket_open, bucket_close, &bucket};
    if (store_open_directory(&spool, task->chosen->output_dir, err) < 0)
        return -1;
    struct run_services services = {
        .cloud = cloud_ec2(&account),
        .remote = remote_ssh(),
        .journal = journal,
        .spool = &spool,
        .remote_store = task->inputs.bucket.bucket[0] ? &remote_store : NULL,
        .cancel = &program->cancel,
        .log = &program->log,
    };
    if (execute_visibly(program, plan, &settings, &services, &outcome, err) < 0) {
        if (!report_leftovers(program, plan, &outcome))
            return -1;
        program_error(program, err);
        return EXIT_MAY_BE_LEFT;
    }
    return finish_run(task, plan, journal, &outcome, err);
}

static int carry_out(struct task *task, struct aws *aws, const struct plan *plan, struct err *err)
{
    struct err unmarked = {0};
    struct journal *journal = start_journal(task, plan, err);
    if (!journal)
        return -1;
    int result = execute(task, aws, plan, journal, err);
    if (history_mark_if_settled(task->state_directory, plan->run_id, &unmarked) < 0)
        log_line(&task->program->log, LOG_WARNING, "%s", unmarked.message);
    return result;
}

/* --- in an account ---------------------------------------------------------------------------- */

static int show_plan(const struct task *task, const struct plan *plan, struct err *err)
{
    struct run_settings settings = make_settings(task->chosen, &task->inputs);
    describe_plan(task->program, plan, &settings, task->chosen->output_dir, &task->inputs.bucket);
    return report_plan(task->program, plan, err) < 0 ? -1 : EXIT_DONE;
}

static int find_account(struct aws_client *client, char account[16], struct err *err)
{
    struct sts_identity caller;
    if (sts_get_caller_identity(client, &caller, err) < 0)
        return -1;
    memcpy(account, caller.account, sizeof caller.account);
    return 0;
}

static int make_plan(const struct task *task, struct aws_client *client, struct plan *plan, struct err *err)
{
    struct plan_request request = make_request(task->chosen);
    double now = clock_realtime(&task->program->clock);
    if (plan_make(client, &request, now, &task->program->log, plan, err) < 0 ||
        (task->chosen->resume && resumed_run_reduce(&task->resumed, plan, err) < 0))
        return -1;
    return check_image_fits_plan(task->chosen, &task->inputs, plan, err);
}

/* Every measurement of the run that is resumed has its result. */
static int nothing_missing(const struct task *task)
{
    const struct run_history *history = &task->resumed.history;
    size_t unsent = 0;
    for (size_t i = 0; i < history->result_count; i++)
        unsent += history_is_unsent(history, &history->results[i]);
    if (progress_mode(task->program) != PROGRESS_JSON)
        log_line(&task->program->log, LOG_INFO, "run %s: nothing is missing", history->run_id);
    return unsent ? EXIT_INCOMPLETE : EXIT_DONE;
}

static int plan_and_carry_out(struct task *task, struct aws_session *session, const char *account,
                              struct err *err)
{
    CLEANUP(plan_free) struct plan plan = {0};
    const struct cancel *cancel = &task->program->cancel;
    if (cancel_requested(cancel))
        return EXIT_SIGNAL_BASE + atomic_load(&cancel->signal_number);
    if (task->chosen->resume && resumed_run_is_complete(&task->resumed))
        return nothing_missing(task);
    if (make_plan(task, &session->client, &plan, err) < 0)
        return -1;
    if (plan.job_count == 0)
        return nothing_missing(task);
    snprintf(plan.account, sizeof plan.account, "%s", account);
    prepare_credentials(session->aws, task->chosen, &plan, &task->program->log);
    if (check_results_can_be_kept(&session->client, task->chosen, &task->inputs, &plan, err) < 0)
        return -1;
    return carry_out(task, session->aws, &plan, err);
}

/* What earlier runs left is ended before anything new is launched; it costs money, or is a result that nobody
 * has. That it could not be ended keeps no run from its work, but stands in the exit code. */
static int sweep_and_run(struct task *task, struct aws_session *session, const char *account, struct err *err)
{
    CLEANUP(run_sweep_free) struct run_sweep sweep = {0};
    if (run_sweep_init(&sweep, task->program, session->aws, task->chosen, task->state_directory, account,
                       err) < 0)
        return -1;
    if (task->chosen->resume)
        sweep_run(&sweep.services, &sweep.limits, task->resumed.journal, &task->resumed.history,
                  &sweep.outcome);
    sweep_all(&sweep.services, &sweep.limits, &sweep.outcome);
    bool left = run_sweep_report(&sweep);
    int result = plan_and_carry_out(task, session, account, err);
    if (left && result < 0)
        program_error(task->program, err);
    return left ? EXIT_MAY_BE_LEFT : result;
}

static int run_in_account(struct task *task, struct err *err)
{
    AUTO_AWS_SESSION struct aws_session session = {0};
    char account[16] = "";
    const struct run_options *chosen = task->chosen;
    if (aws_session_open(task->program, &session, err) < 0 ||
        ((chosen->resume || !chosen->dry_run) && find_account(&session.client, account, err) < 0) ||
        (chosen->resume &&
         resumed_run_check(&task->resumed, account, aws_endpoint(session.aws, AWS_EC2), err) < 0))
        return -1;
    if (!chosen->dry_run)
        return sweep_and_run(task, &session, account, err);
    CLEANUP(plan_free) struct plan plan = {0};
    if (make_plan(task, &session.client, &plan, err) < 0 ||
        check_results_can_be_kept(&session.client, chosen, &task->inputs, &plan, err) < 0)
        return -1;
    return show_plan(task, &plan, err);
}

/* --- this machine itself ---------------------------------------------------------------------- */

/* A run that was cut off may have kept a result without writing that down. */
static void settle_results(struct task *task)
{
    struct program *program = task->program;
    const struct sweep_services services = {.state_directory = task->state_directory,
                                            .account = "",
                                            .cancel = &program->cancel,
                                            .log = &program->log};
    const struct sweep_limits limits = {0};
    CLEANUP(sweep_outcome_free) struct sweep_outcome outcome = {0};
    sweep_run(&services, &limits, task->resumed.journal, &task->resumed.history, &outcome);
}

static int plan_local(struct task *task, struct plan *plan, struct err *err)
{
    double now = clock_realtime(&task->program->clock);
    if (local_plan_make(task->chosen->local_name, now, plan, err) < 0)
        return -1;
    return task->chosen->resume ? resumed_run_reduce(&task->resumed, plan, err) : 0;
}

/* Asks nobody but this machine. */
static int run_local(struct task *task, struct err *err)
{
    CLEANUP(plan_free) struct plan plan = {0};
    AUTO_CLOSE int lock = -1;
    const struct run_options *chosen = task->chosen;
    if (!chosen->dry_run) {
        lock = local_lock(task->state_directory, err);
        if (lock < 0)
            return -1;
        if (chosen->resume)
            settle_results(task);
    }
    if (plan_local(task, &plan, err) < 0)
        return -1;
    if (plan.job_count == 0)
        return nothing_missing(task);
    if (check_results_can_be_kept(NULL, chosen, &task->inputs, &plan, err) < 0)
        return -1;
    return chosen->dry_run ? show_plan(task, &plan, err) : carry_out(task, NULL, &plan, err);
}

/* --- the command ------------------------------------------------------------------------------ */

/* Each machine that is knocked at takes a few descriptors; a thousand of them take more than the usual 1024.
 */
static void allow_many_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Signals are watched from here on, before any other thread exists. */
static int run_interruptibly(struct task *task, struct err *err)
{
    struct signals signals;
    allow_many_files();
    if (signals_start(&signals, &task->program->cancel, err) < 0)
        return -1;
    int result = task->chosen->local ? 0 : remote_ssh_global_init(err);
    if (result == 0 && task->chosen->local) {
        result = run_local(task, err);
    } else if (result == 0) {
        result = run_in_account(task, err);
        remote_ssh_global_cleanup();
    }
    signals_stop(&signals);
    return result;
}

/* What the tables of options can't say of --local. */
static int check_place(const struct task *task, struct err *err)
{
    const struct run_options *chosen = task->chosen;
    const struct account_options *account = &task->program->account;
    bool region_typed = account->region && !chosen->resume; /* else it is the run's own */
    if (chosen->resume && chosen->local != history_is_local(&task->resumed.history))
        return err_set(err, ERR_USAGE, "run %s was one of instances: it can't be resumed with --local",
                       task->resumed.history.run_id);
    if (chosen->local_name && !chosen->local)
        return err_set(err, ERR_USAGE, "--local-name names this machine: it goes with --local");
    if (chosen->local && (region_typed || account->profile || account->endpoint_url))
        return err_set(err, ERR_USAGE,
                       "--local asks nothing of AWS: leave out --region, --profile and --endpoint-url");
    return 0;
}

static int run_run(struct program *program, void *parsed, const struct operands *operands UNUSED,
                   struct err *err)
{
    const struct run_options *typed = parsed;
    CLEANUP(task_free) struct task task = {.program = program, .chosen = typed};
    task.state_directory = state_directory(typed->state_dir, err);
    if (!task.state_directory)
        return -1;
    if (typed->resume) {
        if (resumed_run_open(program, typed, task.state_directory, &task.resumed, err) < 0)
            return -1;
        task.chosen = &task.resumed.options;
    }
    const struct string_list *types = &task.chosen->instance_types;
    if (check_place(&task, err) < 0 ||
        (!task.chosen->local && plan_check_words((const char *const *)types->items, types->count, err) < 0) ||
        run_inputs_read(&task.inputs, task.chosen, err) < 0)
        return -1;
    return run_interruptibly(&task, err);
}

static const struct example examples[] = {
    {"run --instance-types m7i.large,c7g.large --max-concurrency 5",
     "Measure two types with the default suites."},
    {"run --instance-types 'm7g.*' --dry-run", "See what would be launched, and where."},
    {"run --instance-types c8g.xlarge --s3-bucket my-results/raw --iterations 3",
     "Three results a suite, copied to a bucket."},
    {"run --local", "Measure this machine itself, without AWS and without a container engine."},
    {"run --resume 20261120T153045Z-k3x9qd", "Finish a run that was cut off: measure only what is missing."},
    {NULL, NULL},
};

const struct command command_run = {
    .name = "run",
    .summary = "Launch instances, run the benchmark container on each, collect the results",
    .description =
        "One instance for each type is launched, in parallel threads; the benchmark image is sent "
        "to it over SSH, after "
        "its host key has been compared with the one it was given at launch; every result is "
        "written to the output "
        "directory and, if there is a bucket, copied there; then the instance is terminated, and "
        "the run waits until "
        "EC2 confirms it.\n\n"
        "Ctrl-C once: nothing new is begun and everything launched is terminated. Ctrl-C twice: "
        "no more waiting; what "
        "may still be running is printed, with the command that removes it.\n\n"
        "A run that was cut off (power, SIGKILL) is finished by the next one at its start: what "
        "was launched is ended, "
        "what was measured is sent. --resume measures the rest as well.\n\n"
        "Results measured at an endpoint that is not AWS's own are labelled as sandbox results.\n\n"
        "--local runs the suites on this machine itself, one after another, as programs taken out of "
        "the image archive. AWS is not asked anything. Its results are labelled as local, of the "
        "instance type \"local\" in the region \"local\".",
    .options = run_option_specs,
    .option_count = RUN_OPTION_COUNT,
    .options_size = sizeof(struct run_options),
    .uses_aws = true,
    .examples = examples,
    .run = run_run,
};
