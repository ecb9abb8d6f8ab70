#include "pretend_cloud.h"

#include "base/clock.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

struct cloud_session {
    struct pretend_cloud *pretend;
};

struct remote_session {
    struct pretend_cloud *pretend;
};

void pretend_cloud_init(struct pretend_cloud *pretend)
{
    *pretend = (struct pretend_cloud){.architecture = "x86_64"};
    pthread_mutex_init(&pretend->lock, NULL);
}

/* --- the cloud ---------------------------------------------------------------------------------------------
 */

static struct cloud_session *open_session(void *context, struct err *err UNUSED)
{
    struct cloud_session *session = calloc(1, sizeof *session);
    session->pretend = context;
    return session;
}

static void close_session(struct cloud_session *session)
{
    free(session);
}

static int open_access(struct cloud_session *session, const struct access_order *order,
                       const struct cloud_patience *patience UNUSED, char group[32], struct err *err UNUSED)
{
    session->pretend->groups++;
    session->pretend->groups_made++;
    session->pretend->lease_seconds = order->lease_seconds;
    snprintf(group, 32, "sg-pretend");
    return 0;
}

static int find_access(struct cloud_session *session, const char *run_id UNUSED,
                       const struct cloud_patience *patience UNUSED, char group[32], struct err *err UNUSED)
{
    struct pretend_cloud *pretend = session->pretend;
    pretend->lookups++;
    bool shown = pretend->groups > 0 && pretend->lookups > pretend->shows_late;
    snprintf(group, 32, "%s", shown ? "sg-pretend" : "");
    return 0;
}

static int close_access(struct cloud_session *session, const char *group UNUSED,
                        const struct cloud_patience *patience UNUSED, struct err *err)
{
    if (session->pretend->keeps_group)
        return err_set(err, ERR_EXISTS, "in use");
    session->pretend->groups--;
    return 0;
}

/* The request is "TOKEN ZONE TYPE", the subnet standing for the zone. */
static int encode_launch(struct cloud_session *session UNUSED, const struct launch_order *order,
                         struct strbuf *request, struct err *err)
{
    strbuf_addf(request, "%s %s %s", order->token, order->subnet_id, order->instance_type);
    return strbuf_ok(request, "request", err);
}

static void make_machine(struct pretend_cloud *pretend, const char *token, const char *type,
                         struct machine *machine)
{
    size_t number = pretend->count++;
    *machine = (struct machine){.state = MACHINE_RUNNING};
    snprintf(machine->id, sizeof machine->id, "i-%zu", number);
    snprintf(machine->instance_type, sizeof machine->instance_type, "%s", type);
    snprintf(machine->private_address, sizeof machine->private_address, "127.0.0.1");
    snprintf(pretend->tokens[number], sizeof pretend->tokens[number], "%s", token);
    pretend->machines[number] = *machine;
    pretend->alive++;
    if (pretend->alive > pretend->most_alive)
        pretend->most_alive = pretend->alive;
}

void pretend_cloud_make(struct pretend_cloud *pretend, const char *token)
{
    struct machine ignored;
    make_machine(pretend, token, "m5i.large", &ignored);
}

/* The newest machine ends. */
static void regret(struct pretend_cloud *pretend)
{
    struct machine *machine = &pretend->machines[pretend->count - 1];
    machine->state = MACHINE_TERMINATED;
    snprintf(machine->reason_code, sizeof machine->reason_code, "Server.InsufficientInstanceCapacity");
    pretend->alive--;
}

static void fill_disk(void)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 0;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static int launch_locked(struct pretend_cloud *pretend, const char *token, const char *zone, const char *type,
                         struct machine *machine, struct err *err)
{
    pretend->launches++;
    if (pretend->zone_without_capacity && strcmp(zone, pretend->zone_without_capacity) == 0)
        return err_set(err, ERR_CAPACITY, "no capacity in %s", zone);
    if (pretend->no_quota || (pretend->quota && pretend->alive >= pretend->quota))
        return err_set(err, ERR_QUOTA, "the account may not have more");
    for (size_t i = 0; i < pretend->count; i++)
        if (strcmp(pretend->tokens[i], token) == 0)
            return err_set(err, ERR_INTERNAL, "a token was used twice");
    make_machine(pretend, token, pretend->other_type ? pretend->other_type : type, machine);
    if (pretend->zone_that_regrets && strcmp(zone, pretend->zone_that_regrets) == 0)
        regret(pretend);
    if (pretend->fills_disk)
        fill_disk();
    if (!pretend->loses_answers)
        return 0;
    *machine = (struct machine){0};
    return err_set(err, ERR_NETWORK, "the answer was lost");
}

static int launch(struct cloud_session *session, const char *request,
                  const struct cloud_patience *patience UNUSED, struct machine *machine, struct err *err)
{
    struct pretend_cloud *pretend = session->pretend;
    char token[65], zone[32], type[32];
    if (sscanf(request, "%64s %31s %31s", token, zone, type) != 3)
        return err_set(err, ERR_INTERNAL, "not a request: %s", request);
    pthread_mutex_lock(&pretend->lock);
    int result = launch_locked(pretend, token, zone, type, machine, err);
    pthread_mutex_unlock(&pretend->lock);
    return result;
}

