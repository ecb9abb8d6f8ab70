#include "orchestrator/cloud_ec2.h"

#include "aws/ec2.h"
#include "base/digest.h"
#include "discovery/network.h"
#include "discovery/tags.h"

#include <string.h>

struct cloud_session {
    struct aws_client client;
    struct clock clock;
    const struct cancel *cancel;
};

static struct cloud_session *open_session(void *context, struct err *err)
{
    struct cloud_session *session = calloc(1, sizeof *session);
    if (!session) {
        err_memory(err);
        return NULL;
    }
    struct ec2_account *account = context;
    session->clock = clock_system();
    session->cancel = account->cancel;
    if (aws_client_init(&session->client, account->aws, err) < 0) {
        free(session);
        return NULL;
    }
    return session;
}

static void close_session(struct cloud_session *session)
{
    aws_client_destroy(&session->client);
    free(session);
}

static void use_patience(struct cloud_session *session, const struct cloud_patience *patience,
                         bool persistent)
{
    session->client.policy = (struct aws_policy){
        .persistent = persistent, .deadline = patience->deadline, .stop_at = patience->cancel_from};
}

/* For ending what was begun: what then lacks is waited for, also credentials. */
static void use_all_patience(struct cloud_session *session, const struct cloud_patience *patience)
{
    use_patience(session, patience, true);
    session->client.policy.outlasts_credentials = true;
}

/* By AWS's clock: whoever reads the tag may be another machine. */
static void lease_end(const struct cloud_session *session, double seconds, char until[TIMESTAMP_SIZE])
{
    format_timestamp((double)aws_time(session->client.aws) + seconds, until);
}

static int encode_launch(struct cloud_session *session, const struct launch_order *order,
                         struct strbuf *request, struct err *err)
{
    char until[TIMESTAMP_SIZE];
    lease_end(session, order->lease_seconds, until);
    const char *const groups[] = {order->security_group_id};
    const struct ec2_tag tags[] = {{"Name", order->name},
                                   {TAG_TOOL, VERSION},
                                   {TAG_RUN, order->run_id},
                                   {TAG_DEADLINE, order->deadline},
                                   {TAG_LEASE, until}};
    struct ec2_launch launch = {
        .image_id = order->image_id,
        .instance_type = order->instance_type,
        .client_token = order->token,
        .subnet_id = order->subnet_id,
        .security_group_ids = groups,
        .security_group_count = ARRAY_LENGTH(groups),
        .user_data = order->user_data,
        .user_data_length = strlen(order->user_data),
        .key_name = order->key_pair,
        .tags = tags,
        .tag_count = ARRAY_LENGTH(tags),
    };
    return ec2_run_instances_encode(&launch, request, err);
}

/* A machine that shuts down still runs, one that stops may start again: only "terminated" is the end. */
static enum machine_state machine_state(enum ec2_state state)
{
    switch (state) {
    case EC2_PENDING:
        return MACHINE_PENDING;
    case EC2_RUNNING:
    case EC2_SHUTTING_DOWN:
        return MACHINE_RUNNING;
    case EC2_STOPPING:
    case EC2_STOPPED:
        return MACHINE_STOPPED;
    case EC2_TERMINATED:
        return MACHINE_TERMINATED;
    case EC2_STATE_UNKNOWN:
        break;
    }
    return MACHINE_UNKNOWN;
}

static void to_machine(const struct ec2_instance *instance, struct machine *machine)
{
    *machine = (struct machine){.state = machine_state(instance->state)};
    machine->ending = instance->state == EC2_SHUTTING_DOWN || instance->state == EC2_STOPPING;
    snprintf(machine->id, sizeof machine->id, "%.31s", instance->id);
    snprintf(machine->reason_code, sizeof machine->reason_code, "%s", instance->state_reason_code);
    snprintf(machine->reason, sizeof machine->reason, "%.191s", instance->state_reason);
    snprintf(machine->instance_type, sizeof machine->instance_type, "%.31s", instance->type);
    snprintf(machine->image_id, sizeof machine->image_id, "%.31s", instance->image_id);
    snprintf(machine->architecture, sizeof machine->architecture, "%s", instance->architecture);
    snprintf(machine->zone, sizeof machine->zone, "%.31s", instance->zone);
    snprintf(machine->private_address, sizeof machine->private_address, "%s", instance->private_ip);
    snprintf(machine->public_address, sizeof machine->public_address, "%s", instance->public_ip);
}

static int launch(struct cloud_session *session, const char *request, const struct cloud_patience *patience,
                  struct machine *machine, struct err *err)
{
    CLEANUP(ec2_instance_free) struct ec2_instance instance = {0};
    use_patience(session, patience, true); /* the same token never makes a second machine */
    session->client.policy.stop_unsent_at = CANCEL_DRAIN;
    if (ec2_run_instances_send(&session->client, request, strlen(request), &instance, err) < 0) {
        /* "no permission" after an answer that was lost does not say that there is no machine */
        if (session->client.may_have_happened)
            err->kind = ERR_NETWORK;
        return -1;
    }
    to_machine(&instance, machine);
    return 0;
}

