#include "aws/ec2_query.h"
#include "aws/limiter.h"
#include "base/digest.h"
#include "base/parse.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE 1000

static const char *const state_names[] = {
    [EC2_STATE_UNKNOWN] = "unknown", [EC2_PENDING] = "pending",
    [EC2_RUNNING] = "running",       [EC2_SHUTTING_DOWN] = "shutting-down",
    [EC2_TERMINATED] = "terminated", [EC2_STOPPING] = "stopping",
    [EC2_STOPPED] = "stopped",
};

const char *ec2_state_name(enum ec2_state state)
{
    return (size_t)state < ARRAY_LENGTH(state_names) ? state_names[state] : state_names[EC2_STATE_UNKNOWN];
}

static enum ec2_state state_by_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(state_names); i++) {
        if (strcmp(name, state_names[i]) == 0)
            return (enum ec2_state)i;
    }
    return EC2_STATE_UNKNOWN;
}

/* --- reading -------------------------------------------------------------------------------------------- */

static const struct xml_field instance_fields[] = {
    {"instanceId", XML_FIELD(struct ec2_instance, id, XML_TEXT)},
    {"stateReason/code", XML_FIELD(struct ec2_instance, state_reason_code, XML_TEXT)},
    {"instanceType", XML_FIELD(struct ec2_instance, type, XML_TEXT)},
    {"placement/availabilityZone", XML_FIELD(struct ec2_instance, zone, XML_TEXT)},
    {"imageId", XML_FIELD(struct ec2_instance, image_id, XML_TEXT)},
    {"architecture", XML_FIELD(struct ec2_instance, architecture, XML_TEXT)},
    {"subnetId", XML_FIELD(struct ec2_instance, subnet_id, XML_TEXT)},
    {"vpcId", XML_FIELD(struct ec2_instance, vpc_id, XML_TEXT)},
    {"privateIpAddress", XML_FIELD(struct ec2_instance, private_ip, XML_TEXT)},
    {"ipAddress", XML_FIELD(struct ec2_instance, public_ip, XML_TEXT)},
    {"clientToken", XML_FIELD(struct ec2_instance, client_token, XML_TEXT)},
};

static int read_instance(const struct xml_node *node, void *item, struct err *err)
{
    struct ec2_instance *instance = item;
    const char *launched = xml_text(node, "launchTime");
    const char *reason = xml_text(node, "stateReason/message");
    size_t reason_length = strnlen(reason, sizeof instance->state_reason - 1);
    instance->state = state_by_name(xml_text(node, "instanceState/name"));
    memcpy(instance->state_reason, reason, reason_length); /* for people: cut where it does not fit */
    if (xml_read_fields(node, instance_fields, ARRAY_LENGTH(instance_fields), instance, err) < 0)
        return -1;
    if (!instance->id[0])
        return err_set(err, ERR_DATA, "an instance without an id");
    if (*launched && parse_timestamp(launched, &instance->launch_time, err) < 0)
        return err_prepend(err, "launchTime");
    return ec2_read_tags(node, &instance->tags, err);
}

void ec2_instance_free(struct ec2_instance *instance)
{
    ec2_tags_free(&instance->tags);
    *instance = (struct ec2_instance){0};
}

void ec2_instances_free(struct ec2_instances *list)
{
    for (size_t i = 0; i < list->count; i++)
        ec2_instance_free(&list->items[i]);
    free(list->items);
    *list = (struct ec2_instances){0};
}

/* --- launching ------------------------------------------------------------------------------------------ */

static bool is_client_token(const char *token)
{
    size_t length = strlen(token);
    if (length == 0 || length >= EC2_CLIENT_TOKEN_SIZE)
        return false;
    for (; *token; token++) {
        if (*token < '!' || *token > '~')
            return false;
    }
    return true;
}

static int check_launch(const struct ec2_launch *launch, struct err *err)
{
    if (!launch->image_id || !launch->instance_type || !launch->client_token)
        return err_set(err, ERR_USAGE, "a launch needs an image, an instance type and a client token");
    if (!is_client_token(launch->client_token))
        return err_set(err, ERR_USAGE, "a client token has 1 to %d printable characters",
                       EC2_CLIENT_TOKEN_SIZE - 1);
    if (launch->user_data && launch->user_data_length > EC2_USER_DATA_MAX)
        return err_set(err, ERR_USAGE, "user data of %zu bytes, EC2 takes %d", launch->user_data_length,
                       EC2_USER_DATA_MAX);
    return 0;
}

