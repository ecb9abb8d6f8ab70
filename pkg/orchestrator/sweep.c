#include "orchestrator/sweep.h"

#include "base/digest.h"
#include "orchestrator/sweep_parts.h"

#include <math.h>
#include <string.h>

void sweep_outcome_free(struct sweep_outcome *outcome)
{
    free(outcome->left);
    *outcome = (struct sweep_outcome){0};
}

bool sweep_may_be_alive(const struct sweep_outcome *outcome)
{
    for (size_t i = 0; i < outcome->left_count; i++)
        if (outcome->left[i].machines || outcome->left[i].groups)
            return true;
    return false;
}

/* --- for both halves -------------------------------------------------------------------------- */

/* However long ago the wall clock says that it was: that clock may have been put right meanwhile. */
#define LEAST_DOUBT_SHARE 0.1

double sweep_doubt(const struct sweep *sweep, int64_t since)
{
    double longest = sweep->limits->lookup_seconds;
    double age = clock_realtime(&sweep->clock) - (double)since;
    return fmin(fmax(longest - age, longest * LEAST_DOUBT_SHARE), longest);
}

static void tell_of_interruption(struct sweep *sweep)
{
    if (sweep->interrupted || cancel_check(sweep->services->cancel, CANCEL_DRAIN, NULL) == 0)
        return;
    sweep->interrupted = true;
    log_line(sweep->services->log, LOG_WARNING,
             "interrupted: nothing is launched, but what run %s left is still being ended; "
             "interrupt again to stop waiting for that",
             sweep->history->run_id);
}

bool sweep_wait(struct sweep *sweep)
{
    tell_of_interruption(sweep);
    double left = sweep->deadline - clock_monotonic(&sweep->clock);
    double pause = fmin(left, sweep->limits->lookup_seconds / 20 + random_fraction());
    return left > 0 && clock_sleep(&sweep->clock, pause, sweep->services->cancel, CANCEL_ABANDON, NULL) == 0;
}

void sweep_warn(struct sweep *sweep, const char *format, ...)
{
    char text[sizeof sweep->warning];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (strcmp(text, sweep->warning) == 0)
        return;
    memcpy(sweep->warning, text, sizeof text);
    log_line(sweep->services->log, LOG_WARNING, "%s", text);
}

void sweep_written(struct sweep *sweep, int result, const struct err *err)
{
    if (result == 0)
        return;
    if (!sweep->unwritten)
        log_line(sweep->services->log, LOG_WARNING, "%s", err->message);
    sweep->unwritten = true;
}

/* --- one run ---------------------------------------------------------------------------------- */

static struct sweep_left *left_of(struct sweep_outcome *outcome, const struct run_history *history)
{
    for (size_t i = 0; i < outcome->left_count; i++)
        if (strcmp(outcome->left[i].run_id, history->run_id) == 0)
            return &outcome->left[i];
    struct sweep_left *left = realloc(outcome->left, (outcome->left_count + 1) * sizeof *left);
    if (!left)
        return NULL;
    outcome->left = left;
    left = &left[outcome->left_count++];
    *left = (struct sweep_left){0};
    snprintf(left->run_id, sizeof left->run_id, "%s", history->run_id);
    snprintf(left->region, sizeof left->region, "%s", history->region);
    return left;
}

static size_t count_machines(const struct sweep *sweep)
{
    const struct run_history *history = sweep->history;
    size_t count = sweep->stray_machines;
    for (size_t i = 0; i < history->launch_count; i++)
        count += history->launches[i].fate == LAUNCH_UNKNOWN || history->launches[i].fate == LAUNCH_NOT_ENDED;
    return count;
}

static size_t count_groups(const struct sweep *sweep)
{
    size_t count = sweep->stray_groups;
    for (size_t i = 0; i < sweep->history->group_count; i++)
        count += !sweep->history->groups[i].removed;
    return count;
}

static size_t count_unsent(const struct run_history *history)
{
    size_t count = 0;
    for (size_t i = 0; i < history->result_count; i++)
        count += history_is_unsent(history, &history->results[i]);
    return count;
}

static bool has_unknown_results(const struct run_history *history)
{
    for (size_t i = 0; i < history->result_count; i++)
        if (!history->results[i].stored && !history->results[i].absent && !history->results[i].sent)
            return true;
    return false;
}

