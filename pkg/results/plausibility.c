#include "results/document.h"
#include "results/sense.h"

#include <math.h>
#include <string.h>

/* A cache may seem as fast as the smaller one in front of it, by noise, but not clearly faster. */
#define CACHE_ORDER_SLACK 0.8

static bool equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* --- what memory can do -------------------------------------------------------------------- */

struct memory_row {
    const char *microarchitecture; /* as the benchmark program names it */
    unsigned channels;             /* of a socket */
    unsigned megatransfers;        /* a second, of 8 bytes each: the fastest memory that it takes */
};

/*
 * Intel: ARK, "Max # of Memory Channels" and "Memory Types" of the fastest Xeon of each generation; for those
 * with memory buffers (E7, third and fourth generation) what the buffers pass on. AMD: the data sheets of
 * EPYC 7001, 7002, 7003, 9004 and 9005. Arm: what AWS says of Graviton2, 3 and 4.
 */
static const struct memory_row memory_rows[] = {
    {"Sandy Bridge", 4, 1600},   {"Ivy Bridge", 4, 2667},      {"Haswell", 4, 3200},
    {"Broadwell", 4, 3200},      {"Skylake-SP", 6, 2667},      {"Cascade Lake", 6, 2933},
    {"Cooper Lake", 6, 3200},    {"Ice Lake", 8, 3200},        {"Sapphire Rapids", 8, 4800},
    {"Emerald Rapids", 8, 5600}, {"Granite Rapids", 12, 8800}, {"Zen 1", 8, 2667},
    {"Zen 2", 8, 3200},          {"Zen 3", 8, 3200},           {"Zen 4", 12, 4800},
    {"Zen 5", 12, 6400},         {"Neoverse-N1", 8, 3200},     {"Neoverse-V1", 8, 4800},
    {"Neoverse-V2", 12, 5600},
};

/* STREAM's arrays are four times the last-level caches: up to a quarter of the bytes may come from there. */
#define CACHED_SHARE 0.25

/* u7inh-32tb has the most of all types of EC2. */
#define MOST_SOCKETS 16

static double socket_gbs(const struct memory_row *row)
{
    return row->channels * row->megatransfers * 8 / 1e3;
}

static const struct memory_row *memory_of(const char *microarchitecture)
{
    for (size_t i = 0; i < ARRAY_LENGTH(memory_rows); i++)
        if (equal(memory_rows[i].microarchitecture, microarchitecture))
            return &memory_rows[i];
    return NULL;
}

double most_memory_gbs(void)
{
    double most = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(memory_rows); i++)
        most = fmax(most, socket_gbs(&memory_rows[i]));
    return most * MOST_SOCKETS;
}

/* A bound on what a document can say of its memory, and where that comes from. */
struct bound {
    double gbs;
    char source[128];
};

/* All channels of all sockets. In the sandbox and at home it may be another memory than EC2's. */
static void bound_by_channels(const cJSON *document, struct bound *bound)
{
    const struct memory_row *row = memory_of(json_string_or(document, "system_info.microarchitecture", ""));
    int nodes = cJSON_GetArraySize(json_at(document, "system_info.numa_nodes"));
    if (!row || !document_is_of_ec2(document) || document_has_flag(document, "cache_resident"))
        return;
    double sockets = fmax(fmax(json_number_or(document, "system_info.sockets", 1), nodes), 1);
    double most = socket_gbs(row) * sockets / (1 - CACHED_SHARE);
    if (most >= bound->gbs)
        return;
    bound->gbs = most;
    snprintf(bound->source, sizeof bound->source, "%g x %s have %u channels of %u MT/s each", sockets,
             row->microarchitecture, row->channels, row->megatransfers);
}

/* The widest cores load twice and store once 64 bytes a cycle (Intel's optimization manual, of Golden Cove;
 * AMD's, of family 1Ah; those of Arm have less). */
#define BYTES_A_CYCLE (2 * 64 + 64)

/* The clock may have been taken at its lowest: from there to the highest it is less than this on any Xeon or
 * EPYC of EC2. */
#define CLOCK_SLACK 1.6

/* What the cores can move at all, wherever it lies. */
static void bound_by_cores(const cJSON *document, struct bound *bound)
{
    double cores = json_number_or(document, "system_info.physical_cores",
                                  json_number_or(document, "system_info.logical_cpus", INFINITY));
    double clock = json_number_or(document, "system_info.clock_ghz", INFINITY);
    clock = fmax(clock, json_number_or(document, "system_info.clock_end_ghz", 0));
    double most = cores * clock * BYTES_A_CYCLE * CLOCK_SLACK;
    if (document_has_flag(document, "emulated") || !(most < bound->gbs))
        return;
    bound->gbs = most;
    snprintf(bound->source, sizeof bound->source, "%g cores at %.3g GHz move %d bytes a cycle each", cores,
             clock, BYTES_A_CYCLE);
}

