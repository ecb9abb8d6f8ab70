#include "results/aggregate.h"

#include "base/strbuf.h"
#include "results/aggregate_state.h"
#include "results/document.h"
#include "results/price_table.h"

#include <math.h>
#include <string.h>

static const struct reason {
    const char *name;
    const char *text;
} reasons[LEFT_OUT_COUNT] = {
    [LEFT_OUT_SANDBOX] = {"sandbox", "a sandbox result: enters only with --include sandbox"},
    [LEFT_OUT_LOCAL] = {"local", "a local result: enters only with --include local"},
    [LEFT_OUT_FAILED_CHECK] = {"failed_check", "the suite's own check failed"},
    [LEFT_OUT_EMULATED] = {"emulated", "measured on an emulated processor"},
    [LEFT_OUT_CACHE_RESIDENT] = {"cache_resident", "measured in a cache, not in memory"},
    [LEFT_OUT_SUITE] = {"suite", "of a suite that no processed file holds"},
    [LEFT_OUT_UNIT] = {"unit", "a metric is in another unit than the processed file's"},
    [LEFT_OUT_COPY] = {"copy", "a copy of a result that was read before"},
};

const char *left_out_name(enum left_out_reason reason)
{
    return reasons[reason].name;
}

static void free_stratum(struct stratum *stratum)
{
    free(stratum->model);
    free(stratum->region);
    free(stratum->suite_version);
}

static void free_type(struct type_results *type)
{
    words_free(&type->models);
    words_free(&type->regions);
    words_free(&type->methods);
    words_free(&type->flags);
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++)
        gathered_free(&type->fields[i]);
    for (size_t i = 0; i < type->documents; i++)
        free(type->runs[i].name);
    free(type->runs);
    for (size_t i = 0; i < type->stratum_count; i++)
        free_stratum(&type->strata[i]);
    free(type->strata);
    free(type);
}

static void free_pool(struct pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        free_type(pool->types[i]);
    free(pool->types);
    cJSON_Delete(pool->newest_stream);
}

void aggregate_free(struct aggregate *aggregate)
{
    if (!aggregate)
        return;
    for (size_t file = 0; file < PUBLISHED_FILES; file++)
        for (size_t i = 0; i < POOL_COUNT; i++)
            free_pool(&aggregate->pools[file][i]);
    for (size_t i = 0; i < POOL_COUNT; i++)
        billed_free(&aggregate->billed[i]);
    seen_free(&aggregate->seen);
    words_free(&aggregate->methods);
    free(aggregate);
}

void aggregate_auto(struct aggregate **aggregate)
{
    aggregate_free(*aggregate);
}

struct aggregate *aggregate_new(const struct aggregate_options *options, struct err *err)
{
    if (options->prices && price_table_is_sandbox(options->prices) && !options->include_sandbox) {
        err_set(err, ERR_USAGE, "the prices are a sandbox's: they enter only with --include sandbox");
        return NULL;
    }
    struct aggregate *aggregate = calloc(1, sizeof *aggregate);
    if (aggregate)
        aggregate->options = *options;
    else
        err_memory(err);
    return aggregate;
}

/* --- which documents enter ----------------------------------------------------------------- */

static bool text_is(const cJSON *document, const char *path, const char *wanted)
{
    return strcmp(json_string_or(document, path, ""), wanted) == 0;
}

static const cJSON *measurement_of(const cJSON *document, const char *metric)
{
    const cJSON *measurement;
    cJSON_ArrayForEach(measurement, json_at(document, "measurements"))
    {
        if (text_is(measurement, "name", metric))
            return measurement;
    }
    return NULL;
}

/* PUBLISHED_FILES: none holds its suite. */
static enum published_file file_of(const cJSON *document)
{
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++)
        if (text_is(document, "metadata.benchmark_suite", published_fields[i].suite))
            return published_fields[i].file;
    return PUBLISHED_FILES;
}

static bool in_wanted_units(const cJSON *document)
{
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++) {
        const struct published_field *field = &published_fields[i];
        if (!text_is(document, "metadata.benchmark_suite", field->suite))
            continue;
        const cJSON *measurement = measurement_of(document, field->metric);
        if (measurement && !text_is(measurement, "unit", field->unit))
            return false;
    }
    return true;
}

/* LEFT_OUT_COUNT: nothing speaks against it. */
static enum left_out_reason why_left_out(const struct aggregate *aggregate, const cJSON *document,
                                         enum pool_kind pool)
{
    if (text_is(document, "metadata.collection_method", "sandbox") && !aggregate->options.include_sandbox)
        return LEFT_OUT_SANDBOX;
    if (text_is(document, "metadata.collection_method", "local") && !aggregate->options.include_local)
        return LEFT_OUT_LOCAL;
    if (!cJSON_IsTrue(json_at(document, "execution_context.passed")))
        return LEFT_OUT_FAILED_CHECK;
    if (pool == POOL_EC2 && document_has_flag(document, "emulated"))
        return LEFT_OUT_EMULATED;
    if (pool == POOL_EC2 && document_has_flag(document, "cache_resident"))
        return LEFT_OUT_CACHE_RESIDENT;
    if (file_of(document) == PUBLISHED_FILES)
        return LEFT_OUT_SUITE;
    return in_wanted_units(document) ? LEFT_OUT_COUNT : LEFT_OUT_UNIT;
}

