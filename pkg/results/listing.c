#include "results/listing.h"

#include "results/stats.h"

#include <math.h>
#include <string.h>

#define FILE_VERSION "1.0"
#define NO_RESULT_YET "1970-01-01T00:00:00Z"

double gathered_median(const struct gathered *gathered)
{
    return gathered->count ? median_in_place(gathered->values, gathered->count) : NAN;
}

static bool has_field(const struct memory_type *type, size_t field)
{
    const struct gathered *gathered = &type->fields[field];
    if (memory_fields[field].kind == FIELD_EXTRA || gathered->count > 0)
        return true;
    return memory_fields[field].kind == FIELD_MAY_LACK && gathered->lacks;
}

/* The consumer knows these three. */
static bool has_known_vendor(const struct memory_type *type)
{
    return strcmp(type->vendor, "intel") == 0 || strcmp(type->vendor, "amd") == 0 ||
           strcmp(type->vendor, "graviton") == 0;
}

bool is_complete(const struct memory_type *type)
{
    for (size_t i = 0; i < MEMORY_FIELD_COUNT; i++)
        if (!has_field(type, i))
            return false;
    return has_known_vendor(type);
}

int missing_fields(const struct memory_type *type, struct words *missing, struct err *err)
{
    if (!has_known_vendor(type) && words_add(missing, "architecture", err) < 0)
        return -1;
    for (size_t i = 0; i < MEMORY_FIELD_COUNT; i++)
        if (!has_field(type, i) && words_add(missing, memory_fields[i].place, err) < 0)
            return -1;
    return 0;
}

static const struct memory_type *better_of(const struct memory_type *ec2, const struct memory_type *other)
{
    return is_complete(ec2) || !is_complete(other) ? ec2 : other;
}

static const struct memory_type *front_of(const struct type_walk *walk, enum pool_kind kind)
{
    const struct pool *pool = &walk->aggregate->pools[kind];
    return walk->at[kind] < pool->count ? pool->types[walk->at[kind]] : NULL;
}

const struct memory_type *next_type(struct type_walk *walk)
{
    const struct memory_type *ec2 = front_of(walk, POOL_EC2);
    const struct memory_type *other = front_of(walk, POOL_OTHER);
    if (!ec2 && !other)
        return NULL;
    int order = !other ? -1 : !ec2 ? 1 : strcmp(ec2->name, other->name);
    if (order <= 0)
        walk->at[POOL_EC2]++;
    if (order >= 0)
        walk->at[POOL_OTHER]++;
    if (order == 0)
        return better_of(ec2, other);
    return order < 0 ? ec2 : other;
}

static int add_notice(cJSON *tree, const struct aggregate *aggregate, struct err *err)
{
    if (aggregate->pools[POOL_OTHER].count == 0)
        return 0;
    return json_add_string(tree, "notice",
                           "Holds sandbox or local results, asked for by name: not measured on EC2 instances "
                           "of the types that they stand under. Not for publication.",
                           err);
}

cJSON *new_processed_file(const struct aggregate *aggregate, const char *schema, struct err *err)
{
    AUTO_JSON cJSON *tree = cJSON_CreateObject();
    const char *updated = aggregate->newest[0] ? aggregate->newest : NO_RESULT_YET;
    if (!tree || add_notice(tree, aggregate, err) < 0 || json_add_string(tree, "schema", schema, err) < 0 ||
        json_add_string(tree, "version", FILE_VERSION, err) < 0 ||
        json_add_string(tree, "lastUpdated", updated, err) < 0 ||
        json_add(tree, "collectionMethods", words_json(&aggregate->methods), err) < 0)
        return NULL;
    return TAKE(tree);
}
