#include "results/measurements.h"

#include "base/strbuf.h"

#include <math.h>
#include <string.h>
#include <strings.h>

int add_interval(cJSON *object, const char *name, struct interval interval, struct err *err)
{
    if (!interval.known)
        return json_add_null(object, name, err);
    const double bounds[] = {interval.low, interval.high};
    return json_add(object, name, cJSON_CreateDoubleArray(bounds, ARRAY_LENGTH(bounds)), err);
}

static int add_outliers(cJSON *object, const struct summary *summary, struct err *err)
{
    AUTO_JSON cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; array && summary && i < summary->outlier_count; i++)
        if (!cJSON_AddItemToArray(array, cJSON_CreateNumber((double)summary->outliers[i])))
            return err_memory(err);
    return json_add(object, "outliers", TAKE(array), err);
}

int add_summary(cJSON *measurement, const struct summary *summary, struct err *err)
{
    static const struct summary nothing = {.median = NAN,
                                           .mean = NAN,
                                           .standard_deviation = NAN,
                                           .coefficient_of_variation = NAN,
                                           .minimum = NAN,
                                           .maximum = NAN};
    const struct summary *from = summary ? summary : &nothing;
    if (json_add_i64(measurement, "n", (int64_t)from->count, err) < 0 ||
        json_add_known(measurement, "median", from->median, err) < 0 ||
        json_add_known(measurement, "mean", from->mean, err) < 0 ||
        json_add_known(measurement, "standard_deviation", from->standard_deviation, err) < 0 ||
        json_add_known(measurement, "coefficient_of_variation", from->coefficient_of_variation, err) < 0 ||
        json_add_known(measurement, "minimum", from->minimum, err) < 0 ||
        json_add_known(measurement, "maximum", from->maximum, err) < 0 ||
        add_interval(measurement, "mean_interval_95", from->mean_interval, err) < 0 ||
        add_interval(measurement, "median_interval_95", from->median_interval, err) < 0)
        return -1;
    return add_outliers(measurement, summary, err);
}

static cJSON *samples_of(const struct metric *metric)
{
    return metric->samples ? cJSON_CreateDoubleArray(metric->samples, (int)metric->count)
                           : cJSON_CreateNull();
}

static cJSON *measurement_of(const struct metric *metric, struct err *err)
{
    AUTO_SUMMARY struct summary summary = {0};
    AUTO_JSON cJSON *measurement = cJSON_CreateObject();
    bool lower = metric->direction == METRIC_LOWER_IS_BETTER;
    if (metric->samples && summarize(metric->samples, metric->count, &summary, err) < 0)
        return NULL;
    if (json_add_string(measurement, "name", metric->name, err) < 0 ||
        json_add_string(measurement, "unit", metric->unit, err) < 0 ||
        json_add_string(measurement, "direction", lower ? "lower" : "higher", err) < 0 ||
        json_add(measurement, "samples", samples_of(metric), err) < 0 ||
        add_summary(measurement, metric->samples ? &summary : NULL, err) < 0)
        return NULL;
    return TAKE(measurement);
}

cJSON *measurements_of(const struct suite_output *output, struct err *err)
{
    AUTO_JSON cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < output->metric_count; i++) {
        cJSON *measurement = measurement_of(&output->metrics[i], err);
        if (!measurement)
            return NULL;
        if (!cJSON_AddItemToArray(array, measurement)) {
            cJSON_Delete(measurement);
            err_memory(err);
            return NULL;
        }
    }
    return TAKE(array);
}

/* "latency_ns" of unit "ns" */
static bool name_ends_in_unit(const char *name, const char *unit)
{
    const char *last = strrchr(name, '_');
    return last && strcasecmp(last + 1, unit) == 0;
}

/* Whether unit is one of the words that '|' separates. */
static bool lists_unit(const char *list, const char *unit)
{
    size_t length = strlen(unit);
    for (const char *at = list; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (strncmp(at, unit, length) == 0 && (at[length] == '|' || at[length] == '\0'))
            return true;
    return false;
}

static int note_unit(cJSON *group, const char *name, const char *unit, struct err *err)
{
    if (strcmp(unit, "count") == 0 || name_ends_in_unit(name, unit))
        return 0;
    cJSON *known = cJSON_GetObjectItemCaseSensitive(group, "unit");
    if (!known)
        return json_add_string(group, "unit", unit, err);
    if (!cJSON_IsString(known))
        return err_set(err, ERR_DATA, "a metric stands where the unit of '%s' belongs", name);
    AUTO_STRBUF struct strbuf list = STRBUF_INIT(256);
    strbuf_addf(&list, "%s|%s", known->valuestring, unit);
    if (lists_unit(known->valuestring, unit) || strbuf_ok(&list, "a list of units", NULL) < 0)
        return 0;
    return cJSON_SetValuestring(known, strbuf_text(&list)) ? 0 : err_memory(err);
}

static int add_median(cJSON *suite, const struct metric *metric, struct err *err)
{
    const char *name = NULL;
    cJSON *group = json_parent(suite, metric->name, &name, err);
    if (!group)
        return -1;
    if (!metric->samples)
        return json_add_null(group, name, err) < 0 ? -1 : note_unit(group, name, metric->unit, err);
    AUTO_SUMMARY struct summary summary = {0};
    if (summarize(metric->samples, metric->count, &summary, err) < 0 ||
        json_add_double(group, name, summary.median, err) < 0)
        return -1;
    return note_unit(group, name, metric->unit, err);
}

cJSON *performance_data_of(const struct suite_output *output, struct err *err)
{
    AUTO_JSON cJSON *data = cJSON_CreateObject();
    cJSON *suite = data ? json_child(data, output->suite, err) : NULL;
    if (!suite) {
        err_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < output->metric_count; i++)
        if (add_median(suite, &output->metrics[i], err) < 0)
            return NULL;
    return TAKE(data);
}
