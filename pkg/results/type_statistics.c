#include "results/type_statistics.h"

#include "results/grade.h"
#include "results/measurements.h"

#include <math.h>
#include <string.h>

/* --- statistics ---------------------------------------------------------------------------- */

/* The runs that summary->outliers names. */
static cJSON *outliers_of(const struct type_results *type, const struct gathered *gathered,
                          const struct summary *summary, struct err *err)
{
    CLEANUP(words_free) struct words runs = {0};
    for (size_t i = 0; i < summary->outlier_count; i++) {
        const struct run_value *value = &gathered->values[summary->outliers[i]];
        if (words_add(&runs, type->runs[value->run].name, err) < 0)
            return NULL;
    }
    return words_json(&runs);
}

static int add_moments(cJSON *object, const struct gathered *gathered, const struct summary *summary,
                       struct err *err)
{
    const struct spread spread = spread_of(gathered);
    if (json_add_known(object, "median", summary->median, err) < 0 ||
        json_add_known(object, "mean", summary->mean, err) < 0 ||
        json_add_known(object, "standardDeviation", summary->standard_deviation, err) < 0 ||
        json_add_known(object, "coefficientOfVariation", summary->coefficient_of_variation, err) < 0 ||
        json_add_known(object, "betweenRuns", spread.between, err) < 0)
        return -1;
    return json_add_known(object, "withinRun", spread.within, err);
}

static int64_t samples_of(const struct gathered *gathered)
{
    int64_t samples = 0;
    for (size_t i = 0; i < gathered->count; i++)
        samples += gathered->values[i].samples;
    return samples;
}

static cJSON *figure_json(const struct type_results *type, const struct gathered *gathered,
                          const struct summary *summary, struct err *err)
{
    AUTO_JSON cJSON *object = cJSON_CreateObject();
    if (json_add_i64(object, "results", (int64_t)gathered->count, err) < 0 ||
        json_add_i64(object, "samples", samples_of(gathered), err) < 0 ||
        add_moments(object, gathered, summary, err) < 0 ||
        add_interval(object, "meanInterval95", summary->mean_interval, err) < 0 ||
        add_interval(object, "medianInterval95", summary->median_interval, err) < 0 ||
        json_add(object, "outliers", outliers_of(type, gathered, summary, err), err) < 0 ||
        json_add_string(object, "grade", grade_of(summary), err) < 0)
        return NULL;
    return TAKE(object);
}

int summarize_medians(const struct gathered *gathered, struct summary *summary, struct err *err)
{
    AUTO_FREE double *medians = calloc(gathered->count + 1, sizeof *medians);
    if (!medians)
        return err_memory(err);
    for (size_t i = 0; i < gathered->count; i++)
        medians[i] = gathered->values[i].median;
    return summarize(medians, gathered->count, summary, err);
}

static cJSON *statistics_of(const struct type_results *type, const struct gathered *gathered, struct err *err)
{
    AUTO_SUMMARY struct summary summary = {0};
    if (summarize_medians(gathered, &summary, err) < 0)
        return NULL;
    return figure_json(type, gathered, &summary, err);
}

cJSON *type_statistics(const struct type_results *type, enum published_file file, struct err *err)
{
    AUTO_JSON cJSON *object = cJSON_CreateObject();
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++) {
        const struct gathered *gathered = &type->fields[i];
        if (published_fields[i].file != file || gathered->count == 0)
            continue;
        cJSON *statistics = statistics_of(type, gathered, err);
        if (!statistics || json_add(object, published_fields[i].place, statistics, err) < 0)
            return NULL;
    }
    return TAKE(object);
}

/* --- strata -------------------------------------------------------------------------------- */

/* NAN: none of the stratum's documents has it. */
static int median_within(const struct type_results *type, const struct gathered *gathered, uint32_t stratum,
                         double *median, struct err *err)
{
    size_t count = 0;
    AUTO_FREE double *medians = calloc(gathered->count + 1, sizeof *medians);
    if (!medians)
        return err_memory(err);
    for (size_t i = 0; i < gathered->count; i++)
        if (type->runs[gathered->values[i].run].stratum == stratum)
            medians[count++] = gathered->values[i].median;
    *median = count ? median_in_place(medians, count) : NAN;
    return 0;
}

static cJSON *medians_of(const struct type_results *type, enum published_file file, uint32_t stratum,
                         struct err *err)
{
    AUTO_JSON cJSON *medians = cJSON_CreateObject();
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++) {
        double median = NAN;
        if (published_fields[i].file != file)
            continue;
        if (median_within(type, &type->fields[i], stratum, &median, err) < 0 ||
            (!isnan(median) && json_add_double(medians, published_fields[i].place, median, err) < 0))
            return NULL;
    }
    return TAKE(medians);
}

static cJSON *stratum_json(const struct type_results *type, enum published_file file,
                           const struct stratum *stratum, struct err *err)
{
    AUTO_JSON cJSON *object = cJSON_CreateObject();
    if (json_add_string(object, "cpuModel", stratum->model[0] ? stratum->model : NULL, err) < 0 ||
        json_add_string(object, "region", stratum->region, err) < 0 ||
        json_add_string(object, "suiteVersion", stratum->suite_version, err) < 0 ||
        json_add_i64(object, "results", (int64_t)stratum->documents, err) < 0)
        return NULL;
    cJSON *medians = medians_of(type, file, (uint32_t)(stratum - type->strata), err);
    return medians && json_add(object, "medians", medians, err) == 0 ? TAKE(object) : NULL;
}

static int by_names(const void *a, const void *b)
{
    const struct stratum *x = *(const struct stratum *const *)a;
    const struct stratum *y = *(const struct stratum *const *)b;
    int order = strcmp(x->model, y->model);
    if (order == 0)
        order = strcmp(x->region, y->region);
    return order ? order : strcmp(x->suite_version, y->suite_version);
}

cJSON *type_strata(const struct type_results *type, enum published_file file, struct err *err)
{
    AUTO_JSON cJSON *array = cJSON_CreateArray();
    AUTO_FREE const struct stratum **sorted = calloc(type->stratum_count + 1, sizeof *sorted);
    if (!array || !sorted) {
        err_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < type->stratum_count; i++)
        sorted[i] = &type->strata[i];
    qsort(sorted, type->stratum_count, sizeof *sorted, by_names);
    for (size_t i = 0; i < type->stratum_count; i++) {
        cJSON *stratum = stratum_json(type, file, sorted[i], err);
        if (!stratum)
            return NULL;
        if (!cJSON_AddItemToArray(array, stratum)) {
            cJSON_Delete(stratum);
            err_memory(err);
            return NULL;
        }
    }
    return TAKE(array);
}

cJSON *grades_json(struct err *err)
{
    AUTO_JSON cJSON *object = cJSON_CreateObject();
    for (size_t i = 0; i < GRADES; i++)
        if (json_add_string(object, grades[i].letter, grades[i].rule, err) < 0)
            return NULL;
    return TAKE(object);
}
