/* price-performance.json. */
#include "results/price_file.h"

#include "base/strbuf.h"
#include "results/listing.h"
#include "results/price_table.h"
#include "results/schema.h"

#include <math.h>
#include <string.h>

#define SECONDS_PER_HOUR 3600.0
#define LEAST_FIGURE 1e-6 /* of any unit; of less there is no cost that says anything */

/* What is measured, and what a unit of it costs. */
static const struct cost {
    const char *name;
    enum published_file file;
    const char *place;
} costs[] = {
    {"costPerGflop", FILE_CPU, "linpack.gflops"},
    {"costPerGBs", FILE_MEMORY, "stream.triad.bandwidth"},
};

/* --- what there is of a type ------------------------------------------------------------------- */

int measured_types(const struct aggregate *aggregate, struct words *names, struct err *err)
{
    for (enum published_file file = 0; file < PUBLISHED_FILES; file++) {
        struct type_walk walk = {aggregate, file, {0}};
        const struct type_results *type;
        while ((type = next_type(&walk)))
            if (words_add(names, type->name, err) < 0)
                return -1;
    }
    return 0;
}

static const cJSON *price_of(const struct aggregate *aggregate, const char *instance_type)
{
    return cJSON_GetObjectItemCaseSensitive(json_at(aggregate->options.prices, "instances"), instance_type);
}

const char *why_without_price(const struct aggregate *aggregate, const char *instance_type)
{
    const cJSON *prices = aggregate->options.prices;
    if (!prices)
        return "no prices were given";
    if (price_of(aggregate, instance_type))
        return NULL;
    const cJSON *reason = cJSON_GetObjectItemCaseSensitive(json_at(prices, "unavailable"), instance_type);
    return reason ? reason->valuestring : "it is not among the types that the prices are of";
}

/* NAN where the figure was not measured. */
static double figure_of(const struct aggregate *aggregate, const struct cost *cost, const char *instance_type)
{
    struct type_walk walk = {aggregate, cost->file, {0}};
    const struct type_results *type;
    do
        type = next_type(&walk);
    while (type && strcmp(type->name, instance_type) != 0);
    for (size_t i = 0; type && i < PUBLISHED_FIELD_COUNT; i++)
        if (published_fields[i].file == cost->file && strcmp(published_fields[i].place, cost->place) == 0) {
            gathered_sort(&type->fields[i]);
            return gathered_median(&type->fields[i]);
        }
    return NAN;
}

int missing_costs(const struct aggregate *aggregate, const char *instance_type, struct words *missing,
                  struct err *err)
{
    for (size_t i = 0; i < ARRAY_LENGTH(costs); i++) {
        char name[64];
        snprintf(name, sizeof name, "costEfficiency.%s", costs[i].name);
        if (!(figure_of(aggregate, &costs[i], instance_type) >= LEAST_FIGURE) &&
            words_add(missing, name, err) < 0)
            return -1;
    }
    return 0;
}

/* --- the file ---------------------------------------------------------------------------------- */

/* EC2's instances, where there are any; else the others. */
static double seconds_per_result(const struct aggregate *aggregate, const char *instance_type)
{
    double seconds = billed_seconds(&aggregate->billed[POOL_EC2], instance_type);
    return isnan(seconds) ? billed_seconds(&aggregate->billed[POOL_OTHER], instance_type) : seconds;
}

static int add_costs(cJSON *instance, const struct aggregate *aggregate, const char *instance_type,
                     struct err *err)
{
    double price = 0;
    cJSON *efficiency = json_child(instance, "costEfficiency", err);
    if (!efficiency || json_get_double(instance, "onDemand", &price, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(costs); i++)
        if (json_add_double(efficiency, costs[i].name, price / figure_of(aggregate, &costs[i], instance_type),
                            err) < 0)
            return -1;
    return json_add_known(efficiency, "costPerResult",
                          price * seconds_per_result(aggregate, instance_type) / SECONDS_PER_HOUR, err);
}

/* Adds the type when it has a price and all that its costs are made of. */
static int add_type(cJSON *instances, const struct aggregate *aggregate, const char *instance_type,
                    struct err *err)
{
    CLEANUP(words_free) struct words missing = {0};
    const cJSON *price = price_of(aggregate, instance_type);
    if (missing_costs(aggregate, instance_type, &missing, err) < 0)
        return -1;
    if (!price || missing.count > 0)
        return 0;
    if (json_add(instances, instance_type, cJSON_Duplicate(price, true), err) < 0)
        return -1;
    return add_costs(cJSON_GetObjectItemCaseSensitive(instances, instance_type), aggregate, instance_type,
                     err);
}

static int add_instances(cJSON *tree, const struct aggregate *aggregate, struct err *err)
{
    CLEANUP(words_free) struct words names = {0};
    cJSON *instances = json_child(tree, "instances", err);
    if (!instances || measured_types(aggregate, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.count; i++)
        if (add_type(instances, aggregate, names.items[i], err) < 0)
            return -1;
    return 0;
}

/* Where the prices are from. */
static int add_origin(cJSON *tree, const cJSON *prices, struct err *err)
{
    static const char *const parts[] = {"sandbox", "region", "currency", "per", "sources"};
    if (!prices)
        return json_add_null(tree, "prices", err);
    cJSON *origin = json_child(tree, "prices", err);
    for (size_t i = 0; origin && i < ARRAY_LENGTH(parts); i++)
        if (json_add(origin, parts[i], cJSON_Duplicate(json_at(prices, parts[i]), true), err) < 0)
            return -1;
    return origin ? 0 : -1;
}

/* What must be known of the prices before anything else; NULL: nothing. */
static const char *notice_of(const cJSON *prices)
{
    if (!prices)
        return "No instance type is listed, since no prices were given: `discover prices` finds them, and "
               "`process --prices` takes them.";
    return price_table_is_sandbox(prices)
               ? "Holds prices of a sandbox: invented, not AWS's. Not for publication."
               : NULL;
}

/* At the top, behind what stands there of the results. */
static int add_notice(cJSON *tree, const char *notice, struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(4096);
    const char *before = json_string_or(tree, "notice", NULL);
    if (before)
        strbuf_addf(&text, "%s ", before);
    strbuf_adds(&text, notice);
    cJSON_DeleteItemFromObjectCaseSensitive(tree, "notice");
    if (strbuf_ok(&text, "the notice", err) < 0 ||
        json_add_string(tree, "notice", strbuf_text(&text), err) < 0)
        return -1;
    cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(tree, "notice");
    return cJSON_InsertItemInArray(tree, 0, item) ? 0 : err_memory(err);
}

cJSON *aggregate_price_file(const struct aggregate *aggregate, struct err *err)
{
    const cJSON *prices = aggregate->options.prices;
    const char *notice = notice_of(prices);
    AUTO_JSON cJSON *tree = new_processed_file(aggregate, SCHEMA_PRICE_PERFORMANCE, err);
    if (!tree || (notice && add_notice(tree, notice, err) < 0) || add_origin(tree, prices, err) < 0 ||
        add_instances(tree, aggregate, err) < 0)
        return NULL;
    return TAKE(tree);
}
