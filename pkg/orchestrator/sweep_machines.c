#include "orchestrator/sweep_parts.h"

#include <math.h>
#include <string.h>

#define CALL_SECONDS 30.0 /* one call that is not answered must not keep the others waiting */

/* What the cloud says of the run's machines, by their tag. */
struct sightings {
    struct machine *machines;
    size_t count;
    bool complete; /* the cloud has answered, and there was memory for all of it */
    bool refused;  /* the caller may not ask */
};

/* How far this sweep is with a launch that is not settled. */
struct pursuit {
    double sure_at;  /* monotonic: an absence is believed from here on */
    bool end_wanted; /* the cloud has accepted that it is to end */
};

static struct cloud_patience patience_for_one_call(const struct sweep *sweep)
{
    double now = clock_monotonic(&sweep->clock);
    return (struct cloud_patience){fmin(sweep->deadline, now + CALL_SECONDS), CANCEL_ABANDON};
}

static void take_machine(void *context, const struct machine *machine)
{
    struct sightings *sightings = context;
    struct machine *machines =
        realloc(sightings->machines, (sightings->count + 1) * sizeof *sightings->machines);
    sightings->complete = sightings->complete && machines;
    if (!machines)
        return;
    sightings->machines = machines;
    machines[sightings->count++] = *machine;
}

static void look(struct sweep *sweep, struct cloud_session *session, struct sightings *sightings)
{
    struct err err = {0};
    struct cloud_patience patience = patience_for_one_call(sweep);
    *sightings = (struct sightings){.complete = true};
    if (sweep->region.cloud.ops->list(session, sweep->history->run_id, &patience, take_machine, sightings,
                                      &err) == 0)
        return;
    sightings->complete = false;
    sightings->refused = err.kind == ERR_AUTH;
    sweep_warn(sweep, "could not ask about the instances of run %s: %s", sweep->history->run_id, err.message);
}

static const struct machine *seen(const struct sightings *sightings, const char *id)
{
    for (size_t i = 0; i < sightings->count; i++)
        if (strcmp(sightings->machines[i].id, id) == 0)
            return &sightings->machines[i];
    return NULL;
}

static int request_end(struct sweep *sweep, struct cloud_session *session, const char *id, struct err *err)
{
    struct cloud_patience patience = patience_for_one_call(sweep);
    if (sweep->region.cloud.ops->terminate(session, id, &patience, err) == 0)
        return 0;
    sweep_warn(sweep, "instance %s of run %s could not be told to end: %s", id, sweep->history->run_id,
               err->message);
    return -1;
}

/* By its token, which nobody can change, where the tag does not show it. -1: the cloud has not answered. */
static int find_machine(struct sweep *sweep, struct cloud_session *session,
                        const struct history_launch *launch, const struct sightings *sightings, bool *found,
                        struct machine *machine, struct err *err)
{
    struct cloud_patience patience = patience_for_one_call(sweep);
    const struct machine *tagged = launch->instance_id[0] ? seen(sightings, launch->instance_id) : NULL;
    *found = tagged != NULL;
    if (tagged)
        *machine = *tagged;
    if (tagged || (!launch->token[0] && sightings->complete))
        return 0;
    if (!launch->token[0])
        return err_set(err, sightings->refused ? ERR_AUTH : ERR_NETWORK, "no list of the run's instances");
    if (sweep->region.cloud.ops->find_by_token(session, launch->token, &patience, found, machine, err) == 0)
        return 0;
    sweep_warn(sweep, "launch %s of run %s could not be looked up: %s", launch->token, sweep->history->run_id,
               err->message);
    return -1;
}

/* EC2 shows a machine late, and forgets it an hour after its end. */
static void believe_absence(struct sweep *sweep, struct history_launch *launch)
{
    struct err err = {0};
    int written = 0;
    if (launch->instance_id[0])
        written = journal_terminated(sweep->journal, launch->job, launch->instance_id, &err);
    else if (launch->token[0])
        written = journal_not_launched(sweep->journal, launch->job, launch->token,
                                       "no machine has this token", &err);
    launch->fate = launch->instance_id[0] ? LAUNCH_ENDED : LAUNCH_NOT_MADE;
    sweep_written(sweep, written, &err);
}

static void take_identity(struct sweep *sweep, struct history_launch *launch, const struct machine *machine)
{
    struct err err = {0};
    if (launch->instance_id[0])
        return;
    snprintf(launch->instance_id, sizeof launch->instance_id, "%s", machine->id);
    launch->fate = LAUNCH_NOT_ENDED;
    sweep_written(sweep, journal_launched(sweep->journal, launch->job, launch->token, machine->id, &err),
                  &err);
}

/* False: there is nothing to wait for, because it is settled, or because AWS forbids what it takes. */
static bool pursue(struct sweep *sweep, struct cloud_session *session, struct history_launch *launch,
                   struct pursuit *pursuit, const struct sightings *sightings)
{
    struct machine machine = {0};
    struct err err = {0};
    bool found = false;
    if (find_machine(sweep, session, launch, sightings, &found, &machine, &err) < 0)
        return err.kind != ERR_AUTH;
    if (!found) {
        if (clock_monotonic(&sweep->clock) < pursuit->sure_at)
            return true;
        believe_absence(sweep, launch);
        return false;
    }
    take_identity(sweep, launch, &machine);
    if (machine.state != MACHINE_TERMINATED) {
        pursuit->end_wanted = pursuit->end_wanted || request_end(sweep, session, machine.id, &err) == 0;
        return pursuit->end_wanted || err.kind != ERR_AUTH;
    }
    launch->fate = LAUNCH_ENDED;
    sweep->ended++;
    sweep_written(sweep, journal_terminated(sweep->journal, launch->job, machine.id, &err), &err);
    return false;
}

