#include "results/suite_output.h"

#include "base/text.h"
#include "results/schema.h"

#include <string.h>

/* What a metric of this unit can be on any machine there is or will soon be. Bounds, not plausibility: they
 * keep nonsense out without judging a measurement. */
static const struct unit_range {
    const char *unit;
    bool may_be_zero;
    double maximum;
} unit_ranges[] = {
    {"GB/s", false, 1e6},   {"ns", false, 1e9},  {"us", false, 1e9},
    {"ms", false, 1e9},     {"s", false, 1e9},   {"cycles", false, 1e9},
    {"GFLOPS", false, 1e9}, {"GHz", false, 100}, {"count", true, 1e15},
};

static void free_metrics(struct metric *metrics, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(metrics[i].samples);
    free(metrics);
}

void suite_output_free(struct suite_output *output)
{
    free_metrics(output->metrics, output->metric_count);
    cJSON_Delete(output->checks);
    cJSON_Delete(output->flags);
    cJSON_Delete(output->parameters);
    cJSON_Delete(output->disturbances);
    cJSON_Delete(output->machine);
    *output = (struct suite_output){0};
}

/* Control characters in any string below become harmless; printable text never grows. */
static int make_printable(cJSON *item, struct err *err)
{
    if (cJSON_IsString(item)) {
        AUTO_STRBUF struct strbuf text = STRBUF_INIT(SUITE_OUTPUT_MAX_BYTES);
        text_add_printable(&text, item->valuestring, strlen(item->valuestring));
        if (strbuf_ok(&text, "a text of the suite", err) < 0)
            return -1;
        if (!cJSON_SetValuestring(item, strbuf_text(&text)))
            return err_memory(err);
    }
    cJSON *child;
    cJSON_ArrayForEach(child, item)
    {
        if (make_printable(child, err) < 0)
            return -1;
    }
    return 0;
}

static int check_range(const struct metric *metric, double value, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LENGTH(unit_ranges); i++) {
        const struct unit_range *range = &unit_ranges[i];
        if (strcmp(metric->unit, range->unit) != 0)
            continue;
        bool low_enough = value <= range->maximum;
        bool high_enough = range->may_be_zero ? value >= 0 : value > 0;
        if (!low_enough || !high_enough)
            return err_set(err, ERR_DATA, "the metric '%s' has a sample of %.17g %s, which can't be",
                           metric->name, value, metric->unit);
    }
    return 0;
}

static int read_samples(struct metric *metric, const cJSON *samples, struct err *err)
{
    if (cJSON_IsNull(samples))
        return 0;
    metric->samples = calloc((size_t)cJSON_GetArraySize(samples), sizeof *metric->samples);
    if (!metric->samples)
        return err_memory(err);
    const cJSON *sample;
    cJSON_ArrayForEach(sample, samples)
    {
        if (check_range(metric, sample->valuedouble, err) < 0)
            return -1;
        metric->samples[metric->count++] = sample->valuedouble;
    }
    return 0;
}

/* Whether a step of the path is "unit", where the document writes the unit of a group. */
static bool names_unit(const char *path)
{
    while (path) {
        size_t length = strcspn(path, ".");
        if (length == strlen("unit") && strncmp(path, "unit", length) == 0)
            return true;
        path = path[length] ? path + length + 1 : NULL;
    }
    return false;
}

static int read_metric(struct metric *metric, const cJSON *source, struct err *err)
{
    const char *direction = json_string_or(source, "direction", "");
    snprintf(metric->name, sizeof metric->name, "%s", json_string_or(source, "name", ""));
    snprintf(metric->unit, sizeof metric->unit, "%s", json_string_or(source, "unit", ""));
    metric->direction = strcmp(direction, "lower") == 0 ? METRIC_LOWER_IS_BETTER : METRIC_HIGHER_IS_BETTER;
    if (names_unit(metric->name))
        return err_set(err, ERR_DATA, "the metric '%s' has the name of the unit beside it", metric->name);
    return read_samples(metric, cJSON_GetObjectItemCaseSensitive(source, "samples"), err);
}

/* "l1" and "l1.latency" would stand at the same place, as number and as object. */
static bool paths_collide(const char *a, const char *b)
{
    size_t length = strlen(a);
    return strncmp(a, b, length) == 0 && (b[length] == '\0' || b[length] == '.');
}

