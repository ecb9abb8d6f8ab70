#include "price_fetch.h"

#include "aws/pricing.h"
#include "aws/spot_advisor.h"
#include "discovery/spot_price.h"
#include "results/price_table.h"

#include <math.h>
#include <string.h>

#define SPOT_SECONDS (INT64_C(7) * 24 * 3600)

/* What is at hand while the types are gone through. */
struct fetching {
    struct aws_client *client;
    const struct price_request *request;
    const char *region;
    int64_t now;
    struct ec2_spot_prices history;
    cJSON *advisor; /* NULL: it did not answer */
    cJSON *table;
    bool complete;
};

static void fetching_free(struct fetching *fetching)
{
    ec2_spot_prices_free(&fetching->history);
    cJSON_Delete(fetching->advisor);
    cJSON_Delete(fetching->table);
}

/* It is no service with an account behind it: without it the rest is told. */
static int ask_advisor(struct fetching *fetching, struct err *err)
{
    struct err failure = {0};
    fetching->advisor = spot_advisor_get(fetching->client, fetching->request->advisor_url, &failure);
    if (fetching->advisor)
        return 0;
    if (failure.kind == ERR_CANCELLED)
        return err_copy(err, &failure);
    log_line(fetching->request->log, LOG_WARNING, "%s: how reliable spot instances are stays unknown",
             failure.message);
    fetching->complete = false;
    return 0;
}

static int ask_for_history(struct fetching *fetching, struct err *err)
{
    const struct words *types = fetching->request->types;
    return ec2_describe_spot_prices(fetching->client, (const char *const *)types->items, types->count,
                                    fetching->now - SPOT_SECONDS, fetching->now, &fetching->history, err);
}

static int begin_table(struct fetching *fetching, struct err *err)
{
    const struct aws *aws = fetching->client->aws;
    const char *url = fetching->request->advisor_url;
    const double now = (double)fetching->now;
    const struct price_table_facts facts = {
        .sandbox = !aws_is_real(aws) || strcmp(url, SPOT_ADVISOR_URL) != 0,
        .region = fetching->region,
        .origins = {[SOURCE_PRICE_LIST] = {aws_endpoint(aws, AWS_PRICING), now},
                    [SOURCE_SPOT_HISTORY] = {aws_endpoint(aws, AWS_EC2), now},
                    [SOURCE_SPOT_ADVISOR] = {fetching->advisor ? url : NULL, now}},
    };
    fetching->table = price_table_new(&facts, err);
    return fetching->table ? 0 : -1;
}

static int add_type(struct fetching *fetching, const char *type, const struct listed_prices *listed,
                    struct err *err)
{
    bool found = false;
    struct spot_price spot = {.current = NAN, .average = NAN};
    if (spot_price_find(&fetching->history, type, fetching->region, fetching->now - SPOT_SECONDS,
                        fetching->now, &spot, &found, err) < 0)
        return -1;
    const struct type_prices prices = {
        .on_demand = listed->on_demand,
        .reserved_1yr = listed->reserved_1yr,
        .reserved_3yr = listed->reserved_3yr,
        .spot_current = spot.current,
        .spot_average = spot.average,
        .spot_reliability = found ? spot_advisor_reliability(fetching->advisor, fetching->region, type) : NAN,
        .spot_zone = found ? spot.zone : NULL,
        .list_published = listed->published[0] ? listed->published : NULL,
    };
    return price_table_add(fetching->table, type, &prices, err);
}

/* A type that the list lacks, or contradicts itself about, has no price; what fails otherwise would fail for
 * the next type as well. */
static int ask_for_type(struct fetching *fetching, const char *type, struct err *err)
{
    struct err failure = {0};
    struct listed_prices listed;
    if (pricing_get(fetching->client, type, fetching->region, &listed, &failure) == 0)
        return add_type(fetching, type, &listed, err);
    if (failure.kind != ERR_NOT_FOUND && failure.kind != ERR_DATA)
        return err_copy(err, &failure);
    log_line(fetching->request->log, LOG_WARNING, "no price for %s: %s", type, failure.message);
    fetching->complete = false;
    return price_table_add_unavailable(fetching->table, type, failure.message, err);
}

cJSON *price_fetch(struct aws_client *client, const struct price_request *request, bool *complete,
                   struct err *err)
{
    CLEANUP(fetching_free)
    struct fetching fetching = {.client = client,
                                .request = request,
                                .region = aws_region(client->aws),
                                .now = aws_time(client->aws),
                                .complete = true};
    if (ask_for_history(&fetching, err) < 0 || ask_advisor(&fetching, err) < 0 ||
        begin_table(&fetching, err) < 0)
        return NULL;
    for (size_t i = 0; i < request->types->count; i++)
        if (ask_for_type(&fetching, request->types->items[i], err) < 0)
            return NULL;
    *complete = fetching.complete;
    return TAKE(fetching.table);
}