/* --- gathering ----------------------------------------------------------------------------- */

static int gather_field(struct gathered *gathered, const cJSON *measurement, uint32_t run, struct err *err)
{
    if (!measurement)
        return 0;
    const struct run_value value = {.median = json_number_or(measurement, "median", NAN),
                                    .mean = json_number_or(measurement, "mean", NAN),
                                    .deviation = json_number_or(measurement, "standard_deviation", NAN),
                                    .samples = (uint32_t)json_number_or(measurement, "n", 0),
                                    .run = run};
    if (!isnan(value.median))
        return gathered_add(gathered, &value, err);
    gathered->lacks = true;
    return 0;
}

static int gather_fields(struct type_results *type, const cJSON *document, uint32_t run, struct err *err)
{
    for (size_t i = 0; i < PUBLISHED_FIELD_COUNT; i++) {
        const struct published_field *field = &published_fields[i];
        if (text_is(document, "metadata.benchmark_suite", field->suite) &&
            gather_field(&type->fields[i], measurement_of(document, field->metric), run, err) < 0)
            return -1;
    }
    return 0;
}

static int find_stratum(struct type_results *type, const cJSON *document, uint32_t *at, struct err *err)
{
    const char *model = json_string_or(document, "system_info.cpu_model", "");
    const char *region = json_string_or(document, "metadata.region", "");
    const char *version = json_string_or(document, "metadata.suite_version", "");
    for (*at = 0; *at < type->stratum_count; (*at)++)
        if (strcmp(type->strata[*at].model, model) == 0 && strcmp(type->strata[*at].region, region) == 0 &&
            strcmp(type->strata[*at].suite_version, version) == 0)
            return 0;
    struct stratum *grown = reallocarray(type->strata, type->stratum_count + 1, sizeof *grown);
    if (!grown)
        return err_memory(err);
    type->strata = grown;
    struct stratum *stratum = &grown[type->stratum_count++];
    *stratum = (struct stratum){strdup(model), strdup(region), strdup(version), 0};
    return stratum->model && stratum->region && stratum->suite_version ? 0 : err_memory(err);
}

/* The document's place in the list of runs. */
static int add_run(struct type_results *type, const cJSON *document, uint32_t *run, struct err *err)
{
    uint32_t stratum = 0;
    AUTO_STRBUF struct strbuf name = STRBUF_INIT(256);
    strbuf_addf(&name, "%s-%.0f", json_string_or(document, "metadata.run_id", ""),
                json_number_or(document, "metadata.iteration", NAN));
    if (find_stratum(type, document, &stratum, err) < 0)
        return -1;
    struct run *grown = reallocarray(type->runs, type->documents + 1, sizeof *grown);
    if (!grown)
        return err_memory(err);
    type->runs = grown;
    *run = (uint32_t)type->documents;
    grown[*run] = (struct run){strbuf_take(&name, "a run's name", err), stratum,
                               day_of_timestamp(json_string_or(document, "metadata.timestamp", ""))};
    if (!grown[*run].name)
        return -1;
    type->strata[stratum].documents++;
    type->documents++;
    return 0;
}

static int compare_type(const void *name, const void *entry)
{
    return strcmp(name, (*(struct type_results *const *)entry)->name);
}

static struct type_results *new_type(struct pool *pool, const char *name, struct err *err)
{
    struct type_results **grown = reallocarray(pool->types, pool->count + 1, sizeof *grown);
    if (grown)
        pool->types = grown;
    struct type_results *type = grown ? calloc(1, sizeof *type) : NULL;
    if (!type) {
        err_memory(err);
        return NULL;
    }
    snprintf(type->name, sizeof type->name, "%s", name);
    size_t at = pool->count++;
    for (; at > 0 && strcmp(grown[at - 1]->name, type->name) > 0; at--)
        grown[at] = grown[at - 1];
    grown[at] = type;
    return type;
}

static struct type_results *type_of(struct pool *pool, const cJSON *document, struct err *err)
{
    const char *name = json_string_or(document, "metadata.instance_type", "");
    struct type_results **found =
        pool->count ? bsearch(name, pool->types, pool->count, sizeof(struct type_results *), compare_type)
                    : NULL;
    return found ? *found : new_type(pool, name, err);
}

/* Whether the document is newer than what the two texts tell of another; they are then its own. */
static bool take_if_newer(const cJSON *document, char time[TIMESTAMP_TEXT_SIZE], char digest[65])
{
    const char *its_time = json_string_or(document, "metadata.timestamp", "");
    const char *its_digest = json_string_or(document, "integrity.sha256", "");
    int order = strcmp(its_time, time);
    if (order < 0 || (order == 0 && strcmp(its_digest, digest) <= 0))
        return false;
    snprintf(time, TIMESTAMP_TEXT_SIZE, "%s", its_time);
    snprintf(digest, 65, "%s", its_digest);
    return true;
}

