#include "orchestrator/settlement.h"

#include "base/fs.h"
#include "orchestrator/journal.h"
#include "orchestrator/journal_read.h"

#include <string.h>

/* For so long EC2 may not show what it has made. */
#define DOUBT_SECONDS 60

struct held_journal {
    struct run_history history;
    struct journal *journal;
};

struct settlement {
    struct settlement_scope scope;
    struct held_journal *held;
    size_t count;
};

/* --- who is here ---------------------------------------------------------------------------------------- */

void runs_here_free(struct runs_here *runs)
{
    free(runs->items);
    *runs = (struct runs_here){0};
}

static enum run_here look_for(const char *state_directory, const char *run_id)
{
    AUTO_FREE char *directory = history_directory(state_directory, run_id, NULL);
    AUTO_FREE char *path = directory ? fs_join(directory, JOURNAL_NAME, NULL) : NULL;
    if (!path || !fs_exists(path))
        return RUN_NOT_HERE;
    return history_is_live(state_directory, run_id) ? RUN_LIVE_HERE : RUN_DEAD_HERE;
}

enum run_here runs_here_ask(void *context, const char *run_id)
{
    struct runs_here *runs = context;
    for (size_t i = 0; i < runs->count; i++)
        if (strcmp(runs->items[i].run_id, run_id) == 0)
            return runs->items[i].word;
    void *items = realloc(runs->items, (runs->count + 1) * sizeof *runs->items);
    if (!items)
        return RUN_LIVE_HERE; /* without memory nothing is removed */
    runs->items = items;
    enum run_here word = look_for(runs->state_directory, run_id);
    runs->items[runs->count].word = word;
    snprintf(runs->items[runs->count++].run_id, sizeof runs->items[0].run_id, "%s", run_id);
    return word;
}

/* --- taking hold ---------------------------------------------------------------------------------------- */

static bool is_in_scope(const struct settlement_scope *scope, const struct run_history *history)
{
    const struct leftover_terms *terms = scope->terms;
    bool here = false;
    for (size_t i = 0; i < scope->region_count; i++)
        here = here || strcmp(scope->regions[i], history->region) == 0;
    if (!here || strcmp(history->endpoint, scope->endpoint) != 0 ||
        strcmp(history->account, terms->account) != 0)
        return false;
    if (terms->only_run && strcmp(terms->only_run, history->run_id) != 0)
        return false;
    return terms->now - history->started >= terms->older_than;
}

static void keep_run(struct leftovers *list, const char *run_id)
{
    for (size_t i = 0; i < list->count; i++) {
        struct leftover *item = &list->items[i];
        if (item->fate != LEFTOVER_REMOVE || strcmp(item->run_id, run_id) != 0)
            continue;
        item->fate = LEFTOVER_KEEP;
        snprintf(item->why, sizeof item->why, "its run is live on this machine");
    }
}

/* Opens the journal of the run, and keeps it. The history is taken over. */
static void hold(struct settlement *settlement, struct run_history *history, struct leftovers *list)
{
    const struct settlement_scope *scope = &settlement->scope;
    struct err err = {0};
    struct journal *journal = journal_reopen(scope->state_directory, history->run_id, &err);
    if (!journal && err.kind == ERR_EXISTS)
        keep_run(list, history->run_id);
    else if (!journal)
        log_line(scope->log, LOG_WARNING, "%s", err.message);
    if (!journal)
        return;
    settlement->held[settlement->count++] = (struct held_journal){*history, journal};
    *history = (struct run_history){0};
}

static void consider(struct settlement *settlement, const char *run_id, struct leftovers *list)
{
    const struct settlement_scope *scope = &settlement->scope;
    AUTO_HISTORY struct run_history history = {0};
    if (!history_is_marked_settled(scope->state_directory, run_id) &&
        history_load(scope->state_directory, run_id, &history, NULL) == 0 && is_in_scope(scope, &history))
        hold(settlement, &history, list);
}

