#include "discovery/spot_price.h"

#include "base/parse.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define LOWEST_PRICE 1e-6 /* USD an hour; less is nothing */

/* "us-east-1a", and not "us-east-1-bos-1a". */
static bool is_zone_of(const char *zone, const char *region)
{
    size_t length = strlen(region);
    return text_starts_with(zone, region) && strlen(zone) == length + 1 && is_lower(zone[length]);
}

/* By zone, then from the oldest to the newest. */
static int by_zone_and_time(const void *a, const void *b)
{
    const struct ec2_spot_price *x = *(const struct ec2_spot_price *const *)a;
    const struct ec2_spot_price *y = *(const struct ec2_spot_price *const *)b;
    int order = strcmp(x->zone, y->zone);
    if (order != 0)
        return order;
    if (x->since != y->since)
        return x->since < y->since ? -1 : 1;
    return (x->price > y->price) - (x->price < y->price);
}

/* Of the sorted prices of one zone, each weighs by the seconds that it held. */
static double weighted_average(const struct ec2_spot_price *const *prices, size_t count, int64_t from,
                               int64_t to)
{
    double sum = 0;
    double seconds = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t begin = prices[i]->since > from ? prices[i]->since : from;
        int64_t end = i + 1 < count && prices[i + 1]->since < to ? prices[i + 1]->since : to;
        if (end <= begin)
            continue;
        sum += prices[i]->price * (double)(end - begin);
        seconds += (double)(end - begin);
    }
    return seconds > 0 ? sum / seconds : prices[count - 1]->price;
}

static void take_if_cheaper(const struct ec2_spot_price *const *prices, size_t count, int64_t from,
                            int64_t to, struct spot_price *price, bool *found)
{
    const struct ec2_spot_price *newest = prices[count - 1];
    if (newest->price < LOWEST_PRICE || (*found && price->current <= newest->price))
        return;
    snprintf(price->zone, sizeof price->zone, "%s", newest->zone);
    price->current = newest->price;
    price->average = weighted_average(prices, count, from, to);
    *found = true;
}

int spot_price_find(const struct ec2_spot_prices *history, const char *instance_type, const char *region,
                    int64_t from, int64_t to, struct spot_price *price, bool *found, struct err *err)
{
    size_t count = 0;
    AUTO_FREE const struct ec2_spot_price **prices = calloc(history->count + 1, sizeof *prices);
    *found = false;
    if (!prices)
        return err_memory(err);
    for (size_t i = 0; i < history->count; i++)
        if (strcmp(history->items[i].type, instance_type) == 0 && is_zone_of(history->items[i].zone, region))
            prices[count++] = &history->items[i];
    qsort(prices, count, sizeof *prices, by_zone_and_time);
    for (size_t first = 0, next = 0; first < count; first = next) {
        while (next < count && strcmp(prices[next]->zone, prices[first]->zone) == 0)
            next++;
        take_if_cheaper(prices + first, next - first, from, to, price, found);
    }
    return 0;
}
