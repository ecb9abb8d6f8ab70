/* What a spot instance costs in a region, out of EC2's history of prices by zone. */
#ifndef DISCOVERY_SPOT_PRICE_H
#define DISCOVERY_SPOT_PRICE_H

#include "aws/ec2.h"

#include <stdbool.h>

/* Both are of one zone, that which is cheapest now: whoever may choose the zone pays that. */
struct spot_price {
    char zone[EC2_ZONE_SIZE];
    double current; /* USD an hour */
    double average; /* over the time asked for, each price by how long it held */
};

/* Of the type, between the two times, in the region's own zones: local zones have prices of their own.
 * *found is false where there is none. */
int spot_price_find(const struct ec2_spot_prices *history, const char *instance_type, const char *region,
                    int64_t from, int64_t to, struct spot_price *price, bool *found, struct err *err);

#endif