struct settlement *settlement_begin(const struct settlement_scope *scope, struct leftovers *list,
                                    struct err *err)
{
    AUTO_HISTORY_IDS struct history_ids ids = {0};
    struct err unread = {0};
    if (history_list(scope->state_directory, &ids, &unread) < 0)
        log_line(scope->log, LOG_WARNING, "%s", unread.message);
    struct settlement *settlement = calloc(1, sizeof *settlement);
    if (settlement)
        settlement->held = calloc(ids.count + 1, sizeof *settlement->held);
    if (!settlement || !settlement->held) {
        free(settlement);
        err_memory(err);
        return NULL;
    }
    settlement->scope = *scope;
    for (size_t i = 0; i < ids.count; i++)
        consider(settlement, ids.items[i], list);
    return settlement;
}

/* --- writing down --------------------------------------------------------------------------------------- */

static const struct leftover *find_machine(const struct leftovers *list, const struct history_launch *launch)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct leftover *item = &list->items[i];
        if (item->kind != LEFTOVER_INSTANCE)
            continue;
        if (launch->instance_id[0] ? strcmp(item->id, launch->instance_id) == 0
                                   : launch->token[0] && strcmp(item->token, launch->token) == 0)
            return item;
    }
    return NULL;
}

static bool is_gone(const struct leftover *item)
{
    return item->ended || item->fate == LEFTOVER_REMOVED;
}

/* A failure to write leaves the journal unfinished, which is the safe side. */
static void tell_of_launch(struct journal *journal, const struct history_launch *launch,
                           const struct leftovers *list, bool doubtful)
{
    const struct leftover *machine = find_machine(list, launch);
    if (machine && is_gone(machine)) {
        if (!launch->instance_id[0])
            journal_launched(journal, launch->job, launch->token, machine->id, NULL);
        journal_terminated(journal, launch->job, machine->id, NULL);
    } else if (machine || doubtful) {
        return;
    } else if (launch->instance_id[0]) {
        journal_terminated(journal, launch->job, launch->instance_id, NULL);
    } else if (launch->token[0]) {
        journal_not_launched(journal, launch->job, launch->token, "no machine has this token", NULL);
    }
}

/* The group of that id; without one, that of the run. */
static const struct leftover *find_group(const struct leftovers *list, const char *run_id, const char *id)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct leftover *item = &list->items[i];
        if (item->kind == LEFTOVER_SECURITY_GROUP && strcmp(item->run_id, run_id) == 0 &&
            (!id[0] || strcmp(item->id, id) == 0))
            return item;
    }
    return NULL;
}

static void tell_of_group(struct journal *journal, const char *run_id, const struct history_group *group,
                          const struct leftovers *list, bool doubtful)
{
    const struct leftover *found = find_group(list, run_id, group->id);
    if (found && is_gone(found)) {
        if (!group->id[0])
            journal_resource(journal, "security_group", found->id, "made", NULL);
        journal_resource(journal, "security_group", found->id, "removed", NULL);
    } else if (!found && !doubtful) {
        journal_resource(journal, "security_group", group->id[0] ? group->id : run_id, "removed", NULL);
    }
}

static void settle(const struct settlement *settlement, struct held_journal *held,
                   const struct leftovers *list)
{
    const struct settlement_scope *scope = &settlement->scope;
    const struct run_history *history = &held->history;
    AUTO_HISTORY struct run_history after = {0};
    for (size_t i = 0; i < history->launch_count; i++) {
        const struct history_launch *launch = &history->launches[i];
        if (launch->fate == LAUNCH_UNKNOWN || launch->fate == LAUNCH_NOT_ENDED)
            tell_of_launch(held->journal, launch, list, scope->terms->now - launch->time < DOUBT_SECONDS);
    }
    for (size_t i = 0; i < history->group_count; i++) {
        const struct history_group *group = &history->groups[i];
        if (!group->removed)
            tell_of_group(held->journal, history->run_id, group, list,
                          scope->terms->now - group->time < DOUBT_SECONDS);
    }
    if (history_load(scope->state_directory, history->run_id, &after, NULL) == 0 &&
        history_is_settled(&after))
        history_mark_settled(scope->state_directory, history->run_id, NULL);
}

void settlement_end(struct settlement *settlement, const struct leftovers *list)
{
    if (!settlement)
        return;
    for (size_t i = 0; i < settlement->count; i++) {
        if (list)
            settle(settlement, &settlement->held[i], list);
        journal_close(settlement->held[i].journal);
        history_free(&settlement->held[i].history);
    }
    free(settlement->held);
    free(settlement);
}
