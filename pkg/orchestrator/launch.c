#include "orchestrator/launch.h"

#include "base/digest.h"
#include "orchestrator/userdata.h"

#include <math.h>
#include <string.h>

#define LAUNCH_SECONDS 1800.0  /* for EC2 to take a launch, in its turn: at 2 a second 1000 take 500 s */
#define NOT_FOUND_SECONDS 30.0 /* for EC2 to know what was made a moment ago */

static double now(const struct job *job)
{
    return clock_monotonic(&job->context->clock);
}

/* All deadlines of the job in a row: after that nobody waits for the machine any more. */
static uint64_t lifetime_seconds(const struct run_settings *settings)
{
    double suites = (double)settings->suite_count * settings->iterations * settings->suite_seconds;
    return (uint64_t)ceil(settings->boot_seconds + suites + settings->store_seconds +
                          settings->margin_seconds);
}

/* A new token for each new intent; the same token only for the same bytes. */
static int make_token(struct job *job, char token[65], struct err *err)
{
    char chance[11];
    if (random_name(chance, sizeof chance - 1, err) < 0)
        return -1;
    snprintf(token, 65, "%s-%zu-%s", job->context->plan->run_id, job->number, chance);
    return 0;
}

/* The request's exact bytes. Each intent has a host key of its own: a machine that was given up can't pass
 * for its successor. */
static int encode_request(struct job *job, const char *token, struct strbuf *request, struct err *err)
{
    const struct job_context *context = job->context;
    uint64_t lifetime = lifetime_seconds(context->settings);
    char deadline[TIMESTAMP_SIZE];
    char name[96];
    format_timestamp(clock_realtime(&context->clock) + (double)lifetime, deadline);
    snprintf(name, sizeof name, "benchmark %s", job->planned->instance_type);
    if (ssh_key_generate(&job->host_key, err) < 0)
        return -1;
    AUTO_SECRET char *user_data =
        user_data_build(&job->host_key, context->user_key->public_line, lifetime, err);
    if (!user_data)
        return -1;
    ssh_key_forget_private(&job->host_key);
    struct launch_order order = {
        .run_id = context->plan->run_id,
        .token = token,
        .name = name,
        .instance_type = job->planned->instance_type,
        .image_id = job->planned->image_id,
        .subnet_id = job->placement->subnet_id,
        .security_group_id = context->security_group_id,
        .key_pair = context->settings->key_pair,
        .user_data = user_data,
        .deadline = deadline,
        .lease_seconds = context->settings->lease_seconds,
    };
    return context->services->cloud.ops->encode_launch(job->cloud, &order, request, err);
}

static int note_launched(struct job *job, struct err *err)
{
    char token[sizeof job->outcome->launch_token];
    memcpy(token, job->outcome->launch_token, sizeof token);
    snprintf(job->outcome->instance_id, sizeof job->outcome->instance_id, "%s", job->machine.id);
    job->outcome->launch_token[0] = '\0';
    if (journal_launched(job->context->services->journal, job->number, token, job->machine.id, err) < 0)
        return -1;
    return job_reach(job, JOB_LAUNCHED, job->machine.id, err);
}

/* Sends the request until EC2 knows all that it names: a security group that is seconds old may be unknown to
 * it. */
static int send_request(struct job *job, const char *request, struct err *err)
{
    const struct run_services *services = job->context->services;
    double known_by = now(job) + NOT_FOUND_SECONDS;
    /* Between sending and the answer no first Ctrl-C may come: it would leave a machine that we have no id
     * of. Before, while the request waits for its turn, it may. */
    struct cloud_patience patience = {now(job) + LAUNCH_SECONDS, CANCEL_ABANDON};
    for (;;) {
        if (services->cloud.ops->launch(job->cloud, request, &patience, &job->machine, err) == 0)
            return 0;
        if (err->kind != ERR_NOT_FOUND || now(job) > known_by || cancel_requested(services->cancel))
            return -1;
        if (clock_sleep(&job->context->clock, 1, services->cancel, CANCEL_DRAIN, NULL) < 0)
            return -1;
    }
}

