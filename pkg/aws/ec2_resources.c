#include "aws/ec2_query.h"
#include "base/parse.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SIZE 1000
#define RESOURCE_TEXT(member) XML_FIELD(struct ec2_resource, member, XML_TEXT)

static const struct xml_field spot_request_fields[] = {
    {"spotInstanceRequestId", RESOURCE_TEXT(id)},
    {"state", RESOURCE_TEXT(state)},
    {"instanceId", RESOURCE_TEXT(attached_to)},
};

static const struct xml_field interface_fields[] = {
    {"networkInterfaceId", RESOURCE_TEXT(id)},
    {"status", RESOURCE_TEXT(state)},
    {"ownerId", RESOURCE_TEXT(owner_id)},
    {"attachment/instanceId", RESOURCE_TEXT(attached_to)},
};

static const struct xml_field volume_fields[] = {
    {"volumeId", RESOURCE_TEXT(id)},
    {"status", RESOURCE_TEXT(state)},
    {"attachmentSet/item/instanceId", RESOURCE_TEXT(attached_to)},
};

static const struct xml_field group_fields[] = {
    {"groupId", RESOURCE_TEXT(id)},
    {"groupName", RESOURCE_TEXT(name)},
    {"ownerId", RESOURCE_TEXT(owner_id)},
};

static const struct xml_field key_pair_fields[] = {
    {"keyPairId", RESOURCE_TEXT(id)},
    {"keyName", RESOURCE_TEXT(name)},
};

static int read_resource(const struct xml_node *node, const struct xml_field *fields, size_t field_count,
                         struct ec2_resource *resource, struct err *err)
{
    const char *created = xml_text(node, "createTime");
    if (xml_read_fields(node, fields, field_count, resource, err) < 0)
        return -1;
    if (!resource->id[0])
        return err_set(err, ERR_DATA, "an item without an id");
    if (*created && parse_timestamp(created, &resource->created, err) < 0)
        return err_prepend(err, "createTime");
    return ec2_read_tags(node, &resource->tags, err);
}

static int read_spot_request(const struct xml_node *node, void *item, struct err *err)
{
    return read_resource(node, spot_request_fields, ARRAY_LENGTH(spot_request_fields), item, err);
}

static int read_interface(const struct xml_node *node, void *item, struct err *err)
{
    return read_resource(node, interface_fields, ARRAY_LENGTH(interface_fields), item, err);
}

static int read_volume(const struct xml_node *node, void *item, struct err *err)
{
    return read_resource(node, volume_fields, ARRAY_LENGTH(volume_fields), item, err);
}

static int read_group(const struct xml_node *node, void *item, struct err *err)
{
    return read_resource(node, group_fields, ARRAY_LENGTH(group_fields), item, err);
}

static int read_key_pair(const struct xml_node *node, void *item, struct err *err)
{
    return read_resource(node, key_pair_fields, ARRAY_LENGTH(key_pair_fields), item, err);
}

/* How a kind is listed and deleted. */
static const struct kind {
    struct ec2_listing listing;
    const char *delete_action;
    const char *delete_parameter;
    bool deleted_by_name;
} kinds[] = {
    [EC2_SPOT_REQUEST] = {{.action = "DescribeSpotInstanceRequests",
                           .items = "spotInstanceRequestSet/item",
                           .item_size = sizeof(struct ec2_resource),
                           .read = read_spot_request,
                           .page_size = PAGE_SIZE},
                          "CancelSpotInstanceRequests",
                          "SpotInstanceRequestId.1",
                          false},
    [EC2_NETWORK_INTERFACE] = {{.action = "DescribeNetworkInterfaces",
                                .items = "networkInterfaceSet/item",
                                .item_size = sizeof(struct ec2_resource),
                                .read = read_interface,
                                .page_size = PAGE_SIZE},
                               "DeleteNetworkInterface",
                               "NetworkInterfaceId",
                               false},
    [EC2_VOLUME] = {{.action = "DescribeVolumes",
                     .items = "volumeSet/item",
                     .item_size = sizeof(struct ec2_resource),
                     .read = read_volume,
                     .page_size = PAGE_SIZE},
                    "DeleteVolume",
                    "VolumeId",
                    false},
    [EC2_SECURITY_GROUP] = {{.action = "DescribeSecurityGroups",
                             .items = "securityGroupInfo/item",
                             .item_size = sizeof(struct ec2_resource),
                             .read = read_group,
                             .page_size = PAGE_SIZE},
                            "DeleteSecurityGroup",
                            "GroupId",
                            false},
    [EC2_KEY_PAIR] = {{.action = "DescribeKeyPairs",
                       .items = "keySet/item",
                       .item_size = sizeof(struct ec2_resource),
                       .read = read_key_pair},
                      "DeleteKeyPair",
                      "KeyName",
                      true},
};

void ec2_resources_free(struct ec2_resources *list)
{
    for (size_t i = 0; i < list->count; i++)
        ec2_tags_free(&list->items[i].tags);
    free(list->items);
    *list = (struct ec2_resources){0};
}

int ec2_describe_resources(struct aws_client *client, enum ec2_resource_kind kind,
                           const struct ec2_filter *filters, size_t filter_count, struct ec2_resources *list,
                           struct err *err)
{
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    struct ec2_items found = {0};
    ec2_begin(&form, kinds[kind].listing.action);
    ec2_add_filters(&form, filters, filter_count);
    int result = ec2_list(client, &kinds[kind].listing, &form, &found, err);
    *list = (struct ec2_resources){found.items, found.count};
    if (result < 0)
        ec2_resources_free(list);
    return result;
}

int ec2_delete_resource(struct aws_client *client, enum ec2_resource_kind kind,
                        const struct ec2_resource *resource, struct err *err)
{
    const struct kind *how = &kinds[kind];
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    AUTO_ANSWER struct aws_answer answer = {0};
    ec2_begin(&form, how->delete_action);
    query_add(&form, how->delete_parameter, how->deleted_by_name ? resource->name : resource->id);
    return ec2_send(client, how->delete_action, &form, &answer, err);
}

/* --- regions -------------------------------------------------------------------------------------------- */

static const struct xml_field region_fields[] = {
    {"regionName", XML_FIELD(struct ec2_region, name, XML_TEXT)},
};

static int read_region(const struct xml_node *node, void *item, struct err *err)
{
    return xml_read_fields(node, region_fields, ARRAY_LENGTH(region_fields), item, err);
}

void ec2_regions_free(struct ec2_regions *list)
{
    free(list->items);
    *list = (struct ec2_regions){0};
}

int ec2_describe_regions(struct aws_client *client, struct ec2_regions *list, struct err *err)
{
    const struct ec2_listing listing = {.action = "DescribeRegions",
                                        .items = "regionInfo/item",
                                        .item_size = sizeof(struct ec2_region),
                                        .read = read_region};
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    struct ec2_items found = {0};
    ec2_begin(&form, listing.action);
    int result = ec2_list(client, &listing, &form, &found, err);
    *list = (struct ec2_regions){found.items, found.count};
    if (result < 0)
        ec2_regions_free(list);
    return result;
}