static int describe(struct cloud_session *session, struct ec2_filter filter, struct ec2_instances *list,
                    struct err *err)
{
    struct ec2_instance_query query = {.filters = &filter, .filter_count = 1};
    return ec2_describe_instances(&session->client, &query, list, err);
}

static int find_by_token(struct cloud_session *session, const char *token,
                         const struct cloud_patience *patience, bool *found, struct machine *machine,
                         struct err *err)
{
    CLEANUP(ec2_instances_free) struct ec2_instances list = {0};
    use_all_patience(session, patience);
    if (describe(session, EC2_FILTER("client-token", token), &list, err) < 0)
        return -1;
    *found = list.count > 0;
    if (*found)
        to_machine(&list.items[0], machine);
    return 0;
}

static int list_machines(struct cloud_session *session, const char *run_id,
                         const struct cloud_patience *patience,
                         void (*visit)(void *context, const struct machine *machine), void *context,
                         struct err *err)
{
    CLEANUP(ec2_instances_free) struct ec2_instances list = {0};
    use_patience(session, patience, false);
    if (describe(session, EC2_FILTER("tag:" TAG_RUN, run_id), &list, err) < 0)
        return -1;
    for (size_t i = 0; i < list.count; i++) {
        struct machine machine;
        to_machine(&list.items[i], &machine);
        visit(context, &machine);
    }
    return 0;
}

/* An id that EC2 does not know (yet) is asked for again: for a fresh one it never means that it has ended. */
static int terminate(struct cloud_session *session, const char *id, const struct cloud_patience *patience,
                     struct err *err)
{
    use_all_patience(session, patience);
    for (;;) {
        if (ec2_terminate_instances(&session->client, &id, 1, err) == 0)
            return 0;
        double now = clock_monotonic(&session->clock);
        if (err->kind != ERR_NOT_FOUND || now >= patience->deadline)
            return -1;
        if (clock_sleep(&session->clock, 1 + random_fraction(), session->cancel, patience->cancel_from, err) <
            0)
            return -1;
    }
}

static int open_access(struct cloud_session *session, const struct access_order *order,
                       const struct cloud_patience *patience, char group[32], struct err *err)
{
    char id[EC2_ID_SIZE] = "";
    char until[TIMESTAMP_SIZE];
    lease_end(session, order->lease_seconds, until);
    const struct security_group_order wanted = {order->run_id, order->vpc_id, order->cidr,
                                                (uint16_t)order->port, until};
    use_patience(session, patience, true); /* to the end: a group whose answer was lost has no id to remove */
    int result = security_group_create(&session->client, &wanted, id, err);
    snprintf(group, 32, "%.31s", id);
    /* as with a launch: a refusal after an answer that was lost does not say that there is no group */
    if (result < 0 && !id[0] && session->client.may_have_happened && err->kind != ERR_CANCELLED)
        err->kind = ERR_NETWORK;
    return result;
}

static int find_access(struct cloud_session *session, const char *run_id,
                       const struct cloud_patience *patience, char group[32], struct err *err)
{
    char id[EC2_ID_SIZE] = "";
    use_patience(session, patience, true);
    int result = security_group_find(&session->client, run_id, id, err);
    snprintf(group, 32, "%.31s", id);
    return result;
}

static int close_access(struct cloud_session *session, const char *group,
                        const struct cloud_patience *patience, struct err *err)
{
    use_all_patience(session, patience);
    return security_group_delete(&session->client, group, &session->clock, session->cancel, err);
}

static int renew_lease(struct cloud_session *session, const char *run_id, const char *group, double seconds,
                       const struct cloud_patience *patience, struct err *err)
{
    CLEANUP(ec2_instances_free) struct ec2_instances list = {0};
    const struct ec2_filter filters[] = {
        EC2_FILTER("tag:" TAG_RUN, run_id),
        EC2_FILTER("instance-state-name", "pending", "running", "stopping", "stopped")};
    const struct ec2_instance_query query = {.filters = filters, .filter_count = ARRAY_LENGTH(filters)};
    char until[TIMESTAMP_SIZE];
    use_patience(session, patience, false);
    if (ec2_describe_instances(&session->client, &query, &list, err) < 0)
        return -1;
    AUTO_FREE const char **ids = calloc(list.count + 1, sizeof *ids);
    if (!ids)
        return err_memory(err);
    size_t count = 0;
    for (; count < list.count; count++)
        ids[count] = list.items[count].id;
    if (group[0])
        ids[count++] = group;
    lease_end(session, seconds, until);
    const struct ec2_tag tag = {TAG_LEASE, until};
    struct err why = {0};
    if (ec2_create_tags(&session->client, ids, count, &tag, 1, &why) == 0 || why.kind == ERR_NOT_FOUND)
        return 0;
    return err_copy(err, &why);
}

struct cloud cloud_ec2(struct ec2_account *account)
{
    static const struct cloud_ops ops = {
        .open = open_session,
        .close = close_session,
        .open_access = open_access,
        .find_access = find_access,
        .close_access = close_access,
        .encode_launch = encode_launch,
        .launch = launch,
        .find_by_token = find_by_token,
        .list = list_machines,
        .terminate = terminate,
        .renew_lease = renew_lease,
    };
    return (struct cloud){&ops, account};
}
