/* The summary of a week or a month: what was measured in it, and what has moved since the type was measured
 * last. */
#include "results/change.h"
#include "results/listing.h"
#include "results/measurements.h"
#include "results/schema.h"

#include <math.h>
#include <string.h>

/* A figure of one type, period by period. */
struct history {
    const struct type_results *type;
    const struct gathered *gathered;
    enum period_kind kind;
};

static int32_t period_of_value(const struct history *history, size_t value)
{
    const struct run *run = &history->type->runs[history->gathered->values[value].run];
    return period_of_day(history->kind, run->day);
}

/* Of a period in which there are values. */
static int summarize_period(const struct history *history, int32_t period, struct summary *summary,
                            struct err *err)
{
    size_t count = 0;
    AUTO_FREE double *medians = calloc(history->gathered->count + 1, sizeof *medians);
    if (!medians)
        return err_memory(err);
    for (size_t i = 0; i < history->gathered->count; i++)
        if (period_of_value(history, i) == period)
            medians[count++] = history->gathered->values[i].median;
    return summarize(medians, count, summary, err);
}

/* The latest period with values that is no later than `last`. false: there is none. */
static bool latest_period(const struct history *history, int32_t last, int32_t *period)
{
    bool found = false;
    for (size_t i = 0; i < history->gathered->count; i++) {
        int32_t its = period_of_value(history, i);
        if (its <= last && (!found || its > *period)) {
            *period = its;
            found = true;
        }
    }
    return found;
}

/* --- trend --------------------------------------------------------------------------------- */

/* That a trend is made of, this one included. */
#define TREND_PERIODS 12

/* The share of the median by which the figure grows from one period to the next; NAN: too few periods. */
static int trend_of(const struct history *history, int32_t period, double *trend, struct err *err)
{
    double x[TREND_PERIODS];
    double y[TREND_PERIODS] = {0};
    double scratch[TREND_PERIODS * (TREND_PERIODS - 1) / 2];
    size_t at = TREND_PERIODS;
    for (int32_t last = period, its = 0; at > 0 && latest_period(history, last, &its); last = its - 1) {
        AUTO_SUMMARY struct summary summary = {0};
        if (summarize_period(history, its, &summary, err) < 0)
            return -1;
        x[--at] = its;
        y[at] = summary.median;
    }
    double slope = theil_sen_slope(x + at, y + at, TREND_PERIODS - at, scratch);
    *trend = y[TREND_PERIODS - 1] > 0 ? slope / y[TREND_PERIODS - 1] : NAN;
    return 0;
}

/* --- a figure ------------------------------------------------------------------------------ */

static int add_previous(cJSON *object, const struct history *history, int32_t previous,
                        const struct summary *before, struct err *err)
{
    char name[PERIOD_NAME_SIZE];
    AUTO_JSON cJSON *section = cJSON_CreateObject();
    period_name(history->kind, previous, name);
    if (json_add_string(section, "period", name, err) < 0 ||
        json_add_i64(section, "results", (int64_t)before->count, err) < 0 ||
        json_add_double(section, "median", before->median, err) < 0 ||
        json_add_double(section, "mean", before->mean, err) < 0)
        return -1;
    return json_add(object, "previous", TAKE(section), err);
}

/* The period before, the share by which the mean has changed since, and whether that is more than noise. */
static int add_change(cJSON *object, const struct history *history, int32_t period, const struct summary *now,
                      struct err *err)
{
    AUTO_SUMMARY struct summary before = {0};
    enum movement movement = MOVEMENT_UNKNOWN;
    double change = NAN;
    int32_t previous = 0;
    if (!latest_period(history, period - 1, &previous)) {
        if (json_add_null(object, "previous", err) < 0)
            return -1;
    } else if (summarize_period(history, previous, &before, err) < 0 ||
               add_previous(object, history, previous, &before, err) < 0) {
        return -1;
    } else {
        movement = movement_between(&before, now);
        change = before.mean > 0 ? now->mean / before.mean - 1 : NAN;
    }
    if (json_add_known(object, "change", change, err) < 0)
        return -1;
    return movement == MOVEMENT_UNKNOWN ? json_add_null(object, "moved", err)
                                        : json_add_bool(object, "moved", movement == MOVEMENT_MOVED, err);
}

static cJSON *figure_json(const struct history *history, int32_t period, struct err *err)
{
    AUTO_SUMMARY struct summary now = {0};
    AUTO_JSON cJSON *object = cJSON_CreateObject();
    double trend = NAN;
    if (summarize_period(history, period, &now, err) < 0 || trend_of(history, period, &trend, err) < 0 ||
        json_add_i64(object, "results", (int64_t)now.count, err) < 0 ||
        json_add_double(object, "median", now.median, err) < 0 ||
        json_add_double(object, "mean", now.mean, err) < 0 ||
        json_add_known(object, "standardDeviation", now.standard_deviation, err) < 0 ||
        add_interval(object, "meanInterval95", now.mean_interval, err) < 0 ||
        add_change(object, history, period, &now, err) < 0 ||
        json_add_known(object, "trendPerPeriod", trend, err) < 0)
        return NULL;
    return TAKE(object);
}

/* --- the file ------------------------------------------------------------------------------ */

