#include "aws/ec2_query.h"
#include "base/clock.h"
#include "base/parse.h"

#include <stdlib.h>

#define TYPES_PER_CALL 50
#define HIGHEST_PRICE 1e6 /* USD an hour */

static const struct xml_field price_fields[] = {
    {"instanceType", XML_FIELD(struct ec2_spot_price, type, XML_TEXT)},
    {"availabilityZone", XML_FIELD(struct ec2_spot_price, zone, XML_TEXT)},
};

static int read_price(const struct xml_node *node, void *item, struct err *err)
{
    struct ec2_spot_price *price = item;
    if (xml_read_fields(node, price_fields, ARRAY_LENGTH(price_fields), price, err) < 0)
        return -1;
    if (parse_double(xml_text(node, "spotPrice"), 0, HIGHEST_PRICE, &price->price, err) < 0)
        return err_prepend(err, "spotPrice");
    return parse_timestamp(xml_text(node, "timestamp"), &price->since, err);
}

static int list_batch(struct aws_client *client, const char *const *types, size_t count, int64_t from,
                      int64_t to, struct ec2_items *found, struct err *err)
{
    const struct ec2_listing listing = {
        .action = "DescribeSpotPriceHistory",
        .items = "spotPriceHistorySet/item",
        .item_size = sizeof(struct ec2_spot_price),
        .read = read_price,
        .page_size = 1000,
    };
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    char time[TIMESTAMP_SIZE];
    ec2_begin(&form, listing.action);
    ec2_add_list(&form, "InstanceType.", types, count);
    query_add(&form, "ProductDescription.1", "Linux/UNIX");
    format_timestamp((double)from, time);
    query_add(&form, "StartTime", time);
    format_timestamp((double)to, time);
    query_add(&form, "EndTime", time);
    return ec2_list(client, &listing, &form, found, err);
}

int ec2_describe_spot_prices(struct aws_client *client, const char *const *types, size_t count, int64_t from,
                             int64_t to, struct ec2_spot_prices *list, struct err *err)
{
    struct ec2_items found = {0};
    int result = 0;
    for (size_t done = 0; result == 0 && done < count; done += TYPES_PER_CALL) {
        size_t batch = count - done < TYPES_PER_CALL ? count - done : TYPES_PER_CALL;
        result = list_batch(client, types + done, batch, from, to, &found, err);
    }
    *list = (struct ec2_spot_prices){found.items, found.count};
    if (result < 0)
        ec2_spot_prices_free(list);
    return result;
}

void ec2_spot_prices_free(struct ec2_spot_prices *list)
{
    free(list->items);
    *list = (struct ec2_spot_prices){0};
}
