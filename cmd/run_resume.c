#include "run_resume.h"

#include "run_ids.h"

#include "discovery/select.h"

#include <string.h>

void resumed_run_free(struct resumed_run *resumed)
{
    const struct option_group group = {NULL, run_option_specs, RUN_OPTION_COUNT, &resumed->options};
    journal_close(resumed->journal);
    history_free(&resumed->history);
    options_free(&group, 1);
    *resumed = (struct resumed_run){0};
}

/* --- which run -------------------------------------------------------------------------------- */

static int take_journal(const char *state_directory, const char *word, struct resumed_run *resumed,
                        struct err *err)
{
    char run_id[RUN_ID_SIZE];
    struct err why = {0};
    if (run_id_find(state_directory, word, run_id, err) < 0)
        return -1;
    resumed->journal = journal_reopen(state_directory, run_id, &why);
    if (resumed->journal)
        return history_load(state_directory, run_id, &resumed->history, err);
    if (why.kind == ERR_EXISTS)
        return err_set(err, ERR_USAGE, "run %s is at work; it can be resumed when it has ended", run_id);
    return err_copy(err, &why);
}

/* The region is the run's, unless another was asked for. */
static int take_region(struct program *program, const struct run_history *history, struct err *err)
{
    char **region = &program->account.region;
    if (*region && strcmp(*region, history->region) != 0)
        return err_set(err, ERR_USAGE, "run %s is one of region %s, not of %s", history->run_id,
                       history->region, *region);
    if (!*region)
        *region = strdup(history->region);
    return *region ? 0 : err_memory(err);
}

/* The words of this command line once more, now over the run's own. What goes to common and AWS options has
 * been taken already. */
static int take_options(const struct program *program, struct resumed_run *resumed, struct err *err)
{
    const struct history_part *part = &resumed->history.parts[resumed->history.part_count - 1];
    const struct string_list stored = {part->arguments, part->argument_count};
    struct common_options common = {0};
    struct account_options account = {0};
    const struct option_group groups[] = {
        {NULL, run_option_specs, RUN_OPTION_COUNT, &resumed->options},
        {NULL, common_option_specs, common_option_count, &common},
        {NULL, account_option_specs, account_option_count, &account},
    };
    AUTO_OPERANDS struct operands operands = {0};
    int result = options_parse_over(groups, ARRAY_LENGTH(groups), &stored, program->argument_count,
                                    program->arguments, &operands, err);
    options_free(groups + 1, ARRAY_LENGTH(groups) - 1);
    return result < 0 ? err_prepend(err, "the options of run %s", resumed->history.run_id) : 0;
}

int resumed_run_open(struct program *program, const struct run_options *typed, const char *state_directory,
                     struct resumed_run *resumed, struct err *err)
{
    const struct run_history *history = &resumed->history;
    if (take_journal(state_directory, typed->resume, resumed, err) < 0)
        return -1;
    if (history->part_count == 0)
        return err_set(err, ERR_USAGE, "run %s was cut off before it began anything: start a new one",
                       history->run_id);
    if (history->damaged)
        log_line(&program->log, LOG_WARNING,
                 "the journal of run %s is damaged, results may be measured twice: %s", history->run_id,
                 history->damage.message);
    if (take_region(program, history, err) < 0)
        return -1;
    return take_options(program, resumed, err);
}

int resumed_run_check(const struct resumed_run *resumed, const char *account, const char *endpoint,
                      struct err *err)
{
    const struct run_history *history = &resumed->history;
    if (strcmp(history->account, account) != 0)
        return err_set(err, ERR_USAGE, "run %s is one of account %s, and these credentials are of %s",
                       history->run_id, history->account, account);
    if (strcmp(history->endpoint, endpoint) != 0)
        return err_set(err, ERR_USAGE, "run %s was made at %s, not at %s", history->run_id, history->endpoint,
                       endpoint);
    return 0;
}

/* --- what is missing -------------------------------------------------------------------------- */

static bool has_result(const struct run_history *history, const char *type, const char *suite,
                       uint64_t iteration)
{
    for (size_t i = 0; i < history->result_count; i++) {
        const struct history_result *result = &history->results[i];
        if ((result->stored || result->sent) && result->name.iteration == iteration &&
            strcmp(result->name.instance_type, type) == 0 && strcmp(result->name.suite, suite) == 0)
            return true;
    }
    return false;
}

/* One truth value for each suite of each iteration, as the plan wants them; all are counted in *count. */
static bool *list_done(const struct resumed_run *resumed, const char *type, size_t *count)
{
    const struct run_options *options = &resumed->options;
    size_t suites = options->benchmarks.count;
    bool *done = calloc(suites * options->iterations + 1, sizeof *done);
    *count = 0;
    for (size_t i = 0; done && i < suites * options->iterations; i++) {
        done[i] = has_result(&resumed->history, type, options->benchmarks.items[i % suites], i / suites + 1);
        *count += done[i];
    }
    return done;
}

bool resumed_run_is_complete(const struct resumed_run *resumed)
{
    const struct run_options *options = &resumed->options;
    for (size_t i = 0; i < options->instance_types.count; i++) {
        const char *type = options->instance_types.items[i];
        size_t count = 0;
        free(list_done(resumed, type, &count));
        if (count < options->benchmarks.count * options->iterations || is_type_pattern(type))
            return false;
    }
    return true;
}

int resumed_run_reduce(const struct resumed_run *resumed, struct plan *plan, struct err *err)
{
    size_t wanted = resumed->options.benchmarks.count * resumed->options.iterations;
    size_t kept = 0;
    for (size_t i = 0; i < plan->job_count; i++) {
        struct planned_job *job = &plan->jobs[i];
        size_t count = 0;
        job->done = list_done(resumed, job->instance_type, &count);
        if (!job->done)
            return err_memory(err);
        if (count < wanted)
            plan->jobs[kept++] = *job;
        else
            planned_job_free(job);
    }
    plan->job_count = kept;
    snprintf(plan->run_id, sizeof plan->run_id, "%s", resumed->history.run_id);
    return 0;
}
