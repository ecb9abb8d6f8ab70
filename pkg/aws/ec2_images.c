#include "aws/ec2_query.h"

#include <stdlib.h>
#include <string.h>

static const struct xml_field image_fields[] = {
    {"imageId", XML_FIELD(struct ec2_image, id, XML_TEXT)},
    {"name", XML_FIELD(struct ec2_image, name, XML_TEXT)},
    {"architecture", XML_FIELD(struct ec2_image, architecture, XML_TEXT)},
    {"imageOwnerId", XML_FIELD(struct ec2_image, owner_id, XML_TEXT)},
    {"imageOwnerAlias", XML_FIELD(struct ec2_image, owner_alias, XML_TEXT)},
    {"imageState", XML_FIELD(struct ec2_image, state, XML_TEXT)},
    {"rootDeviceName", XML_FIELD(struct ec2_image, root_device, XML_TEXT)},
    {"creationDate", XML_FIELD(struct ec2_image, creation_date, XML_TEXT)},
    {"deprecationTime", XML_FIELD(struct ec2_image, deprecation_time, XML_TEXT)},
};

static int read_image(const struct xml_node *node, void *item, struct err *err)
{
    return xml_read_fields(node, image_fields, ARRAY_LENGTH(image_fields), item, err);
}

int ec2_describe_image(struct aws_client *client, const char *image_id, struct ec2_image *image,
                       struct err *err)
{
    const struct ec2_listing listing = {
        .action = "DescribeImages",
        .items = "imagesSet/item",
        .item_size = sizeof(struct ec2_image),
        .read = read_image,
    };
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    struct ec2_items found = {0};
    ec2_begin(&form, listing.action);
    query_add(&form, "ImageId.1", image_id);
    int result = ec2_list(client, &listing, &form, &found, err);
    AUTO_FREE struct ec2_image *images = found.items;
    if (result < 0)
        return -1;
    if (found.count != 1 || strcmp(images[0].id, image_id) != 0)
        return err_set(err, ERR_NOT_FOUND, "this region has no image %s", image_id);
    *image = images[0];
    return 0;
}