/* Wherever the program dies in here, nothing is left behind that nobody looks for. Until the intent is on the
 * disk nothing has been sent. From then on the token is known, by which the machine is found, if there is one
 * (sweep_machines.c); once `launched` is on the disk, its id as well. An intent that is the last word of a
 * journal may thus stand for no machine, but no machine is without an intent. */
static int launch_once(struct job *job, struct err *err)
{
    const struct run_services *services = job->context->services;
    AUTO_STRBUF struct strbuf request = STRBUF_SECRET(1 << 16);
    char token[65];
    memset(job->reached, 0, sizeof job->reached); /* what an earlier machine reached is not this one's */
    if (make_token(job, token, err) < 0 || encode_request(job, token, &request, err) < 0 ||
        journal_intent(services->journal, job->number, token, strbuf_text(&request), err) < 0 ||
        job_reach(job, JOB_INTENT, job->placement->zone, err) < 0)
        return -1;
    snprintf(job->outcome->launch_token, sizeof job->outcome->launch_token, "%s", token);
    job->launched_at = now(job);
    if (send_request(job, strbuf_text(&request), err) == 0) {
        job->launched_at = now(job); /* what was waited for a turn is not the machine's time */
        return note_launched(job, err);
    }
    if (cloud_has_refused(err->kind)) {
        job->outcome->launch_token[0] = '\0';
        journal_not_launched(services->journal, job->number, token, err->message, NULL);
    }
    return -1;
}

/* EC2 takes a launch and ends the machine a moment later when the capacity is gone after all. */
static int explain_early_end(const struct machine *machine, struct err *err)
{
    bool capacity = strstr(machine->reason_code, "InsufficientInstanceCapacity") != NULL ||
                    strstr(machine->reason_code, "SpotInstance") != NULL;
    return err_set(err, capacity ? ERR_CAPACITY : ERR_REMOTE, "EC2 ended %s before it was running: %s",
                   machine->id, machine->reason[0] ? machine->reason : "no reason given");
}

static int wait_until_running(struct job *job, struct err *err)
{
    struct cloud_patience patience = {job->launched_at + job->context->settings->boot_seconds, CANCEL_DRAIN};
    char id[sizeof job->machine.id];
    memcpy(id, job->machine.id, sizeof id);
    if (poller_wait(job->context->poller, id, MACHINE_RUNNING, &patience, &job->machine, err) < 0) {
        memcpy(job->machine.id, id, sizeof id);
        return -1;
    }
    if (job->machine.state != MACHINE_RUNNING || job->machine.ending)
        return explain_early_end(&job->machine, err);
    if (strcmp(job->machine.instance_type, job->planned->instance_type) != 0)
        return err_set(err, ERR_REMOTE, "EC2 says that %s is a '%s': it is not measured as %s",
                       job->machine.id, job->machine.instance_type, job->planned->instance_type);
    snprintf(job->outcome->zone, sizeof job->outcome->zone, "%s",
             job->machine.zone[0] ? job->machine.zone : job->placement->zone);
    return job_reach(job, JOB_RUNNING, job->outcome->zone, err);
}

static int launch_in_placement(struct job *job, struct err *err)
{
    if (cancel_check(job->context->services->cancel, CANCEL_DRAIN, err) < 0 || launch_once(job, err) < 0)
        return -1;
    if (wait_until_running(job, err) == 0)
        return 0;
    if (err->kind == ERR_CAPACITY) { /* this machine is over: the next placement gets a new one */
        struct err ignored = {0};
        if (end_machine(job, &ignored) < 0)
            err->kind = ERR_NETWORK;
    }
    return -1;
}