static int gather_words(struct type_results *type, const cJSON *document, struct err *err)
{
    if (words_add(&type->models, json_string_or(document, "system_info.cpu_model", NULL), err) < 0 ||
        words_add(&type->regions, json_string_or(document, "metadata.region", NULL), err) < 0 ||
        words_add(&type->methods, json_string_or(document, "metadata.collection_method", NULL), err) < 0)
        return -1;
    const cJSON *flag;
    cJSON_ArrayForEach(flag, json_at(document, "execution_context.flags"))
    {
        if (words_add(&type->flags, flag->valuestring, err) < 0)
            return -1;
    }
    return 0;
}

static int gather_type(struct pool *pool, const cJSON *document, struct err *err)
{
    struct type_results *type = type_of(pool, document, err);
    if (!type || gather_words(type, document, err) < 0)
        return -1;
    if (take_if_newer(document, type->newest, type->newest_digest)) {
        snprintf(type->family, sizeof type->family, "%s",
                 json_string_or(document, "system_info.instance_family", ""));
        snprintf(type->architecture, sizeof type->architecture, "%s",
                 json_string_or(document, "system_info.architecture", ""));
        snprintf(type->vendor, sizeof type->vendor, "%s",
                 json_string_or(document, "system_info.processor_vendor", ""));
    }
    uint32_t run = 0;
    return add_run(type, document, &run, err) < 0 ? -1 : gather_fields(type, document, run, err);
}

static int gather_newest_stream(struct pool *pool, const cJSON *document, struct err *err)
{
    static const char *const parts[] = {"metadata", "performance_data", "system_info", "execution_context"};
    if (!text_is(document, "metadata.benchmark_suite", "stream") ||
        !take_if_newer(document, pool->newest_stream_time, pool->newest_stream_digest))
        return 0;
    cJSON_Delete(pool->newest_stream);
    pool->newest_stream = cJSON_CreateObject();
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        if (json_add(pool->newest_stream, parts[i], cJSON_Duplicate(json_at(document, parts[i]), true), err) <
            0)
            return -1;
    return 0;
}

static int gather(struct aggregate *aggregate, struct pool *pool, const cJSON *document, struct err *err)
{
    const char *time = json_string_or(document, "metadata.timestamp", "");
    if (gather_type(pool, document, err) < 0 || gather_newest_stream(pool, document, err) < 0 ||
        words_add(&aggregate->methods, json_string_or(document, "metadata.collection_method", NULL), err) < 0)
        return -1;
    if (strcmp(time, aggregate->newest) > 0)
        snprintf(aggregate->newest, sizeof aggregate->newest, "%s", time);
    aggregate->used++;
    return 0;
}

static enum seen_verdict note(struct aggregate *aggregate, const cJSON *document, struct err *err)
{
    AUTO_STRBUF struct strbuf identity = STRBUF_INIT(2048);
    if (document_identity(document, &identity, err) < 0)
        return SEEN_FAILED;
    return seen_note(&aggregate->seen, strbuf_text(&identity),
                     json_string_or(document, "integrity.sha256", ""), err);
}

static enum aggregate_verdict leave_out(struct aggregate *aggregate, enum left_out_reason why,
                                        const char **reason)
{
    aggregate->left_out[why]++;
    *reason = reasons[why].text;
    return AGGREGATE_LEFT_OUT;
}

enum aggregate_verdict aggregate_add(struct aggregate *aggregate, const cJSON *document, const char **reason,
                                     struct err *err)
{
    enum pool_kind pool = document_is_of_ec2(document) ? POOL_EC2 : POOL_OTHER;
    enum seen_verdict seen = note(aggregate, document, err);
    if (seen == SEEN_FAILED)
        return AGGREGATE_FAILED;
    if (seen == SEEN_SAME)
        return leave_out(aggregate, LEFT_OUT_COPY, reason);
    if (seen == SEEN_OTHER) {
        err_set(err, ERR_DATA, "a result of the same run, instance, suite and iteration has other content");
        return AGGREGATE_FAILED;
    }
    enum left_out_reason why = why_left_out(aggregate, document, pool);
    if (why != LEFT_OUT_COUNT)
        return leave_out(aggregate, why, reason);
    struct pool *pools = aggregate->pools[file_of(document)];
    if (gather(aggregate, &pools[pool], document, err) < 0 ||
        billed_note(&aggregate->billed[pool], document, err) < 0)
        return AGGREGATE_FAILED;
    return AGGREGATE_USED;
}

void aggregate_date(const struct aggregate *aggregate, char date[PERIOD_NAME_SIZE])
{
    snprintf(date, PERIOD_NAME_SIZE, "%.10s", aggregate->newest);
}

struct aggregate_excluded aggregate_excluded(const struct aggregate *aggregate)
{
    return (struct aggregate_excluded){aggregate->left_out[LEFT_OUT_SANDBOX],
                                       aggregate->left_out[LEFT_OUT_LOCAL]};
}