static void add_user_data(struct strbuf *body, const struct ec2_launch *launch)
{
    AUTO_STRBUF struct strbuf base64 = STRBUF_SECRET(EC2_USER_DATA_MAX * 4 / 3 + 8);
    if (!launch->user_data)
        return;
    base64_encode(&base64, launch->user_data, launch->user_data_length);
    query_add(body, "UserData", strbuf_text(&base64));
}

int ec2_run_instances_encode(const struct ec2_launch *launch, struct strbuf *body, struct err *err)
{
    static const char *const tagged[] = {"instance", "volume", "network-interface"};
    if (check_launch(launch, err) < 0)
        return -1;
    ec2_begin(body, "RunInstances");
    query_add(body, "ClientToken", launch->client_token);
    query_add(body, "MinCount", "1");
    query_add(body, "MaxCount", "1");
    query_add(body, "ImageId", launch->image_id);
    query_add(body, "InstanceType", launch->instance_type);
    query_add(body, "KeyName", launch->key_name);
    query_add(body, "SubnetId", launch->subnet_id);
    ec2_add_list(body, "SecurityGroupId.", launch->security_group_ids, launch->security_group_count);
    query_add(body, "InstanceInitiatedShutdownBehavior", "terminate");
    query_add(body, "MetadataOptions.HttpTokens", "required");
    query_add(body, "MetadataOptions.HttpPutResponseHopLimit", "1");
    for (size_t i = 0; i < ARRAY_LENGTH(tagged); i++)
        ec2_add_tags(body, i + 1, tagged[i], launch->tags, launch->tag_count);
    add_user_data(body, launch);
    return strbuf_ok(body, "the launch request", err);
}

int ec2_run_instances_send(struct aws_client *client, const char *body, size_t length,
                           struct ec2_instance *instance, struct err *err)
{
    const struct query query = {.service = AWS_EC2, .action = "RunInstances", .body = body, .length = length};
    AUTO_ANSWER struct aws_answer answer = {0};
    *instance = (struct ec2_instance){0};
    if (query_send(client, &query, &answer, err) < 0)
        return -1;
    const struct xml_node *node = xml_at(xml_root(answer.xml), "instancesSet/item");
    if (!node)
        return err_set(err, ERR_DATA, "ec2 RunInstances: the answer names no instance");
    if (read_instance(node, instance, err) == 0)
        return 0;
    ec2_instance_free(instance);
    return err_prepend(err, "ec2 RunInstances");
}

/* --- asking and ending ---------------------------------------------------------------------------------- */

int ec2_describe_instances(struct aws_client *client, const struct ec2_instance_query *query,
                           struct ec2_instances *list, struct err *err)
{
    const struct ec2_listing listing = {
        .action = "DescribeInstances",
        .groups = "reservationSet/item",
        .items = "instancesSet/item",
        .item_size = sizeof(struct ec2_instance),
        .read = read_instance,
        .bucket = query->id_count && !query->filter_count ? LIMITER_INSTANCES_BY_ID : NULL,
        .page_size = query->id_count ? 0 : PAGE_SIZE,
    };
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    struct ec2_items found = {0};
    ec2_begin(&form, listing.action);
    ec2_add_list(&form, "InstanceId.", query->ids, query->id_count);
    ec2_add_filters(&form, query->filters, query->filter_count);
    int result = ec2_list(client, &listing, &form, &found, err);
    *list = (struct ec2_instances){found.items, found.count};
    if (result < 0)
        ec2_instances_free(list);
    return result;
}

static int terminate(struct aws_client *client, const void *context UNUSED, const char *const *ids,
                     size_t count, struct err *err)
{
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    AUTO_ANSWER struct aws_answer answer = {0};
    ec2_begin(&form, "TerminateInstances");
    ec2_add_list(&form, "InstanceId.", ids, count);
    return ec2_send_about(client, "TerminateInstances", &form, count, &answer, err);
}

int ec2_terminate_instances(struct aws_client *client, const char *const *ids, size_t count, struct err *err)
{
    return ec2_in_batches(client, terminate, NULL, ids, count, err);
}