/* What costs money. */
static bool needs_end(const struct run_history *history)
{
    return !history_is_local(history) && (history->damaged > 0 || history_may_be_alive(history));
}

static void end_all(struct sweep *sweep)
{
    struct err err = {0};
    const struct cloud *cloud = &sweep->region.cloud;
    struct cloud_session *session = cloud->ops->open(cloud->context, &err);
    if (!session) {
        log_line(sweep->services->log, LOG_WARNING, "run %s: %s", sweep->history->run_id, err.message);
        return;
    }
    sweep_machines(sweep, session);
    if (count_machines(sweep) == 0) /* a machine holds its group */
        sweep_groups(sweep, session);
    cloud->ops->close(session);
}

/* What has been measured. */
static bool needs_sending(const struct run_history *history)
{
    return has_unknown_results(history) || count_unsent(history) > 0;
}

/* One half of a run's sweep. */
struct half {
    bool (*needed)(const struct run_history *history);
    void (*work)(struct sweep *sweep);
};
static const struct half ending = {needs_end, end_all};
static const struct half sending = {needs_sending, sweep_results};

/* What is left of the half that was carried out. True: nothing. */
static bool take_stock(const struct sweep *sweep, const struct half *half, struct sweep_outcome *outcome)
{
    size_t machines = half == &ending ? count_machines(sweep) : 0;
    size_t groups = half == &ending ? count_groups(sweep) : 0;
    size_t unsent = half == &sending ? count_unsent(sweep->history) : 0;
    outcome->machines += sweep->ended;
    outcome->sent += sweep->sent;
    if (machines + groups + unsent == 0)
        return true;
    struct sweep_left *left = left_of(outcome, sweep->history);
    if (!left)
        return false;
    left->machines += machines;
    left->groups += groups;
    left->unsent += unsent;
    return false;
}

/* Only what is of this account, at this endpoint, can be asked about. What a run of this machine itself has
 * left is on its disk. */
static int enter_region(struct sweep *sweep, struct err *err)
{
    const struct sweep_services *services = sweep->services;
    const struct run_history *history = sweep->history;
    if (history_is_local(history))
        return 0;
    if (!history->account[0])
        return err_set(err, ERR_DATA,
                       "its journal does not say whose it is; `cleanup --run %s` looks for what it left",
                       history->run_id);
    if (strcmp(history->account, services->account) != 0)
        return err_set(err, ERR_USAGE, "it belongs to account %s", history->account);
    if (services->enter(services->context, history->region, &sweep->region, err) < 0)
        return -1;
    if (strcmp(sweep->region.endpoint, history->endpoint) == 0)
        return 0;
    services->leave(services->context, &sweep->region);
    return err_set(err, ERR_USAGE, "it was made at %s", history->endpoint);
}

/* Does what of the half is needed. True: nothing of it is left. */
static bool carry_out(struct sweep *sweep, const struct half *half, struct sweep_outcome *outcome)
{
    struct err err = {0};
    if (!half->needed(sweep->history))
        return true;
    if (enter_region(sweep, &err) < 0) {
        bool others = err.kind == ERR_USAGE; /* who has that account finishes it */
        log_line(sweep->services->log, others ? LOG_DEBUG : LOG_WARNING, "run %s is left as it is: %s",
                 sweep->history->run_id, err.message);
        if (!others)
            take_stock(sweep, half, outcome);
        return false;
    }
    half->work(sweep);
    if (!history_is_local(sweep->history))
        sweep->services->leave(sweep->services->context, &sweep->region);
    bool clean =
        take_stock(sweep, half, outcome) && (half == &ending || !has_unknown_results(sweep->history));
    return clean && !sweep->unwritten;
}

static struct sweep begin(const struct sweep_services *services, const struct sweep_limits *limits,
                          struct journal *journal, struct run_history *history)
{
    return (struct sweep){.services = services,
                          .limits = limits,
                          .clock = clock_system(),
                          .journal = journal,
                          .history = history};
}

/* Nothing to wait for any more at the next start. */
static void settle(const struct sweep_services *services, const char *run_id)
{
    struct err err = {0};
    if (history_mark_settled(services->state_directory, run_id, &err) < 0)
        log_line(services->log, LOG_WARNING, "run %s: %s", run_id, err.message);
}