static int find_by_token(struct cloud_session *session, const char *token,
                         const struct cloud_patience *patience UNUSED, bool *found, struct machine *machine,
                         struct err *err UNUSED)
{
    struct pretend_cloud *pretend = session->pretend;
    *found = false;
    pthread_mutex_lock(&pretend->lock);
    pretend->lookups++;
    for (size_t i = 0; i < pretend->count && pretend->lookups > pretend->shows_late; i++) {
        if (strcmp(pretend->tokens[i], token) != 0)
            continue;
        *found = true;
        *machine = pretend->machines[i];
    }
    pthread_mutex_unlock(&pretend->lock);
    return 0;
}

static int list_machines(struct cloud_session *session, const char *run_id UNUSED,
                         const struct cloud_patience *patience UNUSED,
                         void (*visit)(void *context, const struct machine *machine), void *context,
                         struct err *err UNUSED)
{
    struct pretend_cloud *pretend = session->pretend;
    struct machine machines[PRETEND_MACHINES];
    pthread_mutex_lock(&pretend->lock);
    size_t count = pretend->shows_no_tags ? 0 : pretend->count;
    memcpy(machines, pretend->machines, sizeof machines);
    pthread_mutex_unlock(&pretend->lock);
    for (size_t i = 0; i < count; i++)
        visit(context, &machines[i]);
    return 0;
}

static int terminate(struct cloud_session *session, const char *id,
                     const struct cloud_patience *patience UNUSED, struct err *err)
{
    struct pretend_cloud *pretend = session->pretend;
    if (pretend->forbids_ends)
        return err_set(err, ERR_AUTH, "you may not");
    pthread_mutex_lock(&pretend->lock);
    for (size_t i = 0; i < pretend->count && !pretend->never_terminates; i++) {
        if (strcmp(pretend->machines[i].id, id) != 0 || pretend->machines[i].state == MACHINE_TERMINATED)
            continue;
        pretend->machines[i].state = MACHINE_TERMINATED;
        pretend->alive--;
    }
    pthread_mutex_unlock(&pretend->lock);
    return 0;
}

static int renew_lease(struct cloud_session *session, const char *run_id, const char *group, double seconds,
                       const struct cloud_patience *patience UNUSED, struct err *err)
{
    struct pretend_cloud *pretend = session->pretend;
    pthread_mutex_lock(&pretend->lock);
    pretend->renewals++;
    pretend->lease_seconds = seconds;
    snprintf(pretend->leased, sizeof pretend->leased, "%s %s", run_id, group);
    pthread_mutex_unlock(&pretend->lock);
    return pretend->keeps_no_lease ? err_set(err, ERR_AUTH, "no tags today") : 0;
}

struct cloud pretend_cloud_as_cloud(struct pretend_cloud *pretend)
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
    return (struct cloud){&ops, pretend};
}

/* --- its machines ------------------------------------------------------------------------------------------
 */

static struct remote_session *connect_to(void *context, const struct remote_target *target UNUSED,
                                         const struct remote_limits *limits UNUSED, struct err *err)
{
    struct pretend_cloud *pretend = context;
    if (pretend->refuses_connections) {
        err_set(err, ERR_DATA, "refused");
        return NULL;
    }
    struct remote_session *session = calloc(1, sizeof *session);
    session->pretend = pretend;
    return session;
}

static int run_suite(struct pretend_cloud *pretend, const struct remote_command *command,
                     const struct remote_limits *limits, struct strbuf *output, int *exit_code,
                     struct err *err)
{
    struct clock clock = clock_system();
    for (size_t i = 0; i < pretend->suite_lines; i++)
        command->on_line(command->context, "progress 50 on", strlen("progress 50 on"));
    if (clock_sleep(&clock, pretend->suite_seconds, limits->cancel, limits->cancel_from, err) < 0)
        return -1;
    strbuf_add(output, pretend->suite_output, pretend->suite_output_length);
    *exit_code = pretend->suite_exit_code;
    return 0;
}

static void answer_for_metadata(struct pretend_cloud *pretend, struct strbuf *output)
{
    pthread_mutex_lock(&pretend->lock);
    pretend->metadata_asked++;
    pthread_mutex_unlock(&pretend->lock);
    if (pretend->metadata)
        strbuf_adds(output, pretend->metadata);
}

static int run_script(struct remote_session *session, const struct remote_command *command,
                      const struct remote_limits *limits, struct strbuf *output, int *exit_code,
                      struct err *err)
{
    struct pretend_cloud *pretend = session->pretend;
    strbuf_free(output);
    output->limit = command->output_limit;
    *exit_code = 0;
    if (strstr(command->script, " run --rm "))
        return run_suite(pretend, command, limits, output, exit_code, err);
    if (strstr(command->script, "169.254.169.254"))
        answer_for_metadata(pretend, output);
    else if (strstr(command->script, "uname -m"))
        strbuf_addf(output, "0\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s\n%s\ndocker\n",
                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", pretend->architecture);
    else if (strstr(command->script, "image inspect"))
        strbuf_addf(output, "%s\n", pretend->image_line);
    return 0;
}

static void close_connection(struct remote_session *session)
{
    free(session);
}

struct remote pretend_cloud_as_remote(struct pretend_cloud *pretend)
{
    static const struct remote_ops ops = {connect_to, run_script, close_connection};
    return (struct remote){&ops, pretend};
}
