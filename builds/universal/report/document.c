#include "report/document.h"

#include "measure/disturbance.h"
#include "measure/stopwatch.h"
#include "report/json_writer.h"
#include "report/system_section.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

void document_add_metric(struct document *document, const char *name, const char *unit,
                         enum direction direction, const double *samples, size_t count)
{
    assert(document->metrics_count < METRICS_MAX && count <= METRIC_SAMPLES_MAX);
    struct metric *metric = &document->metrics[document->metrics_count++];
    *metric = (struct metric){.name = name, .unit = unit, .direction = direction, .absent = !samples};
    if (samples) {
        metric->count = count;
        memcpy(metric->samples, samples, count * sizeof *samples);
    }
}

const char *document_name(struct document *document, const char *format, ...)
{
    char *name = document->names + document->names_used;
    size_t room = sizeof document->names - document->names_used;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(name, room, format, args);
    va_end(args);
    assert(length > 0 && (size_t)length < room);
    document->names_used += (size_t)length + 1;
    return name;
}

static struct parameter *add_parameter(struct document *document, const char *name, enum parameter_kind kind)
{
    assert(document->parameters_count < PARAMETERS_MAX);
    struct parameter *parameter = &document->parameters[document->parameters_count++];
    *parameter = (struct parameter){.name = name, .kind = kind};
    return parameter;
}

void document_add_whole(struct document *document, const char *name, uint64_t value)
{
    add_parameter(document, name, PARAMETER_WHOLE)->whole = value;
}

void document_add_optional(struct document *document, const char *name, struct optional_u64 value)
{
    add_parameter(document, name, value.known ? PARAMETER_WHOLE : PARAMETER_UNKNOWN)->whole = value.value;
}

void document_add_number(struct document *document, const char *name, double value)
{
    add_parameter(document, name, PARAMETER_NUMBER)->number = value;
}

void document_add_text(struct document *document, const char *name, const char *value)
{
    add_parameter(document, name, PARAMETER_TEXT)->text = value;
}

void document_add_bool(struct document *document, const char *name, bool value)
{
    add_parameter(document, name, PARAMETER_BOOL)->whole = value;
}

void document_add_check(struct document *document, const char *name, bool passed, const char *format, ...)
{
    assert(document->checks_count < CHECKS_MAX);
    struct check *check = &document->checks[document->checks_count++];
    *check = (struct check){.name = name, .passed = passed};
    va_list args;
    va_start(args, format);
    vsnprintf(check->detail, sizeof check->detail, format, args);
    va_end(args);
}

void document_add_flag(struct document *document, const char *flag)
{
    for (size_t i = 0; i < document->flags_count; i++)
        if (strcmp(document->flags[i], flag) == 0)
            return;
    assert(document->flags_count < FLAGS_MAX);
    document->flags[document->flags_count++] = flag;
}

bool document_passed(const struct document *document)
{
    for (size_t i = 0; i < document->checks_count; i++)
        if (!document->checks[i].passed)
            return false;
    return document->checks_count > 0;
}

static void write_parameter(struct json_writer *json, const struct parameter *parameter)
{
    switch (parameter->kind) {
    case PARAMETER_WHOLE:
        json_whole(json, parameter->name, parameter->whole);
        break;
    case PARAMETER_NUMBER:
        json_number(json, parameter->name, parameter->number);
        break;
    case PARAMETER_TEXT:
        json_text(json, parameter->name, parameter->text);
        break;
    case PARAMETER_BOOL:
        json_bool(json, parameter->name, parameter->whole != 0);
        break;
    case PARAMETER_UNKNOWN:
        json_null(json, parameter->name);
        break;
    }
}

static void write_parameters(struct json_writer *json, const struct document *document)
{
    json_begin_object(json, "parameters");
    for (size_t i = 0; i < document->parameters_count; i++)
        write_parameter(json, &document->parameters[i]);
    json_end_object(json);
}

static void write_checks(struct json_writer *json, const struct document *document)
{
    json_begin_array(json, "checks");
    for (size_t i = 0; i < document->checks_count; i++) {
        const struct check *check = &document->checks[i];
        json_begin_object(json, NULL);
        json_text(json, "name", check->name);
        json_bool(json, "passed", check->passed);
        json_text(json, "detail", check->detail);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_samples(struct json_writer *json, const struct metric *metric)
{
    if (metric->absent) {
        json_null(json, "samples");
        return;
    }
    json_begin_array(json, "samples");
    for (size_t i = 0; i < metric->count; i++)
        json_number(json, NULL, metric->samples[i]);
    json_end_array(json);
}

static void write_metrics(struct json_writer *json, const struct document *document)
{
    json_begin_array(json, "metrics");
    for (size_t i = 0; i < document->metrics_count; i++) {
        const struct metric *metric = &document->metrics[i];
        json_begin_object(json, NULL);
        json_text(json, "name", metric->name);
        json_text(json, "unit", metric->unit);
        json_text(json, "direction", metric->direction == HIGHER_IS_BETTER ? "higher" : "lower");
        write_samples(json, metric);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_seconds(struct json_writer *json, const char *key, bool known, double seconds)
{
    if (known)
        json_number(json, key, seconds);
    else
        json_null(json, key);
}

static void write_disturbances(struct json_writer *json, const struct disturbance_counts *counts)
{
    const struct optional_u64 *stolen = &counts->stolen_ticks;
    const struct optional_u64 *throttled = &counts->quota_stops.nanoseconds;
    json_begin_object(json, "disturbances");
    write_seconds(json, "stolen_seconds", stolen->known, seconds_of_ticks(stolen->value));
    json_optional(json, "throttled_periods", counts->quota_stops.periods);
    write_seconds(json, "throttled_seconds", throttled->known, (double)throttled->value / NANOSECONDS);
    json_optional(json, "thermal_throttles", counts->thermal_throttles);
    json_optional(json, "preemptions", counts->preemptions);
    json_end_object(json);
}

int document_write(const struct document *document, const struct machine *machine, struct strbuf *out,
                   struct err *err)
{
    struct json_writer json = json_writer_to(out);
    json_begin_object(&json, NULL);
    json_whole(&json, "protocol", 1);
    json_text(&json, "suite", document->suite);
    json_text(&json, "suite_version", document->suite_version);
    json_bool(&json, "passed", document_passed(document));
    write_checks(&json, document);
    json_text(&json, "started", document->started);
    json_number(&json, "duration_seconds", document->duration_seconds);
    write_parameters(&json, document);
    json_begin_array(&json, "flags");
    for (size_t i = 0; i < document->flags_count; i++)
        json_text(&json, NULL, document->flags[i]);
    json_end_array(&json);
    write_metrics(&json, document);
    write_disturbances(&json, &document->disturbances);
    system_section_write(&json, machine);
    json_end_object(&json);
    strbuf_addc(out, '\n');
    return json_finish(&json, err);
}
