#include "results/sense.h"

#include "base/strbuf.h"
#include "base/text.h"
#include "results/document.h"
#include "results/measurements.h"

#include <math.h>
#include <string.h>

void say_finding(finding_report report, void *context, const char *rule, const char *format, ...)
{
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    AUTO_STRBUF struct strbuf line = STRBUF_INIT(sizeof message * 4);
    text_add_printable(&line, message, strlen(message));
    report(context, rule, strbuf_text(&line));
}

static bool equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* --- architecture -------------------------------------------------------------------------- */

/* The architecture of a vendor's processors in EC2; Apple's and unknown ones tell nothing. */
static const char *architecture_of_vendor(const char *vendor)
{
    if (equal(vendor, "graviton"))
        return "arm64";
    return equal(vendor, "intel") || equal(vendor, "amd") ? "x86_64" : NULL;
}

void check_family(const char *type, const char *family, finding_report report, void *context)
{
    size_t length = strcspn(type, ".");
    if (family && (strlen(family) != length || strncmp(type, family, length) != 0))
        say_finding(report, context, "architecture", "the type %s is not of the family %s", type, family);
}

/* On EC2 the processor says who made it; in the sandbox and on this machine it is not the type's processor.
 */
static void check_processor(const cJSON *document, finding_report report, void *context)
{
    const char *vendor = json_string_or(document, "system_info.processor_vendor", "");
    const char *seen = json_string_or(document, "system_info.cpu_vendor", "");
    const char *maker = document_processor_vendor(seen);
    if (document_is_of_ec2(document) && maker && *vendor && !equal(maker, vendor))
        say_finding(report, context, "architecture", "the processor says %s, the type has processors of %s",
                    seen, vendor);
}

void check_architecture(const cJSON *document, const char *(*architecture_of)(const char *instance_type),
                        finding_report report, void *context)
{
    const char *type = json_string_or(document, "metadata.instance_type", "");
    const char *stated = json_string_or(document, "system_info.architecture", "");
    const char *vendor = json_string_or(document, "system_info.processor_vendor", "");
    const char *of_type = architecture_of ? architecture_of(type) : NULL;
    if (of_type && !equal(of_type, stated))
        say_finding(report, context, "architecture", "%s is %s, the document says %s", type, of_type, stated);
    const char *of_vendor = architecture_of_vendor(vendor);
    if (of_vendor && !equal(of_vendor, stated))
        say_finding(report, context, "architecture", "processors of %s are %s, the document says %s", vendor,
                    of_vendor, stated);
    check_family(type, json_string_or(document, "system_info.instance_family", NULL), report, context);
    check_processor(document, report, context);
}

/* --- statistics ---------------------------------------------------------------------------- */

/* Room for a libm that rounds otherwise. */
#define TOLERANCE 1e-9

static bool near(double a, double b)
{
    return a == b || fabs(a - b) <= TOLERANCE * fmax(fabs(a), fabs(b));
}

static bool alike(const cJSON *a, const cJSON *b)
{
    if (!a || !b || cJSON_IsNumber(a) != cJSON_IsNumber(b))
        return false;
    if (cJSON_IsNumber(a))
        return near(a->valuedouble, b->valuedouble);
    if (!cJSON_IsArray(a) || !cJSON_IsArray(b))
        return cJSON_Compare(a, b, true);
    const cJSON *other = b->child;
    const cJSON *item;
    cJSON_ArrayForEach(item, a)
    {
        if (!alike(item, other))
            return false;
        other = other->next;
    }
    return !other;
}

/* The name of the first member of a that differs in b, or NULL. An object that is deeper is named as a whole.
 */
static const char *first_difference(const cJSON *a, const cJSON *b)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, a)
    {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(b, member->string);
        bool same = cJSON_IsObject(member) ? cJSON_IsObject(other) && !first_difference(member, other)
                                           : alike(member, other);
        if (!same)
            return member->string;
    }
    cJSON_ArrayForEach(member, b)
    {
        if (!cJSON_GetObjectItemCaseSensitive(a, member->string))
            return member->string;
    }
    return NULL;
}

static int read_measurement(const cJSON *source, struct metric *metric, struct err *err)
{
    const cJSON *samples = json_at(source, "samples");
    bool lower = equal(json_string_or(source, "direction", ""), "lower");
    metric->direction = lower ? METRIC_LOWER_IS_BETTER : METRIC_HIGHER_IS_BETTER;
    snprintf(metric->name, sizeof metric->name, "%s", json_string_or(source, "name", ""));
    snprintf(metric->unit, sizeof metric->unit, "%s", json_string_or(source, "unit", ""));
    if (cJSON_IsNull(samples))
        return 0;
    metric->samples = calloc((size_t)cJSON_GetArraySize(samples), sizeof *metric->samples);
    if (!metric->samples)
        return err_memory(err);
    const cJSON *sample;
    cJSON_ArrayForEach(sample, samples) metric->samples[metric->count++] = sample->valuedouble;
    return 0;
}

/* The suite's output as it must have been for this document. */
static int read_measurements(const cJSON *document, struct suite_output *output, struct err *err)
{
    const cJSON *sources = json_at(document, "measurements");
    snprintf(output->suite, sizeof output->suite, "%s",
             json_string_or(document, "metadata.benchmark_suite", ""));
    output->metrics = calloc((size_t)cJSON_GetArraySize(sources), sizeof *output->metrics);
    if (!output->metrics)
        return err_memory(err);
    const cJSON *source;
    cJSON_ArrayForEach(source, sources)
    {
        if (read_measurement(source, &output->metrics[output->metric_count++], err) < 0)
            return -1;
    }
    return 0;
}

static int compare_all(const cJSON *document, const cJSON *data, const cJSON *measurements,
                       finding_report report, void *context)
{
    const cJSON *source = json_at(document, "measurements")->child;
    const cJSON *wanted;
    cJSON_ArrayForEach(wanted, measurements)
    {
        const char *difference = first_difference(wanted, source);
        if (difference)
            say_finding(report, context, "statistics", "'%s' of the metric '%s' is not what its samples give",
                        difference, json_string_or(wanted, "name", ""));
        source = source->next;
    }
    const cJSON *stated = json_at(document, "performance_data");
    const char *difference = first_difference(data, stated);
    const cJSON *suite = data->child;
    if (difference && suite && equal(difference, suite->string))
        difference = first_difference(suite, cJSON_GetObjectItemCaseSensitive(stated, suite->string));
    if (difference)
        say_finding(report, context, "statistics",
                    "'%.64s' in performance_data is not what the measurements give", difference);
    return 0;
}

void check_statistics(const cJSON *document, finding_report report, void *context)
{
    struct err err = {0};
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    if (read_measurements(document, &output, &err) < 0) {
        report(context, "statistics", err.message);
        return;
    }
    AUTO_JSON cJSON *data = performance_data_of(&output, &err);
    AUTO_JSON cJSON *measurements = data ? measurements_of(&output, &err) : NULL;
    if (!measurements)
        report(context, "statistics", err.message);
    else
        compare_all(document, data, measurements, report, context);
}