int launch_machine(struct job *job, struct err *err)
{
    const struct planned_job *planned = job->planned;
    unsigned unsupported = 0; /* in a second zone too: it will be so in all */
    for (size_t i = 0; i < planned->placement_count; i++) {
        job->placement = &planned->placements[i];
        if (launch_in_placement(job, err) == 0)
            return 0;
        unsupported += err->kind == ERR_UNSUPPORTED;
        bool elsewhere = err->kind == ERR_CAPACITY || (err->kind == ERR_UNSUPPORTED && unsupported < 2);
        if (!elsewhere || i + 1 == planned->placement_count)
            return -1;
        job_note(job, err, "%s: trying the next zone, %s", err->message, planned->placements[i + 1].zone);
    }
    return err_set(err, ERR_CONFIG, "no subnet for %s", planned->instance_type);
}

/* A launch whose answer was lost: is there a machine? An empty answer is no proof before EC2 has had time to
 * show it. */
static int find_lost_machine(struct job *job, double deadline, struct err *err)
{
    const struct run_services *services = job->context->services;
    double sure_at = now(job) + fmin(job->context->settings->lookup_seconds, (deadline - now(job)) / 2);
    struct cloud_patience patience = {deadline, CANCEL_ABANDON};
    for (;;) {
        bool found = false;
        if (services->cloud.ops->find_by_token(job->cloud, job->outcome->launch_token, &patience, &found,
                                               &job->machine, err) < 0)
            return -1;
        if (found) {
            note_launched(job, NULL); /* it is to end, whether or not the journal can be written */
            return 0;
        }
        if (now(job) > sure_at)
            break;
        if (clock_sleep(&job->context->clock, 1 + random_fraction(), services->cancel, CANCEL_ABANDON, err) <
            0)
            return -1;
    }
    journal_not_launched(services->journal, job->number, job->outcome->launch_token,
                         "no machine has this token", NULL);
    job->outcome->launch_token[0] = '\0';
    return 0;
}

static int request_end(struct job *job, const struct cloud_patience *patience, struct err *err)
{
    if (job->end_requested)
        return 0;
    if (job->context->services->cloud.ops->terminate(job->cloud, job->machine.id, patience, err) < 0)
        return -1;
    job->end_requested = true;
    return 0;
}

static struct cloud_patience teardown_patience(const struct job *job)
{
    return (struct cloud_patience){now(job) + job->context->settings->teardown_seconds, CANCEL_ABANDON};
}

void begin_end_of_machine(struct job *job)
{
    struct cloud_patience patience = teardown_patience(job);
    struct err left_to_end_machine = {0};
    if (job->machine.id[0])
        request_end(job, &patience, &left_to_end_machine);
}

/* Dying before `terminated` is on the disk only has the next start ask about a machine that has ended. */
static int confirm_end(struct job *job, const struct cloud_patience *patience, struct err *err)
{
    const struct run_services *services = job->context->services;
    struct machine last = {0};
    if (request_end(job, patience, err) < 0 ||
        poller_wait(job->context->poller, job->machine.id, MACHINE_TERMINATED, patience, &last, err) < 0)
        return -1;
    journal_terminated(services->journal, job->number, job->machine.id, NULL);
    return 0;
}

int end_machine(struct job *job, struct err *err)
{
    struct cloud_patience patience = teardown_patience(job);
    job->outcome->may_be_alive = true;
    if (job->outcome->launch_token[0] && find_lost_machine(job, patience.deadline, err) < 0)
        return err_prepend(err, "a launch was not answered and could not be looked up");
    if (job->machine.id[0] && confirm_end(job, &patience, err) < 0)
        return err_prepend(err, "instance %s may still be running", job->machine.id);
    job->outcome->may_be_alive = false;
    if (job->machine.id[0]) {
        job->outcome->seconds = now(job) - job->launched_at;
        job_reach(job, JOB_TERMINATED, job->machine.id, NULL);
    }
    job->machine = (struct machine){0};
    job->end_requested = false;
    ssh_key_forget(&job->host_key);
    return 0;
}
