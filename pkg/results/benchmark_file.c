/* A processed file that lists types: memory-benchmarks.json, cpu-benchmarks.json. */
#include "results/aggregate.h"
#include "results/ranking.h"
#include "results/schema.h"
#include "results/type_statistics.h"

#include <math.h>
#include <string.h>

/* --- instances ----------------------------------------------------------------------------- */

static int add_field(cJSON *instance, const struct type_results *type, size_t field, struct err *err)
{
    const struct gathered *gathered = &type->fields[field];
    const struct published_field *row = &published_fields[field];
    bool null_has_a_meaning = row->kind == FIELD_OR_NULL || (gathered->lacks && row->kind != FIELD_IF_HAD);
    if (gathered->count == 0 && !null_has_a_meaning)
        return 0;
    const char *name = NULL;
    cJSON *parent = json_parent(instance, row->place, &name, err);
    return parent ? json_add_known(parent, name, gathered_median(gathered), err) : -1;
}

static int add_unit(cJSON *instance, const struct published_unit *unit, struct err *err)
{
    const char *name = NULL;
    cJSON *parent = json_parent(instance, unit->place, &name, err);
    cJSON *group = parent ? json_child(parent, name, err) : NULL;
    return group ? json_add_string(group, "unit", unit->unit, err) : -1;
}

/* Whose results they are, and how many. */
static int add_origin(cJSON *instance, const struct type_results *type, struct err *err)
{
    if (json_add_string(instance, "architecture", type->vendor, err) < 0 ||
        json_add_string(instance, "instanceFamily", type->family[0] ? type->family : NULL, err) < 0 ||
        json_add_string(instance, "cpuArchitecture", type->architecture, err) < 0 ||
        json_add(instance, "cpuModels", words_json(&type->models), err) < 0 ||
        json_add(instance, "regions", words_json(&type->regions), err) < 0 ||
        json_add(instance, "collectionMethods", words_json(&type->methods), err) < 0 ||
        json_add(instance, "flags", words_json(&type->flags), err) < 0 ||
        json_add_i64(instance, "results", (int64_t)type->documents, err) < 0)
        return -1;
    return json_add_string(instance, "lastMeasured", type->newest, err);
}

static cJSON *instance_of(const struct type_results *type, enum published_file file, struct err *err)
{
    AUTO_JSON cJSON *instance = cJSON_CreateObject();
    if (!instance || add_origin(instance, type, err) < 0)
        return NULL;
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++)
        if (published_fields[i].file == file && add_field(instance, type, i, err) < 0)
            return NULL;
    for (size_t i = 0; i < PUBLISHED_UNIT_COUNT; i++)
        if (published_units[i].file == file && add_unit(instance, &published_units[i], err) < 0)
            return NULL;
    if (json_add(instance, "statistics", type_statistics(type, file, err), err) < 0 ||
        json_add(instance, "strata", type_strata(type, file, err), err) < 0)
        return NULL;
    return TAKE(instance);
}

static int add_instances(cJSON *tree, const struct listed *listed, struct err *err)
{
    cJSON *instances = json_child(tree, "instances", err);
    for (size_t i = 0; i < listed->count && instances; i++) {
        cJSON *instance = instance_of(listed->types[i], listed->file, err);
        if (!instance || json_add(instances, listed->types[i]->name, instance, err) < 0)
            return -1;
    }
    return instances ? 0 : -1;
}

/* --- rankings and summary ------------------------------------------------------------------ */

/* {"instanceType", value}, nulls for no type. */
static cJSON *row_of(const struct published_ranking *ranking, const struct type_results *type,
                     struct err *err)
{
    AUTO_JSON cJSON *row = cJSON_CreateObject();
    double value = type ? gathered_median(&type->fields[ranking->field]) : NAN;
    if (json_add_string(row, "instanceType", type ? type->name : NULL, err) < 0 ||
        json_add_known(row, ranking->value_name, value, err) < 0)
        return NULL;
    return TAKE(row);
}

static int add_best(cJSON *tree, const struct published_ranking *ranking, const struct type_results *type,
                    struct err *err)
{
    AUTO_JSON cJSON *best = row_of(ranking, type, err);
    cJSON *summary = json_child(tree, "summary", err);
    if (!best || !summary || json_add_string(best, "unit", ranking->unit, err) < 0)
        return -1;
    return json_add(summary, ranking->best_name, TAKE(best), err);
}

