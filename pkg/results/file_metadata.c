/* metadata.json. */
#include "results/aggregate.h"
#include "results/listing.h"
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

static cJSON *missing_of(const struct memory_type *type, struct err *err)
{
    CLEANUP(words_free) struct words missing = {0};
    return missing_fields(type, &missing, err) == 0 ? words_json(&missing) : NULL;
}

static int add_incomplete(cJSON *tree, const struct aggregate *aggregate, struct err *err)
{
    cJSON *incomplete = json_child(tree, "incompleteTypes", err);
    struct type_walk walk = {.aggregate = aggregate};
    const struct memory_type *type;
    while (incomplete && (type = next_type(&walk)))
        if (!is_complete(type) && json_add(incomplete, type->name, missing_of(type, err), err) < 0)
            return -1;
    return incomplete ? 0 : -1;
}

cJSON *aggregate_metadata(const struct aggregate *aggregate, struct err *err)
{
    static const char *const files[] = {"memory-benchmarks.json", "metadata.json"};
    AUTO_JSON cJSON *tree = new_processed_file(aggregate, SCHEMA_METADATA, err);
    if (!tree || json_add(tree, "files", cJSON_CreateStringArray(files, ARRAY_LENGTH(files)), err) < 0 ||
        add_counts(tree, aggregate, err) < 0 || add_incomplete(tree, aggregate, err) < 0)
        return NULL;
    return TAKE(tree);
}
