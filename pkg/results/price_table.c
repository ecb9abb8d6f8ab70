#include "results/price_table.h"

#include "base/clock.h"
#include "results/schema.h"

#include <string.h>

#define TABLE_VERSION "1.0"

/* Each price, and who is asked for it. */
static const struct sourced {
    const char *price;
    enum price_source source;
    const char *name;
} sourced[] = {
    {"onDemand", SOURCE_PRICE_LIST, "AWS Price List, AmazonEC2: Linux, shared tenancy"},
    {"reserved", SOURCE_PRICE_LIST, "AWS Price List, AmazonEC2: Linux, standard class, no upfront"},
    {"spot", SOURCE_SPOT_HISTORY, "EC2 DescribeSpotPriceHistory: Linux/UNIX, seven days"},
    {"reliability", SOURCE_SPOT_ADVISOR, "Spot Instance Advisor: Linux, the month before"},
};

static int add_source(cJSON *sources, const struct sourced *row, const struct price_origin *origin,
                      struct err *err)
{
    char time[TIMESTAMP_SIZE];
    if (!origin->endpoint)
        return json_add_null(sources, row->price, err);
    cJSON *source = json_child(sources, row->price, err);
    format_timestamp(origin->time, time);
    if (!source || json_add_string(source, "name", row->name, err) < 0 ||
        json_add_string(source, "endpoint", origin->endpoint, err) < 0)
        return -1;
    return json_add_string(source, "time", time, err);
}

static int add_sources(cJSON *table, const struct price_table_facts *facts, struct err *err)
{
    cJSON *sources = json_child(table, "sources", err);
    for (size_t i = 0; sources && i < ARRAY_LENGTH(sourced); i++)
        if (add_source(sources, &sourced[i], &facts->origins[sourced[i].source], err) < 0)
            return -1;
    return sources ? 0 : -1;
}

cJSON *price_table_new(const struct price_table_facts *facts, struct err *err)
{
    AUTO_JSON cJSON *table = cJSON_CreateObject();
    if (facts->sandbox &&
        json_add_string(table, "notice", "Prices of a sandbox: invented, not AWS's. Not for publication.",
                        err) < 0)
        return NULL;
    if (json_add_string(table, "schema", SCHEMA_PRICES, err) < 0 ||
        json_add_string(table, "version", TABLE_VERSION, err) < 0 ||
        json_add_bool(table, "sandbox", facts->sandbox, err) < 0 ||
        json_add_string(table, "region", facts->region, err) < 0 ||
        json_add_string(table, "currency", "USD", err) < 0 ||
        json_add_string(table, "per", "hour", err) < 0 || add_sources(table, facts, err) < 0 ||
        !json_child(table, "instances", err) || !json_child(table, "unavailable", err))
        return NULL;
    return TAKE(table);
}

static int add_spot(cJSON *instance, const struct type_prices *prices, struct err *err)
{
    cJSON *spot = json_child(instance, "spot", err);
    if (!spot || json_add_known(spot, "current", prices->spot_current, err) < 0 ||
        json_add_known(spot, "average7d", prices->spot_average, err) < 0 ||
        json_add_known(spot, "reliability", prices->spot_reliability, err) < 0)
        return -1;
    return json_add_string(spot, "zone", prices->spot_zone, err);
}

static int add_reserved(cJSON *instance, const struct type_prices *prices, struct err *err)
{
    cJSON *reserved = json_child(instance, "reserved", err);
    if (!reserved || json_add_known(reserved, "term1yr", prices->reserved_1yr, err) < 0)
        return -1;
    return json_add_known(reserved, "term3yr", prices->reserved_3yr, err);
}

int price_table_add(cJSON *table, const char *instance_type, const struct type_prices *prices,
                    struct err *err)
{
    cJSON *instances = json_child(table, "instances", err);
    cJSON *instance = instances ? json_child(instances, instance_type, err) : NULL;
    if (!instance || json_add_double(instance, "onDemand", prices->on_demand, err) < 0 ||
        add_spot(instance, prices, err) < 0 || add_reserved(instance, prices, err) < 0)
        return -1;
    return json_add_string(instance, "listPublished", prices->list_published, err);
}

int price_table_add_unavailable(cJSON *table, const char *instance_type, const char *reason, struct err *err)
{
    cJSON *unavailable = json_child(table, "unavailable", err);
    return unavailable ? json_add_string(unavailable, instance_type, reason, err) : -1;
}

cJSON *price_table_read(const char *text, size_t length, struct err *err)
{
    AUTO_JSON cJSON *table = json_parse(text, length, PRICE_TABLE_MAX_BYTES, err);
    AUTO_SCHEMA struct schema *schema = table ? schema_load(SCHEMA_PRICES, err) : NULL;
    if (!schema || schema_require(schema, table, err) < 0)
        return NULL;
    return TAKE(table);
}

bool price_table_is_sandbox(const cJSON *table)
{
    return cJSON_IsTrue(json_at(table, "sandbox"));
}