static int add_ranking(cJSON *tree, const struct published_ranking *ranking, const struct listed *listed,
                       struct err *err)
{
    size_t count = 0;
    AUTO_FREE struct place *places = rank_types(ranking, listed, &count, err);
    AUTO_JSON cJSON *array = cJSON_CreateArray();
    cJSON *parent = json_child(tree, "rankings", err);
    if (!places || !parent)
        return -1;
    for (size_t i = 0; i < count; i++) {
        AUTO_JSON cJSON *row = row_of(ranking, places[i].type, err);
        if (!row || json_add_string(row, "architecture", places[i].type->vendor, err) < 0)
            return -1;
        if (!cJSON_AddItemToArray(array, row))
            return err_memory(err);
        row = NULL;
    }
    if (json_add(parent, ranking->name, TAKE(array), err) < 0)
        return -1;
    return add_best(tree, ranking, count ? places[0].type : NULL, err);
}

static int add_totals(cJSON *tree, const struct listed *listed, struct err *err)
{
    CLEANUP(words_free) struct words vendors = {0};
    for (size_t i = 0; i < listed->count; i++)
        if (words_add(&vendors, listed->types[i]->vendor, err) < 0)
            return -1;
    cJSON *summary = json_child(tree, "summary", err);
    if (!summary || json_add_i64(summary, "totalInstances", (int64_t)listed->count, err) < 0)
        return -1;
    return json_add(summary, "architectures", words_json(&vendors), err);
}

static int add_rankings(cJSON *tree, const struct listed *listed, struct err *err)
{
    if (!json_child(tree, "rankings", err) || add_totals(tree, listed, err) < 0)
        return -1;
    for (size_t i = 0; i < PUBLISHED_RANKING_COUNT; i++)
        if (published_rankings[i].file == listed->file &&
            add_ranking(tree, &published_rankings[i], listed, err) < 0)
            return -1;
    return 0;
}

/* --- the newest result, for those who take the file for one -------------------------------- */

/* What that reader finds where there is no result: every object that it goes through, nulls in them. */
static int add_no_result(cJSON *tree, struct err *err)
{
    static const char *const empty[] = {
        "metadata.timestamp",
        "metadata.instance_type",
        "performance_data.stream.copy.bandwidth",
        "performance_data.stream.scale.bandwidth",
        "performance_data.stream.add.bandwidth",
        "performance_data.stream.triad.bandwidth",
        "system_info.architecture",
        "system_info.instance_family",
        "execution_context.compiler_optimizations",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(empty); i++) {
        const char *name = NULL;
        cJSON *parent = json_parent(tree, empty[i], &name, err);
        if (!parent || json_add_null(parent, name, err) < 0)
            return -1;
        if (strcmp(name, "bandwidth") == 0 && json_add_string(parent, "unit", "GB/s", err) < 0)
            return -1;
    }
    return 0;
}

static int add_newest(cJSON *tree, const struct aggregate *aggregate, struct err *err)
{
    const cJSON *newest = aggregate->pools[FILE_MEMORY][POOL_EC2].newest_stream;
    if (!newest)
        newest = aggregate->pools[FILE_MEMORY][POOL_OTHER].newest_stream;
    if (!newest)
        return add_no_result(tree, err);
    const cJSON *part;
    cJSON_ArrayForEach(part, newest)
    {
        if (json_add(tree, part->string, cJSON_Duplicate(part, true), err) < 0)
            return -1;
    }
    return 0;
}

cJSON *aggregate_benchmark_file(const struct aggregate *aggregate, enum published_file file, struct err *err)
{
    const struct published_file_row *row = &published_files[file];
    AUTO_LISTED struct listed listed = {0};
    AUTO_JSON cJSON *tree = new_processed_file(aggregate, row->schema, err);
    if (!tree || json_add(tree, "grades", grades_json(err), err) < 0 ||
        list_complete(aggregate, file, &listed, err) < 0 || add_instances(tree, &listed, err) < 0 ||
        add_rankings(tree, &listed, err) < 0 ||
        (row->carries_newest_stream && add_newest(tree, aggregate, err) < 0))
        return NULL;
    return TAKE(tree);
}
