#include "orchestrator/reach.h"

#include "base/digest.h"
#include "orchestrator/settle.h"

#include <math.h>
#include <string.h>

#define RELOAD_SECONDS 15.0 /* for sshd to show the host key that it has just been given */

static const char *choose_address(const struct job *job, struct err *err)
{
    const struct machine *machine = &job->machine;
    enum address_choice choice = job->context->settings->address;
    bool want_public = choice == ADDRESS_PUBLIC || (choice == ADDRESS_AUTO && machine->public_address[0]);
    const char *address = want_public ? machine->public_address : machine->private_address;
    if (!address[0])
        err_set(err, ERR_CONFIG, "instance %s has no %s address: choose another subnet, or --address",
                machine->id, want_public ? "public" : "private");
    return address[0] ? address : NULL;
}

/* How it has gone so far. A stranger's key or a refused log-in weighs more than the silence that may follow
 * it. */
struct attempts {
    double refused_since; /* monotonic; INFINITY: never */
    double grace;         /* seconds from then on */
    unsigned broken;      /* connections in a row that came about and led to nothing */
    struct err refusal;
};

static void remember(struct attempts *attempts, const struct err *err, double now)
{
    bool former_key = strcmp(err->code, REMOTE_FORMER_KEY) == 0;
    attempts->broken = former_key || strcmp(err->code, REMOTE_BROKEN) == 0 ? attempts->broken + 1 : 0;
    if (former_key) {
        attempts->refusal = *err;
        attempts->refusal.kind = ERR_SECURITY;
    }
    if (err->kind != ERR_SECURITY && err->kind != ERR_AUTH)
        return;
    attempts->refused_since = fmin(attempts->refused_since, now);
    if (attempts->refusal.kind != ERR_SECURITY)
        attempts->refusal = *err;
}

static bool worth_another_try(const struct attempts *attempts, const struct err *err, double now,
                              double deadline)
{
    bool may_pass = err->kind == ERR_NETWORK || err->kind == ERR_SECURITY || err->kind == ERR_AUTH;
    return may_pass && now < deadline && now - attempts->refused_since < attempts->grace;
}

/* A boot is over within moments that are worth finding, and a port that nobody listens at yet costs nothing
 * to knock at. Who answers is not asked so often: from version 9.8 on sshd shuts a source out that connects
 * without logging in more than once a second, or is refused more than once in five.
 */
static double pause_after(const struct attempts *attempts, const struct err *err)
{
    if (err->kind == ERR_AUTH)
        return 5 + random_fraction();
    if (err->kind == ERR_SECURITY)
        return 1 + random_fraction();
    if (attempts->broken == 0)
        return 0.01 + 0.02 * random_fraction();
    double longer = attempts->broken > 3 ? fmin(1, 0.1 * (attempts->broken - 3)) : 0;
    return 0.03 + 0.04 * random_fraction() + longer;
}

static int give_up(const struct job *job, const struct attempts *attempts, const char *address,
                   struct err *err)
{
    if (err->kind == ERR_CANCELLED)
        return -1;
    if (attempts->refusal.kind != ERR_NONE)
        *err = attempts->refusal;
    return err_prepend(err, "could not reach %s at %s by SSH", job->machine.id, address);
}

static int connect_until(struct job *job, struct remote_target *target, double deadline, double grace,
                         struct err *err)
{
    const struct job_context *context = job->context;
    const struct remote *remote = &context->services->remote;
    const struct remote_limits limits = {deadline, context->services->cancel, CANCEL_DRAIN};
    struct attempts attempts = {.refused_since = INFINITY, .grace = grace};
    target->address = choose_address(job, err);
    if (!target->address)
        return -1;
    for (;;) {
        job->host.session = remote->ops->connect(remote->context, target, &limits, err);
        if (job->host.session)
            return 0;
        double now = clock_monotonic(&context->clock);
        remember(&attempts, err, now);
        if (!worth_another_try(&attempts, err, now, deadline))
            return give_up(job, &attempts, target->address, err);
        if (clock_sleep(&context->clock, pause_after(&attempts, err), limits.cancel, limits.cancel_from,
                        err) < 0)
            return -1;
    }
}

/* Only the new key is accepted, and any third one ends it at once. The first one may still be seen for a
 * moment; who goes on to show it is a stranger too. */
static int connect_again(struct job *job, struct remote_target *target, const struct settled *settled,
                         double deadline, struct err *err)
{
    unsigned char first[SSH_ED25519_BLOB_SIZE];
    memcpy(first, job->host_key.blob, sizeof first);
    memcpy(job->host_key.blob, settled->host_blob, sizeof first);
    target->former_blob = first;
    double until = fmin(deadline, clock_monotonic(&job->context->clock) + RELOAD_SECONDS);
    int result = connect_until(job, target, until, 0, err);
    target->former_blob = NULL;
    return result;
}

int reach_machine(struct job *job, struct err *err)
{
    const struct job_context *context = job->context;
    const struct run_settings *settings = context->settings;
    struct remote_target target = {.port = settings->ssh_port,
                                   .user = settings->ssh_user,
                                   .host_blob = job->host_key.blob,
                                   .private_key = context->private_key};
    struct remote_limits limits = {job->launched_at + settings->boot_seconds, context->services->cancel,
                                   CANCEL_DRAIN};
    struct settled settled = {0};
    job->host.remote = &context->services->remote;
    job->host.silence_seconds = settings->silence_seconds;
    if (connect_until(job, &target, limits.deadline, settings->grace_seconds, err) < 0 ||
        settle_machine(&job->host, job->host_key.public_line, &limits, &settled, err) < 0)
        return -1;
    if (settled.first_boot != 0)
        job_note(job, NULL, "cloud-init ended with exit code %d", settled.first_boot);
    leave_machine(job);
    if (connect_again(job, &target, &settled, limits.deadline, err) < 0)
        return -1;
    return job_reach(job, JOB_REACHABLE, "host key verified, replaced, and verified again", err);
}

void leave_machine(struct job *job)
{
    if (job->host.session)
        job->host.remote->ops->close(job->host.session);
    job->host.session = NULL;
}
