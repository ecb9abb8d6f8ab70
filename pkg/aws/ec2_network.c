#include "aws/ec2_query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE 1000

static const struct xml_field vpc_fields[] = {
    {"vpcId", XML_FIELD(struct ec2_vpc, id, XML_TEXT)},
    {"cidrBlock", XML_FIELD(struct ec2_vpc, cidr, XML_TEXT)},
    {"isDefault", XML_FIELD(struct ec2_vpc, is_default, XML_BOOL)},
};

static const struct xml_field subnet_fields[] = {
    {"subnetId", XML_FIELD(struct ec2_subnet, id, XML_TEXT)},
    {"vpcId", XML_FIELD(struct ec2_subnet, vpc_id, XML_TEXT)},
    {"availabilityZone", XML_FIELD(struct ec2_subnet, zone, XML_TEXT)},
    {"availabilityZoneId", XML_FIELD(struct ec2_subnet, zone_id, XML_TEXT)},
    {"cidrBlock", XML_FIELD(struct ec2_subnet, cidr, XML_TEXT)},
    {"state", XML_FIELD(struct ec2_subnet, state, XML_TEXT)},
    {"availableIpAddressCount", XML_FIELD(struct ec2_subnet, free_addresses, XML_U32)},
    {"defaultForAz", XML_FIELD(struct ec2_subnet, zone_default, XML_BOOL)},
    {"mapPublicIpOnLaunch", XML_FIELD(struct ec2_subnet, assigns_public_ip, XML_BOOL)},
};

static const struct xml_field group_fields[] = {
    {"groupId", XML_FIELD(struct ec2_security_group, id, XML_TEXT)},
    {"groupName", XML_FIELD(struct ec2_security_group, name, XML_TEXT)},
    {"vpcId", XML_FIELD(struct ec2_security_group, vpc_id, XML_TEXT)},
    {"groupDescription", XML_FIELD(struct ec2_security_group, description, XML_TEXT)},
};

static const struct xml_field key_pair_fields[] = {
    {"keyPairId", XML_FIELD(struct ec2_key_pair, id, XML_TEXT)},
    {"keyName", XML_FIELD(struct ec2_key_pair, name, XML_TEXT)},
    {"keyType", XML_FIELD(struct ec2_key_pair, type, XML_TEXT)},
    {"keyFingerprint", XML_FIELD(struct ec2_key_pair, fingerprint, XML_TEXT)},
};

static int read_vpc(const struct xml_node *node, void *item, struct err *err)
{
    return xml_read_fields(node, vpc_fields, ARRAY_LENGTH(vpc_fields), item, err);
}

static int read_subnet(const struct xml_node *node, void *item, struct err *err)
{
    return xml_read_fields(node, subnet_fields, ARRAY_LENGTH(subnet_fields), item, err);
}

static int read_group(const struct xml_node *node, void *item, struct err *err)
{
    return xml_read_fields(node, group_fields, ARRAY_LENGTH(group_fields), item, err);
}

static int read_key_pair(const struct xml_node *node, void *item, struct err *err)
{
    return xml_read_fields(node, key_pair_fields, ARRAY_LENGTH(key_pair_fields), item, err);
}

static const struct ec2_listing vpcs = {
    .action = "DescribeVpcs",
    .items = "vpcSet/item",
    .item_size = sizeof(struct ec2_vpc),
    .read = read_vpc,
    .page_size = PAGE_SIZE,
};

static const struct ec2_listing subnets = {
    .action = "DescribeSubnets",
    .items = "subnetSet/item",
    .item_size = sizeof(struct ec2_subnet),
    .read = read_subnet,
    .page_size = PAGE_SIZE,
};

static const struct ec2_listing groups = {
    .action = "DescribeSecurityGroups",
    .items = "securityGroupInfo/item",
    .item_size = sizeof(struct ec2_security_group),
    .read = read_group,
    .page_size = PAGE_SIZE,
};

static const struct ec2_listing key_pairs = {
    .action = "DescribeKeyPairs",
    .items = "keySet/item",
    .item_size = sizeof(struct ec2_key_pair),
    .read = read_key_pair,
};

/* Whole or, after a failure, empty. */
static int list_filtered(struct aws_client *client, const struct ec2_listing *listing,
                         const struct ec2_filter *filters, size_t filter_count, struct ec2_items *found,
                         struct err *err)
{
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    ec2_begin(&form, listing->action);
    ec2_add_filters(&form, filters, filter_count);
    if (ec2_list(client, listing, &form, found, err) == 0)
        return 0;
    free(found->items);
    *found = (struct ec2_items){0};
    return -1;
}

