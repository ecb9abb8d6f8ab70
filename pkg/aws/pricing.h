/*
 * What AWS asks for an instance type, by the Price List's query API: Linux without further software, on
 * shared hardware, in US dollars an hour.
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
 */
#ifndef AWS_PRICING_H
#define AWS_PRICING_H

#include "aws/aws.h"

#include <stddef.h>

/* NAN where the list has no such price. The reserved ones are those of the standard class without anything
 * paid up front, by the length of the lease. */
struct listed_prices {
    double on_demand;
    double reserved_1yr;
    double reserved_3yr;
    char published[24]; /* when AWS published the list, "2026-11-18T22:09:41Z"; "" where it does not say */
};

/* All prices unknown. */
struct listed_prices listed_prices_none(void);

/* One type in one region, whatever the client's own. ERR_NOT_FOUND: the list has no on-demand price for it.
 * ERR_DATA: the list contradicts itself, or is not in its format. */
int pricing_get(struct aws_client *client, const char *instance_type, const char *region,
                struct listed_prices *prices, struct err *err);

/* Adds what one product of the list says, an item of PriceList: JSON in a string. A product that is another
 * than asked for (of another system, with software, a block of capacity) says nothing. ERR_DATA: it is no
 * such JSON, a price is no amount, or there are two for the same. */
int price_list_read(const char *text, size_t length, const char *instance_type, const char *region,
                    struct listed_prices *prices, struct err *err);

#endif