void sweep_run(const struct sweep_services *services, const struct sweep_limits *limits,
               struct journal *journal, struct run_history *history, struct sweep_outcome *outcome)
{
    struct sweep sweep = begin(services, limits, journal, history);
    outcome->runs += needs_end(history) || needs_sending(history);
    sweep.deadline = clock_monotonic(&sweep.clock) + limits->teardown_seconds;
    bool ended = carry_out(&sweep, &ending, outcome);
    struct sweep rest = begin(services, limits, journal, history);
    rest.deadline = clock_monotonic(&rest.clock) + limits->store_seconds;
    if (carry_out(&rest, &sending, outcome) && ended)
        settle(services, history->run_id);
}

/* --- all of them ------------------------------------------------------------------------------ */

/* A run that this sweep looks at. */
struct visit {
    const char *run_id;
    bool closed; /* it is another process's or another account's, or nothing of it is left */
    bool ended;  /* nothing that costs money is left */
};

static void say_what_is_done(const struct sweep_services *services, const struct run_history *history)
{
    log_line(services->log, LOG_INFO,
             "run %s was cut off: what it left is being ended, and its results are kept", history->run_id);
    if (history->damaged)
        log_line(services->log, LOG_WARNING, "its journal is damaged: %s", history->damage.message);
}

/* Under the lock of the run's journal: what was read can't change meanwhile. */
static void visit_locked(const struct sweep_services *services, const struct sweep_limits *limits,
                         struct journal *journal, struct visit *visit, const struct half *half,
                         double deadline, struct sweep_outcome *outcome)
{
    AUTO_HISTORY struct run_history history = {0};
    struct err err = {0};
    if (history_load(services->state_directory, visit->run_id, &history, &err) < 0) {
        log_line(services->log, LOG_WARNING, "run %s is left as it is: %s", visit->run_id, err.message);
        visit->closed = true;
        return;
    }
    struct sweep sweep = begin(services, limits, journal, &history);
    sweep.deadline = deadline;
    bool ours = strcmp(history.account, services->account) == 0;
    bool something = needs_end(&history) || needs_sending(&history);
    if (half == &ending && something && ours) {
        outcome->runs++;
        say_what_is_done(services, &history);
    }
    bool clean = carry_out(&sweep, half, outcome);
    if (half == &ending)
        visit->ended = clean;
    else if (clean && visit->ended)
        settle(services, visit->run_id);
}

static void visit_run(const struct sweep_services *services, const struct sweep_limits *limits,
                      struct visit *visit, const struct half *half, double deadline,
                      struct sweep_outcome *outcome)
{
    struct err err = {0};
    if (visit->closed || history_is_marked_settled(services->state_directory, visit->run_id))
        return;
    struct journal *journal = journal_reopen(services->state_directory, visit->run_id, &err);
    if (!journal) {
        visit->closed = true;
        log_line(services->log, err.kind == ERR_EXISTS ? LOG_DEBUG : LOG_WARNING,
                 "run %s is left as it is: %s", visit->run_id, err.message);
        return;
    }
    visit_locked(services, limits, journal, visit, half, deadline, outcome);
    journal_close(journal);
}

void sweep_all(const struct sweep_services *services, const struct sweep_limits *limits,
               struct sweep_outcome *outcome)
{
    const struct clock clock = clock_system();
    AUTO_HISTORY_IDS struct history_ids ids = {0};
    struct err err = {0};
    if (history_list(services->state_directory, &ids, &err) < 0)
        log_line(services->log, LOG_WARNING, "earlier runs can't be looked at: %s", err.message);
    AUTO_FREE struct visit *visits = calloc(ids.count + 1, sizeof *visits);
    double deadline = clock_monotonic(&clock) + limits->teardown_seconds;
    for (size_t i = 0; visits && i < ids.count; i++) {
        visits[i].run_id = ids.items[i];
        visit_run(services, limits, &visits[i], &ending, deadline, outcome);
    }
    deadline = clock_monotonic(&clock) + limits->store_seconds;
    for (size_t i = 0; visits && i < ids.count; i++)
        visit_run(services, limits, &visits[i], &sending, deadline, outcome);
}