int ec2_describe_vpcs(struct aws_client *client, const struct ec2_filter *filters, size_t filter_count,
                      struct ec2_vpcs *list, struct err *err)
{
    struct ec2_items found = {0};
    int result = list_filtered(client, &vpcs, filters, filter_count, &found, err);
    *list = (struct ec2_vpcs){found.items, found.count};
    return result;
}

int ec2_describe_subnets(struct aws_client *client, const struct ec2_filter *filters, size_t filter_count,
                         struct ec2_subnets *list, struct err *err)
{
    struct ec2_items found = {0};
    int result = list_filtered(client, &subnets, filters, filter_count, &found, err);
    *list = (struct ec2_subnets){found.items, found.count};
    return result;
}

int ec2_describe_security_groups(struct aws_client *client, const struct ec2_filter *filters,
                                 size_t filter_count, struct ec2_security_groups *list, struct err *err)
{
    struct ec2_items found = {0};
    int result = list_filtered(client, &groups, filters, filter_count, &found, err);
    *list = (struct ec2_security_groups){found.items, found.count};
    return result;
}

int ec2_describe_key_pairs(struct aws_client *client, const struct ec2_filter *filters, size_t filter_count,
                           struct ec2_key_pairs *list, struct err *err)
{
    struct ec2_items found = {0};
    int result = list_filtered(client, &key_pairs, filters, filter_count, &found, err);
    *list = (struct ec2_key_pairs){found.items, found.count};
    return result;
}

void ec2_vpcs_free(struct ec2_vpcs *list)
{
    free(list->items);
    *list = (struct ec2_vpcs){0};
}

void ec2_subnets_free(struct ec2_subnets *list)
{
    free(list->items);
    *list = (struct ec2_subnets){0};
}

void ec2_security_groups_free(struct ec2_security_groups *list)
{
    free(list->items);
    *list = (struct ec2_security_groups){0};
}

void ec2_key_pairs_free(struct ec2_key_pairs *list)
{
    free(list->items);
    *list = (struct ec2_key_pairs){0};
}

/* --- security groups ------------------------------------------------------------------------------------ */

int ec2_create_security_group(struct aws_client *client, const struct ec2_security_group_request *request,
                              char id[EC2_ID_SIZE], struct err *err)
{
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    AUTO_ANSWER struct aws_answer answer = {0};
    ec2_begin(&form, "CreateSecurityGroup");
    query_add(&form, "GroupName", request->name);
    query_add(&form, "GroupDescription", request->description);
    query_add(&form, "VpcId", request->vpc_id);
    ec2_add_tags(&form, 1, "security-group", request->tags, request->tag_count);
    if (ec2_send(client, "CreateSecurityGroup", &form, &answer, err) < 0)
        return -1;
    if (xml_copy(xml_root(answer.xml), "groupId", id, EC2_ID_SIZE, err) < 0)
        return err_prepend(err, "ec2 CreateSecurityGroup");
    return *id ? 0 : err_set(err, ERR_DATA, "ec2 CreateSecurityGroup: the answer names no group");
}

int ec2_authorize_ingress(struct aws_client *client, const char *group_id, uint16_t port, const char *cidr,
                          struct err *err)
{
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    AUTO_ANSWER struct aws_answer answer = {0};
    char number[8];
    bool is_v6 = strchr(cidr, ':') != NULL;
    snprintf(number, sizeof number, "%u", port);
    ec2_begin(&form, "AuthorizeSecurityGroupIngress");
    query_add(&form, "GroupId", group_id);
    query_add(&form, "IpPermissions.1.IpProtocol", "tcp");
    query_add(&form, "IpPermissions.1.FromPort", number);
    query_add(&form, "IpPermissions.1.ToPort", number);
    query_add(&form, is_v6 ? "IpPermissions.1.Ipv6Ranges.1.CidrIpv6" : "IpPermissions.1.IpRanges.1.CidrIp",
              cidr);
    return ec2_send(client, "AuthorizeSecurityGroupIngress", &form, &answer, err);
}

int ec2_delete_security_group(struct aws_client *client, const char *group_id, struct err *err)
{
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    AUTO_ANSWER struct aws_answer answer = {0};
    ec2_begin(&form, "DeleteSecurityGroup");
    query_add(&form, "GroupId", group_id);
    return ec2_send(client, "DeleteSecurityGroup", &form, &answer, err);
}
