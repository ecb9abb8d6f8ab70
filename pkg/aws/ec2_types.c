#include "aws/ec2_query.h"
#include "base/parse.h"

#include <stdlib.h>

#define NAMES_PER_CALL 100 /* values of one filter; EC2 takes 200 */

static const struct xml_field type_fields[] = {
    {"instanceType", XML_FIELD(struct ec2_type, name, XML_TEXT)},
    {"processorInfo/manufacturer", XML_FIELD(struct ec2_type, manufacturer, XML_TEXT)},
    {"hypervisor", XML_FIELD(struct ec2_type, hypervisor, XML_TEXT)},
    {"vCpuInfo/defaultVCpus", XML_FIELD(struct ec2_type, vcpus, XML_U32)},
    {"vCpuInfo/defaultCores", XML_FIELD(struct ec2_type, cores, XML_U32)},
    {"vCpuInfo/defaultThreadsPerCore", XML_FIELD(struct ec2_type, threads_per_core, XML_U32)},
    {"memoryInfo/sizeInMiB", XML_FIELD(struct ec2_type, memory_mib, XML_U64)},
    {"currentGeneration", XML_FIELD(struct ec2_type, current_generation, XML_BOOL)},
    {"bareMetal", XML_FIELD(struct ec2_type, bare_metal, XML_BOOL)},
};

static const struct xml_field offering_fields[] = {
    {"instanceType", XML_FIELD(struct ec2_offering, type, XML_TEXT)},
    {"location", XML_FIELD(struct ec2_offering, zone, XML_TEXT)},
};

static int read_type(const struct xml_node *node, void *item, struct err *err)
{
    struct ec2_type *type = item;
    const char *clock = xml_text(node, "processorInfo/sustainedClockSpeedInGhz");
    if (xml_read_fields(node, type_fields, ARRAY_LENGTH(type_fields), type, err) < 0 ||
        xml_read_texts(node, "processorInfo/supportedArchitectures/item", type->architectures[0],
                       sizeof type->architectures[0], ARRAY_LENGTH(type->architectures),
                       &type->architecture_count, err) < 0 ||
        xml_read_texts(node, "processorInfo/supportedFeatures/item", type->features[0],
                       sizeof type->features[0], ARRAY_LENGTH(type->features), &type->feature_count,
                       err) < 0 ||
        xml_read_texts(node, "supportedUsageClasses/item", type->usage_classes[0],
                       sizeof type->usage_classes[0], ARRAY_LENGTH(type->usage_classes),
                       &type->usage_class_count, err) < 0)
        return -1;
    if (*clock && parse_double(clock, 0, 100, &type->clock_ghz, err) < 0)
        return err_prepend(err, "sustainedClockSpeedInGhz");
    return 0;
}

static int read_offering(const struct xml_node *node, void *item, struct err *err)
{
    return xml_read_fields(node, offering_fields, ARRAY_LENGTH(offering_fields), item, err);
}

/* Lists what concerns the named types, so many names a call; with count 0 what concerns all. */
static int list_by_name(struct aws_client *client, const struct ec2_listing *listing,
                        const struct strbuf *base, const char *const *names, size_t count,
                        struct ec2_items *found, struct err *err)
{
    size_t done = 0;
    do {
        AUTO_STRBUF struct strbuf form = QUERY_FORM;
        size_t batch = count - done < NAMES_PER_CALL ? count - done : NAMES_PER_CALL;
        const struct ec2_filter filter = {"instance-type", names ? names + done : NULL, batch};
        strbuf_add(&form, base->data, base->length);
        ec2_add_filters(&form, &filter, batch ? 1 : 0);
        if (ec2_list(client, listing, &form, found, err) < 0)
            return -1;
        done += batch;
    } while (done < count);
    return 0;
}

int ec2_describe_instance_types(struct aws_client *client, const char *const *names, size_t count,
                                struct ec2_types *list, struct err *err)
{
    const struct ec2_listing listing = {
        .action = "DescribeInstanceTypes",
        .items = "instanceTypeSet/item",
        .item_size = sizeof(struct ec2_type),
        .read = read_type,
        .page_size = 100,
    };
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    struct ec2_items found = {0};
    ec2_begin(&form, listing.action);
    int result = list_by_name(client, &listing, &form, names, count, &found, err);
    *list = (struct ec2_types){found.items, found.count};
    if (result < 0)
        ec2_types_free(list);
    return result;
}

void ec2_types_free(struct ec2_types *list)
{
    free(list->items);
    *list = (struct ec2_types){0};
}

int ec2_describe_offerings(struct aws_client *client, const char *const *types, size_t count,
                           struct ec2_offerings *list, struct err *err)
{
    const struct ec2_listing listing = {
        .action = "DescribeInstanceTypeOfferings",
        .items = "instanceTypeOfferingSet/item",
        .item_size = sizeof(struct ec2_offering),
        .read = read_offering,
        .page_size = 1000,
    };
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    struct ec2_items found = {0};
    ec2_begin(&form, listing.action);
    query_add(&form, "LocationType", "availability-zone");
    int result = list_by_name(client, &listing, &form, types, count, &found, err);
    *list = (struct ec2_offerings){found.items, found.count};
    if (result < 0)
        ec2_offerings_free(list);
    return result;
}

void ec2_offerings_free(struct ec2_offerings *list)
{
    free(list->items);
    *list = (struct ec2_offerings){0};
}