struct period_file {
    cJSON *instances;
    cJSON *moved; /* rows of figures that moved */
    enum period_kind kind;
    int32_t period;
};

static int note_moved(const struct period_file *file, const char *type, const char *place,
                      const cJSON *figure, struct err *err)
{
    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(figure, "moved")))
        return 0;
    AUTO_JSON cJSON *row = cJSON_CreateObject();
    const cJSON *change = cJSON_GetObjectItemCaseSensitive(figure, "change");
    if (json_add_string(row, "instanceType", type, err) < 0 ||
        json_add_string(row, "figure", place, err) < 0 ||
        json_add(row, "change", cJSON_Duplicate(change, false), err) < 0)
        return -1;
    if (!cJSON_AddItemToArray(file->moved, row))
        return err_memory(err);
    row = NULL;
    return 0;
}

static int add_figure(const struct period_file *file, const struct type_results *type, size_t field,
                      struct err *err)
{
    const struct history history = {type, &type->fields[field], file->kind};
    int32_t latest = 0;
    if (!latest_period(&history, file->period, &latest) || latest != file->period)
        return 0;
    cJSON *figures = json_child(file->instances, type->name, err);
    cJSON *figure = figures ? figure_json(&history, file->period, err) : NULL;
    if (!figure || json_add(figures, published_fields[field].place, figure, err) < 0)
        return -1;
    return note_moved(file, type->name, published_fields[field].place, figure, err);
}

static int add_types(const struct period_file *file, const struct aggregate *aggregate,
                     enum published_file published, struct err *err)
{
    AUTO_LISTED struct listed listed = {0};
    if (list_complete(aggregate, published, &listed, err) < 0)
        return -1;
    for (size_t i = 0; i < listed.count; i++)
        for (size_t field = 0; field < PUBLISHED_FIELD_COUNT; field++)
            if (published_fields[field].file == published && published_fields[field].kind != FIELD_EXTRA &&
                add_figure(file, listed.types[i], field, err) < 0)
                return -1;
    return 0;
}

static int add_period(cJSON *tree, enum period_kind kind, int32_t period, struct err *err)
{
    char name[PERIOD_NAME_SIZE];
    char from[PERIOD_NAME_SIZE];
    char to[PERIOD_NAME_SIZE];
    period_name(kind, period, name);
    day_name(first_day_of_period(kind, period), from);
    day_name(first_day_of_period(kind, period + 1) - 1, to);
    cJSON *section = json_child(tree, "period", err);
    if (!section || json_add_string(section, "name", name, err) < 0 ||
        json_add_string(section, "from", from, err) < 0)
        return -1;
    return json_add_string(section, "to", to, err);
}

cJSON *aggregate_period(const struct aggregate *aggregate, enum period_kind kind, int32_t period,
                        struct err *err)
{
    AUTO_JSON cJSON *tree = new_processed_file(aggregate, SCHEMA_PERIOD_SUMMARY, err);
    if (!tree || add_period(tree, kind, period, err) < 0 ||
        json_add_string(
            tree, "rule",
            "moved: the means of the results' medians differ by more than chance explains "
            "(Welch's t-test, two-sided, 95 %); null where a period has fewer than two results. "
            "trendPerPeriod: Theil and Sen's slope over the last 12 periods that have results, as "
            "a share of the median; null below three.",
            err) < 0)
        return NULL;
    const struct period_file file = {
        .instances = json_child(tree, "instances", err),
        .moved = cJSON_AddArrayToObject(tree, "moved"),
        .kind = kind,
        .period = period,
    };
    for (enum published_file published = 0; published < PUBLISHED_FILES; published++)
        if (!file.instances || !file.moved || add_types(&file, aggregate, published, err) < 0)
            return NULL;
    return TAKE(tree);
}

static int by_number(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a;
    int32_t y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Once each, in order; returns how many. */
static size_t sort_and_unite(int32_t *periods, size_t count)
{
    size_t kept = 0;
    qsort(periods, count, sizeof *periods, by_number);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || periods[kept - 1] != periods[i])
            periods[kept++] = periods[i];
    return kept;
}

static size_t documents_of(const struct aggregate *aggregate)
{
    size_t documents = 0;
    for (enum published_file file = 0; file < PUBLISHED_FILES; file++) {
        struct type_walk walk = {aggregate, file, {0}};
        const struct type_results *type;
        while ((type = next_type(&walk)))
            documents += type->documents;
    }
    return documents;
}

int32_t *aggregate_periods(const struct aggregate *aggregate, enum period_kind kind, size_t *count,
                           struct err *err)
{
    int32_t *periods = calloc(documents_of(aggregate) + 1, sizeof *periods);
    if (!periods) {
        err_memory(err);
        return NULL;
    }
    *count = 0;
    for (enum published_file file = 0; file < PUBLISHED_FILES; file++) {
        struct type_walk walk = {aggregate, file, {0}};
        const struct type_results *type;
        while ((type = next_type(&walk)))
            for (size_t i = 0; is_complete(type, file) && i < type->documents; i++)
                periods[(*count)++] = period_of_day(kind, type->runs[i].day);
    }
    *count = sort_and_unite(periods, *count);
    return periods;
}
