/* discover infrastructure */
#include "aws_session.h"
#include "commands.h"
#include "table.h"

#include "aws/ec2.h"
#include "base/json.h"

static const struct table_column columns[] = {
    {"kind", "KIND", TABLE_EXACT},           {"id", "ID", TABLE_EXACT},
    {"name", "NAME", TABLE_EXACT},           {"vpc_id", "VPC", TABLE_EXACT},
    {"zone", "ZONE", TABLE_EXACT},           {"cidr", "NETWORK", TABLE_EXACT},
    {"default", "DEFAULT", TABLE_EXACT},     {"public_addresses", "PUBLIC", TABLE_EXACT},
    {"free_addresses", "FREE", TABLE_EXACT},
};

/* A row of any kind: what does not apply to it is null. */
struct resource {
    const char *kind, *id, *name, *vpc_id, *zone, *cidr;
    const bool *is_default, *public_addresses;
    const uint32_t *free_addresses;
};

static int add_flag(cJSON *row, const char *name, const bool *flag, struct err *err)
{
    return flag ? json_add_bool(row, name, *flag, err) : json_add_null(row, name, err);
}

static int add_resource(cJSON *rows, const struct resource *resource, struct err *err)
{
    cJSON *row = cJSON_CreateObject();
    if (!row)
        return err_memory(err);
    cJSON_AddItemToArray(rows, row);
    if (json_add_string(row, "kind", resource->kind, err) < 0 ||
        json_add_string(row, "id", resource->id, err) < 0 ||
        json_add_string(row, "name", resource->name, err) < 0 ||
        json_add_string(row, "vpc_id", resource->vpc_id, err) < 0 ||
        json_add_string(row, "zone", resource->zone, err) < 0 ||
        json_add_string(row, "cidr", resource->cidr, err) < 0 ||
        add_flag(row, "default", resource->is_default, err) < 0 ||
        add_flag(row, "public_addresses", resource->public_addresses, err) < 0)
        return -1;
    return resource->free_addresses ? json_add_i64(row, "free_addresses", *resource->free_addresses, err)
                                    : json_add_null(row, "free_addresses", err);
}

static int add_vpcs(struct aws_client *client, cJSON *rows, struct err *err)
{
    CLEANUP(ec2_vpcs_free) struct ec2_vpcs list = {0};
    if (ec2_describe_vpcs(client, NULL, 0, &list, err) < 0)
        return -1;
    for (size_t i = 0; i < list.count; i++) {
        const struct ec2_vpc *vpc = &list.items[i];
        struct resource resource = {.kind = "vpc",
                                    .id = vpc->id,
                                    .vpc_id = vpc->id,
                                    .cidr = vpc->cidr,
                                    .is_default = &vpc->is_default};
        if (add_resource(rows, &resource, err) < 0)
            return -1;
    }
    return 0;
}

static int add_subnets(struct aws_client *client, cJSON *rows, struct err *err)
{
    CLEANUP(ec2_subnets_free) struct ec2_subnets list = {0};
    if (ec2_describe_subnets(client, NULL, 0, &list, err) < 0)
        return -1;
    for (size_t i = 0; i < list.count; i++) {
        const struct ec2_subnet *subnet = &list.items[i];
        struct resource resource = {.kind = "subnet",
                                    .id = subnet->id,
                                    .vpc_id = subnet->vpc_id,
                                    .zone = subnet->zone,
                                    .cidr = subnet->cidr,
                                    .is_default = &subnet->zone_default,
                                    .public_addresses = &subnet->assigns_public_ip,
                                    .free_addresses = &subnet->free_addresses};
        if (add_resource(rows, &resource, err) < 0)
            return -1;
    }
    return 0;
}

static int add_security_groups(struct aws_client *client, cJSON *rows, struct err *err)
{
    CLEANUP(ec2_security_groups_free) struct ec2_security_groups list = {0};
    if (ec2_describe_security_groups(client, NULL, 0, &list, err) < 0)
        return -1;
    for (size_t i = 0; i < list.count; i++) {
        const struct ec2_security_group *group = &list.items[i];
        struct resource resource = {
            .kind = "security-group", .id = group->id, .name = group->name, .vpc_id = group->vpc_id};
        if (add_resource(rows, &resource, err) < 0)
            return -1;
    }
    return 0;
}

static int add_key_pairs(struct aws_client *client, cJSON *rows, struct err *err)
{
    CLEANUP(ec2_key_pairs_free) struct ec2_key_pairs list = {0};
    if (ec2_describe_key_pairs(client, NULL, 0, &list, err) < 0)
        return -1;
    for (size_t i = 0; i < list.count; i++) {
        struct resource resource = {.kind = "key-pair", .id = list.items[i].id, .name = list.items[i].name};
        if (add_resource(rows, &resource, err) < 0)
            return -1;
    }
    return 0;
}

static int discover_infrastructure_run(struct program *program, void *parsed UNUSED,
                                       const struct operands *operands UNUSED, struct err *err)
{
    AUTO_AWS_SESSION struct aws_session session = {0};
    AUTO_JSON cJSON *rows = cJSON_CreateArray();
    if (!rows)
        return err_memory(err);
    if (aws_session_open(program, &session, err) < 0 || add_vpcs(&session.client, rows, err) < 0 ||
        add_subnets(&session.client, rows, err) < 0 || add_security_groups(&session.client, rows, err) < 0 ||
        add_key_pairs(&session.client, rows, err) < 0 ||
        table_print(program->out, (enum output_format)program->common.output, columns, ARRAY_LENGTH(columns),
                    rows, err) < 0)
        return -1;
    return EXIT_DONE;
}

const struct command command_discover_infrastructure = {
    .name = "discover infrastructure",
    .summary = "List VPCs, subnets, security groups and key pairs",
    .description = "What the region has that `run` can be told to use with --subnet, --security-group and "
                   "--key-pair. `run` needs none of it where there is a default VPC.",
    .uses_aws = true,
    .run = discover_infrastructure_run,
};