static struct bound memory_bound(const cJSON *document)
{
    struct bound bound = {most_memory_gbs(), "no machine's memory gives that"};
    bound_by_channels(document, &bound);
    bound_by_cores(document, &bound);
    return bound;
}

static void check_bandwidth(const cJSON *document, const struct bound *bound, const char *path,
                            finding_report report, void *context)
{
    double bandwidth = json_number_or(document, path, 0);
    if (bandwidth > bound->gbs)
        say_finding(report, context, "plausibility", "%s is %g GB/s, over %.4g: %s", path, bandwidth,
                    bound->gbs, bound->source);
}

/* --- the rule ------------------------------------------------------------------------------ */

static void check_range(const cJSON *measurement, finding_report report, void *context)
{
    static const char *const positive_units[] = {"GB/s", "ns", "cycles", "GFLOPS"};
    const char *name = json_string_or(measurement, "name", "");
    const char *unit = json_string_or(measurement, "unit", "");
    const cJSON *minimum = json_at(measurement, "minimum");
    for (size_t i = 0; i < ARRAY_LENGTH(positive_units); i++)
        if (equal(unit, positive_units[i]) && cJSON_IsNumber(minimum) && minimum->valuedouble <= 0)
            say_finding(report, context, "plausibility", "'%s' has a sample of %g %s", name,
                        minimum->valuedouble, unit);
}

/* A share of the machine's own peak, or of the ideal. */
static void check_efficiency(const cJSON *measurement, finding_report report, void *context)
{
    const char *name = json_string_or(measurement, "name", "");
    double median = json_number_or(measurement, "median", 0);
    if (equal(json_string_or(measurement, "unit", ""), "fraction") && strstr(name, "efficiency") &&
        median > MOST_EFFICIENCY)
        say_finding(report, context, "plausibility", "'%s' is %g of what there is", name, median);
}

static void check_dram(const cJSON *document, const char *path, finding_report report, void *context)
{
    double latency = json_number_or(document, path, INFINITY);
    if (latency < LEAST_DRAM_NS && !document_has_flag(document, "cache_resident"))
        say_finding(report, context, "plausibility", "%s is %g ns: memory is not that fast, a cache is", path,
                    latency);
}

static void check_cache_order(const cJSON *document, const char *smaller, const char *larger,
                              finding_report report, void *context)
{
    if (json_number_or(document, larger, INFINITY) < json_number_or(document, smaller, 0) * CACHE_ORDER_SLACK)
        say_finding(report, context, "plausibility", "%s is below %s", larger, smaller);
}

static void check_memory(const cJSON *document, finding_report report, void *context)
{
    static const char *const latencies[] = {
        "performance_data.cache.memory.latency", "performance_data.cache.memory.latency_random",
        "performance_data.numa.local.latency", "performance_data.numa.remote.latency",
        "performance_data.numa.inter_socket.latency"};
    static const char *const bandwidths[] = {
        "performance_data.stream.copy.bandwidth",  "performance_data.stream.scale.bandwidth",
        "performance_data.stream.add.bandwidth",   "performance_data.stream.triad.bandwidth",
        "performance_data.cache.memory.bandwidth", "performance_data.cache.memory.bandwidth_all_cpus",
        "performance_data.numa.local.bandwidth",   "performance_data.numa.remote.bandwidth"};
    const struct bound bound = memory_bound(document);
    for (size_t i = 0; i < ARRAY_LENGTH(latencies); i++)
        check_dram(document, latencies[i], report, context);
    for (size_t i = 0; i < ARRAY_LENGTH(bandwidths); i++)
        check_bandwidth(document, &bound, bandwidths[i], report, context);
}

void check_plausibility(const cJSON *document, finding_report report, void *context)
{
    /* the emulator does what it likes with the order of caches, and noise with shares */
    bool rough = document_has_flag(document, "emulated") || document_has_flag(document, "unstable");
    const cJSON *measurement;
    cJSON_ArrayForEach(measurement, json_at(document, "measurements"))
    {
        check_range(measurement, report, context);
        if (!rough)
            check_efficiency(measurement, report, context);
    }
    check_memory(document, report, context);
    if (rough)
        return;
    check_cache_order(document, "performance_data.cache.l1.latency", "performance_data.cache.l2.latency",
                      report, context);
    check_cache_order(document, "performance_data.cache.l2.latency", "performance_data.cache.l3.latency",
                      report, context);
}
