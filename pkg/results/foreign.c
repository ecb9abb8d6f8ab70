#include "results/foreign.h"

#include "results/sense.h"

#include <string.h>

static bool equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* The first of the paths at which the document has a text, or NULL. */
static const char *first_text(const cJSON *document, const char *const *paths, size_t count)
{
    const char *text = NULL;
    for (size_t i = 0; i < count && !text; i++)
        text = json_string_or(document, paths[i], NULL);
    return text;
}

bool foreign_read(const cJSON *document, struct foreign *foreign)
{
    static const char *const own[] = {"measurements", "integrity", "attestation", "schema"};
    static const char *const types[] = {"metadata.instance_type", "metadata.instanceType", "instance_type",
                                        "instanceType"};
    for (size_t i = 0; i < ARRAY_LENGTH(own); i++)
        if (json_at(document, own[i]))
            return false;
    const cJSON *performance = json_at(document, "performance");
    /* beside a schema_version, performance_data is a result of ours that lacks the rest */
    if (!performance && !json_at(document, "schema_version"))
        performance = json_at(document, "performance_data");
    *foreign = (struct foreign){first_text(document, types, ARRAY_LENGTH(types)), performance};
    return foreign->instance_type && cJSON_IsObject(performance);
}

/* --- architecture -------------------------------------------------------------------------- */

struct word {
    const char *word;
    const char *architecture; /* EC2's */
};

/* What stands there for an architecture is now its name, now a maker's. */
static const struct word words[] = {
    {"x86_64", "x86_64"}, {"amd64", "x86_64"},  {"intel", "x86_64"},   {"amd", "x86_64"},
    {"arm64", "arm64"},   {"aarch64", "arm64"}, {"graviton", "arm64"},
};

static const char *architecture_of_word(const char *word)
{
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (equal(words[i].word, word))
            return words[i].architecture;
    return NULL;
}

static void check_words(const cJSON *document, const struct foreign *foreign, const char *of_type,
                        finding_report report, void *context)
{
    static const char *const paths[] = {"system_info.architecture",        "metadata.processorArchitecture",
                                        "metadata.processor_architecture", "metadata.architecture",
                                        "processorArchitecture",           "architecture"};
    for (size_t i = 0; of_type && i < ARRAY_LENGTH(paths); i++) {
        const char *word = json_string_or(document, paths[i], NULL);
        const char *stated = word ? architecture_of_word(word) : NULL;
        if (stated && !equal(stated, of_type))
            say_finding(report, context, "architecture", "%s is %s, %s says %s", foreign->instance_type,
                        of_type, paths[i], word);
    }
}

static void check_families(const cJSON *document, const struct foreign *foreign, finding_report report,
                           void *context)
{
    static const char *const paths[] = {"system_info.instance_family", "metadata.instanceFamily",
                                        "metadata.instance_family"};
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++)
        check_family(foreign->instance_type, json_string_or(document, paths[i], NULL), report, context);
}

/* --- plausibility -------------------------------------------------------------------------- */

struct walk {
    finding_report report;
    void *context;
};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (equal(names[i], name))
            return true;
    return false;
}

/* group: the object that the number is a member of. */
static void check_number(const struct walk *walk, const cJSON *group, const cJSON *number)
{
    static const char *const positive[] = {"bandwidth", "latency", "access_time",
                                           "gflops",    "score",   "execution_time"};
    static const char *const delays[] = {"latency", "access_time"};
    static const char *const caches[] = {"l1", "l2", "l3"};
    const char *where = group->string ? group->string : "";
    const char *name = number->string;
    const char *unit = json_string_or(group, "unit", "");
    double value = number->valuedouble;
    bool in_ns = equal(unit, "ns") || equal(unit, "nanoseconds");
    if (is_one_of(name, positive, ARRAY_LENGTH(positive)) && value <= 0)
        say_finding(walk->report, walk->context, "plausibility", "%.64s.%s is %g", where, name, value);
    else if (is_one_of(name, delays, ARRAY_LENGTH(delays)) && equal(where, "memory") && in_ns &&
             value < LEAST_DRAM_NS)
        say_finding(walk->report, walk->context, "plausibility",
                    "%.64s.%s is %g ns: memory is not that fast, a cache is", where, name, value);
    else if (equal(name, "bandwidth") && equal(unit, "GB/s") &&
             !is_one_of(where, caches, ARRAY_LENGTH(caches)) && value > most_memory_gbs())
        say_finding(walk->report, walk->context, "plausibility",
                    "%.64s.%s is %g GB/s: no machine's memory gives that", where, name, value);
    else if (equal(name, "efficiency") && value > MOST_EFFICIENCY)
        say_finding(walk->report, walk->context, "plausibility", "%.64s.%s is %g of what there is", where,
                    name, value);
}

static void check_numbers(const struct walk *walk, const cJSON *group)
{
    const cJSON *child;
    cJSON_ArrayForEach(child, group)
    {
        if (cJSON_IsNumber(child) && child->string)
            check_number(walk, group, child);
        else if (!child->string || !equal(child->string, "metadata"))
            check_numbers(walk, child);
    }
}

/* --- what it says of its own worth ---------------------------------------------------------- */

/* That of no bytes at all, which is what a hash gives that nothing was fed to. */
#define SHA256_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void check_claims(const cJSON *document, finding_report report, void *context)
{
    const cJSON *runs = json_at(document, "validation.reproducibility.runs");
    const cJSON *confidence = json_at(document, "validation.reproducibility.confidence");
    if (cJSON_IsNumber(runs) && cJSON_IsNumber(confidence) && runs->valuedouble <= 1 &&
        confidence->valuedouble > 0)
        say_finding(report, context, "statistics", "claims a confidence of %g by %g run",
                    confidence->valuedouble, runs->valuedouble);
    if (equal(json_string_or(document, "validation.checksums.sha256", ""), SHA256_OF_NOTHING))
        say_finding(report, context, "checksum", "validation.checksums.sha256 is that of an empty text");
}

void check_foreign(const cJSON *document, const struct foreign *foreign,
                   const char *(*architecture_of)(const char *instance_type), finding_report report,
                   void *context)
{
    const char *of_type = architecture_of ? architecture_of(foreign->instance_type) : NULL;
    const struct walk walk = {report, context};
    check_words(document, foreign, of_type, report, context);
    check_families(document, foreign, report, context);
    check_numbers(&walk, foreign->performance);
    check_claims(document, report, context);
}
