#include "results/listing.h"

#include <string.h>

#define FILE_VERSION "1.0"
#define NO_RESULT_YET "1970-01-01T00:00:00Z"

static bool has_field(const struct type_results *type, size_t field)
{
    const struct gathered *gathered = &type->fields[field];
    enum field_kind kind = published_fields[field].kind;
    if (kind == FIELD_NEEDED)
        return gathered->count > 0;
    return kind != FIELD_MAY_LACK || gathered->count > 0 || gathered->lacks;
}

/* Of the fields that only some hardware has: true, too, where the file has no such fields. */
static bool has_one_of_some(const struct type_results *type, enum published_file file)
{
    bool any = false;
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++) {
        if (published_fields[i].file != file || published_fields[i].kind != FIELD_IF_HAD)
            continue;
        any = true;
        if (type->fields[i].count > 0)
            return true;
    }
    return !any;
}

/* The consumer knows these three. */
static bool has_known_vendor(const struct type_results *type)
{
    return strcmp(type->vendor, "intel") == 0 || strcmp(type->vendor, "amd") == 0 ||
           strcmp(type->vendor, "graviton") == 0;
}

bool is_complete(const struct type_results *type, enum published_file file)
{
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++)
        if (published_fields[i].file == file && !has_field(type, i))
            return false;
    return has_one_of_some(type, file) && has_known_vendor(type);
}

int missing_fields(const struct type_results *type, enum published_file file, struct words *missing,
                   struct err *err)
{
    bool has_some = has_one_of_some(type, file);
    if (!has_known_vendor(type) && words_add(missing, "architecture", err) < 0)
        return -1;
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++) {
        const struct published_field *field = &published_fields[i];
        bool there = has_field(type, i) && (field->kind != FIELD_IF_HAD || has_some);
        if (field->file == file && !there && words_add(missing, field->place, err) < 0)
            return -1;
    }
    return 0;
}

static const struct type_results *better_of(const struct type_results *ec2, const struct type_results *other,
                                            enum published_file file)
{
    return is_complete(ec2, file) || !is_complete(other, file) ? ec2 : other;
}

static const struct type_results *front_of(const struct type_walk *walk, enum pool_kind kind)
{
    const struct pool *pool = &walk->aggregate->pools[walk->file][kind];
    return walk->at[kind] < pool->count ? pool->types[walk->at[kind]] : NULL;
}

const struct type_results *next_type(struct type_walk *walk)
{
    const struct type_results *ec2 = front_of(walk, POOL_EC2);
    const struct type_results *other = front_of(walk, POOL_OTHER);
    if (!ec2 && !other)
        return NULL;
    int order = !other ? -1 : !ec2 ? 1 : strcmp(ec2->name, other->name);
    if (order <= 0)
        walk->at[POOL_EC2]++;
    if (order >= 0)
        walk->at[POOL_OTHER]++;
    if (order == 0)
        return better_of(ec2, other, walk->file);
    return order < 0 ? ec2 : other;
}

void listed_free(struct listed *listed)
{
    free(listed->types);
}

static void sort_fields(const struct type_results *type, enum published_file file)
{
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++)
        if (published_fields[i].file == file)
            gathered_sort(&type->fields[i]);
}

int list_complete(const struct aggregate *aggregate, enum published_file file, struct listed *listed,
                  struct err *err)
{
    const struct pool *pools = aggregate->pools[file];
    size_t most = pools[POOL_EC2].count + pools[POOL_OTHER].count;
    *listed = (struct listed){.file = file, .types = calloc(most + 1, sizeof(struct type_results *))};
    if (!listed->types)
        return err_memory(err);
    struct type_walk walk = {aggregate, file, {0}};
    const struct type_results *type;
    while ((type = next_type(&walk)))
        if (is_complete(type, file)) {
            sort_fields(type, file);
            listed->types[listed->count++] = type;
        }
    return 0;
}

static int add_notice(cJSON *tree, const struct aggregate *aggregate, struct err *err)
{
    size_t others = 0;
    for (size_t file = 0; file < PUBLISHED_FILES; file++)
        others += aggregate->pools[file][POOL_OTHER].count;
    if (others == 0)
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
