/* instance-rankings.json: every ranking of every file, with what each place is worth. */
#include "results/grade.h"
#include "results/measurements.h"
#include "results/ranking.h"
#include "results/schema.h"
#include "results/type_statistics.h"

#include <string.h>

/* Of the median where there are results enough, else of the mean. */
static struct interval interval_of(const struct summary *summary)
{
    return summary->median_interval.known ? summary->median_interval : summary->mean_interval;
}

/* Among all types, or those of one vendor; equal values share a rank, as in sport. */
static int64_t rank_of(const struct place *places, size_t at, const char *vendor)
{
    int64_t better = 0;
    for (size_t i = 0; i < at && places[i].value != places[at].value; i++)
        better += !vendor || strcmp(places[i].type->vendor, vendor) == 0;
    return better + 1;
}

static cJSON *place_json(const struct published_ranking *ranking, const struct place *places, size_t at,
                         struct err *err)
{
    const struct place *place = &places[at];
    const struct gathered *gathered = &place->type->fields[ranking->field];
    AUTO_SUMMARY struct summary summary = {0};
    AUTO_JSON cJSON *row = cJSON_CreateObject();
    if (summarize_medians(gathered, &summary, err) < 0 ||
        json_add_i64(row, "rank", rank_of(places, at, NULL), err) < 0 ||
        json_add_i64(row, "rankInArchitecture", rank_of(places, at, place->type->vendor), err) < 0 ||
        json_add_string(row, "instanceType", place->type->name, err) < 0 ||
        json_add_string(row, "architecture", place->type->vendor, err) < 0 ||
        json_add_double(row, "value", place->value, err) < 0 ||
        add_interval(row, "interval95", interval_of(&summary), err) < 0 ||
        json_add_i64(row, "results", (int64_t)gathered->count, err) < 0 ||
        json_add_string(row, "grade", grade_of(&summary), err) < 0)
        return NULL;
    return TAKE(row);
}

static int add_places(cJSON *object, const struct published_ranking *ranking, const struct place *places,
                      size_t count, struct err *err)
{
    cJSON *array = cJSON_AddArrayToObject(object, "types");
    if (!array)
        return err_memory(err);
    for (size_t i = 0; i < count; i++) {
        cJSON *row = place_json(ranking, places, i, err);
        if (!row)
            return -1;
        if (!cJSON_AddItemToArray(array, row)) {
            cJSON_Delete(row);
            return err_memory(err);
        }
    }
    return 0;
}

static int add_ranking(cJSON *rankings, const struct published_ranking *ranking, const struct listed *listed,
                       struct err *err)
{
    size_t count = 0;
    AUTO_FREE struct place *places = rank_types(ranking, listed, &count, err);
    cJSON *object = places ? json_child(rankings, ranking->name, err) : NULL;
    if (!object || json_add_string(object, "figure", published_fields[ranking->field].place, err) < 0 ||
        json_add_string(object, "unit", ranking->unit, err) < 0 ||
        json_add_string(object, "best", ranking->highest_first ? "highest" : "lowest", err) < 0)
        return -1;
    return add_places(object, ranking, places, count, err);
}

static int add_rankings_of(cJSON *rankings, const struct aggregate *aggregate, enum published_file file,
                           struct err *err)
{
    AUTO_LISTED struct listed listed = {0};
    if (list_complete(aggregate, file, &listed, err) < 0)
        return -1;
    for (size_t i = 0; i < PUBLISHED_RANKING_COUNT; i++)
        if (published_rankings[i].file == file &&
            add_ranking(rankings, &published_rankings[i], &listed, err) < 0)
            return -1;
    return 0;
}

cJSON *aggregate_rankings(const struct aggregate *aggregate, struct err *err)
{
    AUTO_JSON cJSON *tree = new_processed_file(aggregate, SCHEMA_INSTANCE_RANKINGS, err);
    if (!tree || json_add(tree, "grades", grades_json(err), err) < 0)
        return NULL;
    cJSON *rankings = json_child(tree, "rankings", err);
    for (enum published_file file = 0; file < PUBLISHED_FILES; file++)
        if (!rankings || add_rankings_of(rankings, aggregate, file, err) < 0)
            return NULL;
    return TAKE(tree);
}
