/* metadata.json. */
#include "results/aggregate.h"
#include "results/listing.h"
#include "results/price_file.h"
#include "results/processed.h"
#include "results/schema.h"

static int add_counts(cJSON *tree, const struct aggregate *aggregate, struct err *err)
{
    cJSON *results = json_child(tree, "results", err);
    if (!results || json_add_i64(results, "used", (int64_t)aggregate->used, err) < 0)
        return -1;
    cJSON *left_out = json_child(results, "leftOut", err);
    for (size_t i = 0; i < LEFT_OUT_COUNT && left_out; i++)
        if (aggregate->left_out[i] > 0 && json_add_i64(left_out, left_out_name((enum left_out_reason)i),
                                                       (int64_t)aggregate->left_out[i], err) < 0)
            return -1;
    return left_out ? 0 : -1;
}

/* A type that lacks something in several files has one list of what it lacks. */
static int put_missing(cJSON *incomplete, const char *instance_type, struct words *missing, struct err *err)
{
    const cJSON *before = cJSON_GetObjectItemCaseSensitive(incomplete, instance_type);
    const cJSON *place;
    if (missing->count == 0)
        return 0;
    cJSON_ArrayForEach(place, before)
    {
        if (words_add(missing, place->valuestring, err) < 0)
            return -1;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(incomplete, instance_type);
    return json_add(incomplete, instance_type, words_json(missing), err);
}

static int add_missing(cJSON *incomplete, const struct type_results *type, enum published_file file,
                       struct err *err)
{
    CLEANUP(words_free) struct words missing = {0};
    if (missing_fields(type, file, &missing, err) < 0)
        return -1;
    return put_missing(incomplete, type->name, &missing, err);
}

static int add_incomplete(cJSON *tree, const struct aggregate *aggregate, struct err *err)
{
    cJSON *incomplete = json_child(tree, "incompleteTypes", err);
    for (enum published_file file = 0; incomplete && file < PUBLISHED_FILES; file++) {
        struct type_walk walk = {aggregate, file, {0}};
        const struct type_results *type;
        while ((type = next_type(&walk)))
            if (!is_complete(type, file) && add_missing(incomplete, type, file, err) < 0)
                return -1;
    }
    return incomplete ? 0 : -1;
}

/* A type without a price is named apart; one that has a price lacks the figures that costs are made of. */
static int add_unpriced(cJSON *tree, const struct aggregate *aggregate, struct err *err)
{
    CLEANUP(words_free) struct words names = {0};
    cJSON *incomplete = json_child(tree, "incompleteTypes", err);
    cJSON *unpriced = json_child(tree, "typesWithoutPrice", err);
    if (!incomplete || !unpriced || measured_types(aggregate, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.count; i++) {
        CLEANUP(words_free) struct words missing = {0};
        const char *reason = why_without_price(aggregate, names.items[i]);
        if (reason ? json_add_string(unpriced, names.items[i], reason, err) < 0
                   : missing_costs(aggregate, names.items[i], &missing, err) < 0 ||
                         put_missing(incomplete, names.items[i], &missing, err) < 0)
            return -1;
    }
    return 0;
}

static int add_file_names(cJSON *tree, struct err *err)
{
    const char *names[PROCESSED_FILES];
    for (size_t i = 0; i < PROCESSED_FILES; i++)
        names[i] = processed_files[i].name;
    return json_add(tree, "files", cJSON_CreateStringArray(names, ARRAY_LENGTH(names)), err);
}

cJSON *aggregate_metadata(const struct aggregate *aggregate, struct err *err)
{
    AUTO_JSON cJSON *tree = new_processed_file(aggregate, SCHEMA_METADATA, err);
    if (!tree || add_file_names(tree, err) < 0 || add_counts(tree, aggregate, err) < 0 ||
        add_incomplete(tree, aggregate, err) < 0 || add_unpriced(tree, aggregate, err) < 0)
        return NULL;
    return TAKE(tree);
}
