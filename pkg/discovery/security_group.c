#include "discovery/security_group.h"

#include "discovery/tags.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_NAME 256 /* 255 characters and the NUL: EC2's limit */

/* EC2 is eventually consistent: a group that was just made may not be found for a moment. */
#define FIND_ATTEMPTS 6
#define FIND_SECONDS 0.5

#define FREE_SECONDS_FIRST 1.0 /* between two attempts to delete a group that is in use */
#define FREE_SECONDS_MOST 8.0

/* The group of that name and run. */
static int find_own(struct aws_client *client, const struct security_group_order *order, const char *name,
                    char id[EC2_ID_SIZE], struct err *err)
{
    CLEANUP(ec2_security_groups_free) struct ec2_security_groups groups = {0};
    const struct ec2_filter filters[] = {EC2_FILTER("vpc-id", order->vpc_id), EC2_FILTER("group-name", name),
                                         EC2_FILTER("tag:" TAG_RUN, order->run_id)};
    if (ec2_describe_security_groups(client, filters, ARRAY_LENGTH(filters), &groups, err) < 0)
        return -1;
    if (groups.count == 0)
        return err_set(err, ERR_EXISTS, "%s has a security group %s that is not this run's", order->vpc_id,
                       name);
    snprintf(id, EC2_ID_SIZE, "%s", groups.items[0].id);
    return 0;
}

static int create_or_find(struct aws_client *client, const struct security_group_order *order,
                          char id[EC2_ID_SIZE], struct err *err)
{
    char name[LONGEST_NAME];
    snprintf(name, sizeof name, "%s-%s", TAG_TOOL, order->run_id);
    const struct ec2_tag tags[] = {
        {"Name", name}, {TAG_TOOL, VERSION}, {TAG_RUN, order->run_id}, {TAG_LEASE, order->lease_until}};
    const struct ec2_security_group_request request = {
        .name = name,
        .description = "Temporary: SSH from where " TAG_TOOL " runs",
        .vpc_id = order->vpc_id,
        .tags = tags,
        .tag_count = ARRAY_LENGTH(tags),
    };
    struct err why = {0};
    if (ec2_create_security_group(client, &request, id, &why) == 0)
        return 0;
    if (why.kind == ERR_EXISTS)
        return find_own(client, order, name, id, err);
    return err_copy(err, &why);
}

static int open_port(struct aws_client *client, const char *id, uint16_t port, const char *cidr,
                     struct err *err)
{
    const struct clock clock = clock_system();
    struct err why = {0};
    for (int attempt = 1; attempt <= FIND_ATTEMPTS; attempt++) {
        if (ec2_authorize_ingress(client, id, port, cidr, &why) == 0 || why.kind == ERR_EXISTS)
            return 0;
        if (why.kind != ERR_NOT_FOUND)
            break;
        clock_sleep(&clock, attempt * FIND_SECONDS, NULL, CANCEL_NONE, NULL);
    }
    err_copy(err, &why);
    return err_prepend(err, "security group %s was made but not opened for SSH", id);
}

int security_group_create(struct aws_client *client, const struct security_group_order *order,
                          char id[EC2_ID_SIZE], struct err *err)
{
    id[0] = '\0';
    if (create_or_find(client, order, id, err) < 0)
        return err_prepend(err, "a temporary security group in %s (--security-group names another)",
                           order->vpc_id);
    return open_port(client, id, order->ssh_port, order->cidr, err);
}

int security_group_find(struct aws_client *client, const char *run_id, char id[EC2_ID_SIZE], struct err *err)
{
    CLEANUP(ec2_security_groups_free) struct ec2_security_groups groups = {0};
    const struct ec2_filter filter = EC2_FILTER("tag:" TAG_RUN, run_id);
    id[0] = '\0';
    if (ec2_describe_security_groups(client, &filter, 1, &groups, err) < 0)
        return -1;
    if (groups.count > 0)
        snprintf(id, EC2_ID_SIZE, "%s", groups.items[0].id);
    return 0;
}

static double give_up_at(const struct aws_policy *policy)
{
    return policy->deadline > 0 ? policy->deadline : INFINITY;
}

int security_group_delete(struct aws_client *client, const char *id, const struct clock *clock,
                          const struct cancel *cancel, struct err *err)
{
    const struct clock own = clock_system();
    if (!clock)
        clock = &own;
    for (double pause = FREE_SECONDS_FIRST;; pause = fmin(2 * pause, FREE_SECONDS_MOST)) {
        struct err why = {0};
        if (ec2_delete_security_group(client, id, &why) == 0 || why.kind == ERR_NOT_FOUND)
            return 0;
        bool in_use = why.kind == ERR_EXISTS;
        if (!in_use || clock_monotonic(clock) + pause >= give_up_at(&client->policy)) {
            err_copy(err, &why);
            return err_prepend(err, "security group %s could not be deleted", id);
        }
        if (clock_sleep(clock, pause, cancel, client->policy.stop_at, err) < 0)
            return err_prepend(err, "security group %s is still in use", id);
    }
}