static int check_paths(const struct suite_output *output, struct err *err)
{
    for (size_t i = 0; i < output->metric_count; i++)
        for (size_t j = 0; j < output->metric_count; j++)
            if (i != j && paths_collide(output->metrics[i].name, output->metrics[j].name))
                return err_set(err, ERR_DATA, "the metrics '%s' and '%s' have the same place",
                               output->metrics[i].name, output->metrics[j].name);
    return 0;
}

static int read_metrics(struct suite_output *output, const cJSON *sources, struct err *err)
{
    output->metrics = calloc((size_t)cJSON_GetArraySize(sources), sizeof *output->metrics);
    if (!output->metrics)
        return err_memory(err);
    const cJSON *source;
    cJSON_ArrayForEach(source, sources)
    {
        if (read_metric(&output->metrics[output->metric_count++], source, err) < 0)
            return -1;
    }
    return check_paths(output, err);
}

/* "passed" must not say more than the checks do; a check without detail gets the null it lacks. */
static int check_verdict(const struct suite_output *output, struct err *err)
{
    cJSON *check;
    cJSON_ArrayForEach(check, output->checks)
    {
        if (output->passed && cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(check, "passed")))
            return err_set(err, ERR_DATA, "the suite says that it passed, but its check '%s' failed",
                           json_string_or(check, "name", ""));
        if (!cJSON_GetObjectItemCaseSensitive(check, "detail") && json_add_null(check, "detail", err) < 0)
            return -1;
    }
    return 0;
}

static int read_parts(struct suite_output *output, cJSON *tree, struct err *err)
{
    snprintf(output->suite, sizeof output->suite, "%s", json_string_or(tree, "suite", ""));
    snprintf(output->version, sizeof output->version, "%s", json_string_or(tree, "suite_version", ""));
    snprintf(output->started, sizeof output->started, "%s", json_string_or(tree, "started", ""));
    output->passed = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(tree, "passed"));
    output->checks = cJSON_DetachItemFromObjectCaseSensitive(tree, "checks");
    output->flags = cJSON_DetachItemFromObjectCaseSensitive(tree, "flags");
    output->parameters = cJSON_DetachItemFromObjectCaseSensitive(tree, "parameters");
    output->disturbances = cJSON_DetachItemFromObjectCaseSensitive(tree, "disturbances");
    output->machine = cJSON_DetachItemFromObjectCaseSensitive(tree, "system");
    if (json_get_double(tree, "duration_seconds", &output->duration_seconds, err) < 0)
        return -1;
    return read_metrics(output, cJSON_GetObjectItemCaseSensitive(tree, "metrics"), err);
}

static cJSON *parse_and_check(const char *text, size_t length, struct err *err)
{
    AUTO_JSON cJSON *tree = json_parse(text, length, SUITE_OUTPUT_MAX_BYTES, err);
    AUTO_SCHEMA struct schema *schema = tree ? schema_load(SCHEMA_SUITE_OUTPUT, err) : NULL;
    if (!schema || schema_require(schema, tree, err) < 0 || make_printable(tree, err) < 0)
        return NULL;
    return TAKE(tree);
}

int suite_output_parse(const char *text, size_t length, const char *wanted_suite, struct suite_output *output,
                       struct err *err)
{
    *output = (struct suite_output){0};
    AUTO_JSON cJSON *tree = parse_and_check(text, length, err);
    if (!tree || read_parts(output, tree, err) < 0 || check_verdict(output, err) < 0)
        return err_prepend(err, "the suite's output");
    if (wanted_suite && strcmp(wanted_suite, output->suite) != 0)
        return err_set(err, ERR_DATA, "the suite's output is of suite '%s', wanted was '%.64s'",
                       output->suite, wanted_suite);
    return 0;
}

const struct metric *suite_output_metric(const struct suite_output *output, const char *name)
{
    for (size_t i = 0; i < output->metric_count; i++)
        if (strcmp(output->metrics[i].name, name) == 0)
            return &output->metrics[i];
    return NULL;
}

bool suite_output_has_flag(const struct suite_output *output, const char *flag)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, output->flags)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, flag) == 0)
            return true;
    }
    return false;
}