static bool is_open(const struct history_launch *launch)
{
    return launch->fate == LAUNCH_UNKNOWN || launch->fate == LAUNCH_NOT_ENDED;
}

/* The run's machines that no line of the journal names, because it is damaged: they are known by their tag
 * alone. Returns how many have not ended. */
static size_t end_strays(struct sweep *sweep, struct cloud_session *session,
                         const struct sightings *sightings)
{
    size_t strays = 0;
    for (size_t i = 0; i < sightings->count; i++) {
        const struct machine *machine = &sightings->machines[i];
        bool known = machine->state == MACHINE_TERMINATED;
        for (size_t j = 0; j < sweep->history->launch_count && !known; j++)
            known = strcmp(sweep->history->launches[j].instance_id, machine->id) == 0;
        if (known)
            continue;
        strays++;
        struct err err = {0};
        if (!machine->ending)
            request_end(sweep, session, machine->id, &err);
    }
    return strays;
}

/* Where lines are damaged, what they said may be as young as the last one that is not. */
static double sure_of_strays_at(const struct sweep *sweep)
{
    double now = clock_monotonic(&sweep->clock);
    return sweep->history->damaged ? now + sweep_doubt(sweep, sweep->history->changed) : now;
}

static struct pursuit *begin_pursuits(const struct sweep *sweep)
{
    const struct run_history *history = sweep->history;
    struct pursuit *pursuits = calloc(history->launch_count + 1, sizeof *pursuits);
    double now = clock_monotonic(&sweep->clock);
    for (size_t i = 0; pursuits && i < history->launch_count; i++)
        pursuits[i].sure_at = now + sweep_doubt(sweep, history->launches[i].time);
    return pursuits;
}

/* How many launches are worth asking about again. */
static size_t pursue_all(struct sweep *sweep, struct cloud_session *session, struct pursuit *pursuits,
                         const struct sightings *sightings)
{
    size_t waiting = 0;
    for (size_t i = 0; i < sweep->history->launch_count; i++) {
        struct history_launch *launch = &sweep->history->launches[i];
        waiting += is_open(launch) && pursue(sweep, session, launch, &pursuits[i], sightings);
    }
    return waiting;
}

void sweep_machines(struct sweep *sweep, struct cloud_session *session)
{
    AUTO_FREE struct pursuit *pursuits = begin_pursuits(sweep);
    double sure_at = sure_of_strays_at(sweep);
    sweep->stray_machines = sweep->history->damaged;
    if (!pursuits)
        return;
    for (;;) {
        struct sightings sightings;
        look(sweep, session, &sightings);
        bool sure = sightings.complete && clock_monotonic(&sweep->clock) >= sure_at;
        size_t waiting = pursue_all(sweep, session, pursuits, &sightings);
        if (sightings.complete)
            sweep->stray_machines = end_strays(sweep, session, &sightings);
        free(sightings.machines);
        bool strays_over = (sure && sweep->stray_machines == 0) || sightings.refused;
        bool over = waiting == 0 && strays_over;
        if (over || !sweep_wait(sweep))
            return;
    }
}

/* --- groups ----------------------------------------------------------------------------------- */

/* A group whose making was begun, and of which no id was written down. False: it could not be told. */
static bool find_group(struct sweep *sweep, struct cloud_session *session, struct history_group *group)
{
    const char *run_id = sweep->history->run_id;
    double sure_at = clock_monotonic(&sweep->clock) + sweep_doubt(sweep, group->time);
    for (;;) {
        struct err err = {0};
        struct cloud_patience patience = patience_for_one_call(sweep);
        bool asked = sweep->region.cloud.ops->find_access(session, run_id, &patience, group->id, &err) == 0;
        if (!asked)
            sweep_warn(sweep, "the security group of run %s: %s", run_id, err.message);
        if (asked && group->id[0])
            return true;
        if (asked && clock_monotonic(&sweep->clock) >= sure_at) {
            group->removed = true;
            sweep_written(sweep, journal_resource(sweep->journal, "security_group", run_id, "removed", &err),
                          &err);
            return true;
        }
        if (err.kind == ERR_AUTH || !sweep_wait(sweep))
            return false;
    }
}

static void remove_group(struct sweep *sweep, struct cloud_session *session, struct history_group *group)
{
    struct err err = {0};
    struct cloud_patience patience = {sweep->deadline, CANCEL_ABANDON};
    if ((!group->id[0] && !find_group(sweep, session, group)) || group->removed)
        return;
    if (sweep->region.cloud.ops->close_access(session, group->id, &patience, &err) < 0) {
        log_line(sweep->services->log, LOG_WARNING, "run %s: %s", sweep->history->run_id, err.message);
        return;
    }
    group->removed = true;
    sweep_written(sweep, journal_resource(sweep->journal, "security_group", group->id, "removed", &err),
                  &err);
}

void sweep_groups(struct sweep *sweep, struct cloud_session *session)
{
    for (size_t i = 0; i < sweep->history->group_count; i++)
        if (!sweep->history->groups[i].removed)
            remove_group(sweep, session, &sweep->history->groups[i]);
    if (sweep->history->damaged == 0)
        return;
    struct history_group unknown = {.time = sweep->history->changed};
    remove_group(sweep, session, &unknown);
    sweep->stray_groups = !unknown.removed;
}
