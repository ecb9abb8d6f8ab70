/*
 * Latency and read bandwidth of each cache level and of memory, by one thread on one CPU. Latency is the time
 * of a step of a pointer chase, in nanoseconds and, with the clock measured in the same round, in cycles.
 */
#include "suites/suite.h"

#include "measure/cpu_clock.h"
#include "measure/latency.h"
#include "measure/read_bandwidth.h"
#include "measure/team.h"
#include "suites/cache_sizes.h"

/* Of the time allowed, what linking the chases through memory may take at most. */
#define CLUSTERED_SHARE 0.2
#define RANDOM_SHARE 0.4

/* A walk round the whole of a larger cycle would only take time. */
#define CHECKED_STEPS ((size_t)1 << 18)

/* Both chases through memory share their nodes. */
#define CLUSTERED_WORD 0
#define RANDOM_WORD sizeof(void *)

struct level_row {
    const char *latency_cycles;
    const char *latency_ns;
    const char *bandwidth;
    const char *working_set;
    unsigned lines_per_node; /* see chase.h */
};

static const struct level_row level_rows[CACHE_LEVELS] = {
    {"l1.latency", "l1.latency_ns", "l1.bandwidth", "l1_working_set_bytes", 1},
    {"l2.latency", "l2.latency_ns", "l2.bandwidth", "l2_working_set_bytes", 1},
    {"l3.latency", "l3.latency_ns", "l3.bandwidth", "l3_working_set_bytes", 2},
};

#define MEMORY_LINES_PER_NODE 2

enum probe_index {
    PROBE_CLOCK,
    PROBE_LEVEL_LATENCY,
    PROBE_LEVEL_BANDWIDTH = PROBE_LEVEL_LATENCY + CACHE_LEVELS,
    PROBE_MEMORY_LATENCY = PROBE_LEVEL_BANDWIDTH + CACHE_LEVELS,
    PROBE_MEMORY_LATENCY_RANDOM,
    PROBE_MEMORY_BANDWIDTH,
    PROBES
};

_Static_assert(PROBES <= PROBES_MAX, "the sampler takes all probes");

/* The group of what cycles are computed from: the clock and the latencies of the levels. */
#define CYCLES 1

struct cache_suite {
    struct suite_run *run;
    const struct read_kernels *kernels;
    struct cache_sizes sizes;
    struct memory_region levels[CACHE_LEVELS];
    struct memory_region memory;
    struct latency level_latency[CACHE_LEVELS];
    struct latency clustered, random;
    struct read_bandwidth level_bandwidth[CACHE_LEVELS];
    struct read_bandwidth memory_bandwidth;
    size_t linked_bytes; /* of memory, what both chases span */
    struct random numbers;
};

static size_t line_bytes(const struct cache_suite *suite)
{
    return caches_last(&suite->run->machine->caches)->line_bytes;
}

/* --- set-up ------------------------------------------------------------------------------------------------
 */

static struct chase chase_over(const struct memory_region *region, size_t bytes, size_t spacing, size_t word)
{
    return (struct chase){.base = region->base, .spacing = spacing, .word = word, .nodes = bytes / spacing};
}

static int set_up_level(struct cache_suite *suite, size_t level, struct err *err)
{
    size_t bytes = suite->sizes.level[level];
    if (memory_map(&suite->run->budget, cache_region_bytes(bytes), &suite->levels[level], err) < 0)
        return -1;
    struct latency *latency = &suite->level_latency[level];
    struct pace pace = {&suite->run->progress, suite->run->deadline};
    *latency = (struct latency){.warm_kernel = suite->kernels->run, .warm_bytes = bytes};
    latency->chase =
        chase_over(&suite->levels[level], bytes, line_bytes(suite) * level_rows[level].lines_per_node, 0);
    chase_link_random(&latency->chase, &suite->numbers, &pace);
    suite->level_bandwidth[level] = (struct read_bandwidth){
        .kernel = suite->kernels->run, .memory = suite->levels[level].base, .bytes = bytes, .in_cache = true};
    return 0;
}

/* Both chases over the same nodes; what the first had no time to link, the second and the reading leave out.
 */
static int set_up_memory(struct cache_suite *suite, struct err *err)
{
    struct suite_run *run = suite->run;
    size_t spacing = line_bytes(suite) * MEMORY_LINES_PER_NODE;
    if (memory_map(&run->budget, suite->sizes.memory, &suite->memory, err) < 0)
        return -1;
    progress_phase(&run->progress, "linking %zu bytes", suite->sizes.memory);
    struct pace pace = {&run->progress, suite_deadline(run, CLUSTERED_SHARE)};
    struct chase *clustered = &suite->clustered.chase;
    *clustered = chase_over(&suite->memory, suite->sizes.memory, spacing, CLUSTERED_WORD);
    if (chase_link_clustered(clustered, &suite->numbers, &pace, err) < 0)
        return -1;
    pace.deadline = suite_deadline(run, RANDOM_SHARE);
    struct chase *random = &suite->random.chase;
    *random = chase_over(&suite->memory, clustered->nodes * spacing, spacing, RANDOM_WORD);
    chase_link_random(random, &suite->numbers, &pace);
    suite->linked_bytes = random->nodes * spacing / READ_BLOCK_BYTES * READ_BLOCK_BYTES;
    suite->memory_bandwidth = (struct read_bandwidth){
        .kernel = suite->kernels->run, .memory = suite->memory.base, .bytes = suite->linked_bytes};
    return 0;
}

static int set_up(struct cache_suite *suite, struct err *err)
{
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        if (suite->sizes.level[level] && set_up_level(suite, level, err) < 0)
            return -1;
    return set_up_memory(suite, err);
}

/* --- checks ------------------------------------------------------------------------------------------------
 */

static bool all_are_cycles(const struct cache_suite *suite)
{
    bool good = chase_is_one_cycle(&suite->clustered.chase, CHECKED_STEPS) &&
                chase_is_one_cycle(&suite->random.chase, CHECKED_STEPS);
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        if (suite->sizes.level[level])
            good = good && chase_is_one_cycle(&suite->level_latency[level].chase, CHECKED_STEPS);
    return good;
}

static bool all_sums_are_right(const struct cache_suite *suite)
{
    bool good = read_bandwidth_sum_is_right(&suite->memory_bandwidth);
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        if (suite->sizes.level[level])
            good = good && read_bandwidth_sum_is_right(&suite->level_bandwidth[level]);
    return good;
}

static void check(const struct cache_suite *suite)
{
    struct document *document = suite->run->document;
    bool cycles = all_are_cycles(suite);
    document_add_check(document, "cycles", cycles, "%s",
                       cycles ? "every chase is one cycle over its nodes" : "a chase left its cycle");
    bool sums = all_sums_are_right(suite);
    document_add_check(document, "sums", sums, "%s",
                       sums ? "every read kernel summed what a plain loop sums"
                            : "a read kernel missed memory");
}

/* --- measuring and reporting -------------------------------------------------------------------------------
 */

static int measure_clock(void *context, struct burst *burst, struct err *err)
{
    (void)context;
    while (burst_wants_more(burst)) {
        double ghz;
        if (cpu_clock_measure(&ghz, err) < 0)
            return -1;
        burst_add(burst, ghz);
    }
    return 0;
}

/* Probes of levels that the CPU lacks stay empty: they are not measured. */
static void list_probes(struct cache_suite *suite, struct probe probes[PROBES])
{
    probes[PROBE_CLOCK] = (struct probe){.name = "clock", .measure = measure_clock, .group = CYCLES};
    for (size_t level = 0; level < CACHE_LEVELS; level++) {
        if (!suite->sizes.level[level])
            continue;
        probes[PROBE_LEVEL_LATENCY + level] = (struct probe){.name = level_rows[level].latency_ns,
                                                             .measure = latency_measure,
                                                             .context = &suite->level_latency[level],
                                                             .group = CYCLES};
        probes[PROBE_LEVEL_BANDWIDTH + level] = (struct probe){.name = level_rows[level].bandwidth,
                                                               .measure = read_bandwidth_measure,
                                                               .context = &suite->level_bandwidth[level]};
    }
    probes[PROBE_MEMORY_LATENCY] =
        (struct probe){.name = "memory.latency", .measure = latency_measure, .context = &suite->clustered};
    probes[PROBE_MEMORY_LATENCY_RANDOM] = (struct probe){
        .name = "memory.latency_random", .measure = latency_measure, .context = &suite->random};
    probes[PROBE_MEMORY_BANDWIDTH] = (struct probe){
        .name = "memory.bandwidth", .measure = read_bandwidth_measure, .context = &suite->memory_bandwidth};
}

static void report_level(const struct cache_suite *suite, size_t level, const struct probe probes[PROBES])
{
    struct document *document = suite->run->document;
    const struct level_row *row = &level_rows[level];
    if (!suite->sizes.level[level]) {
        document_add_metric(document, row->latency_cycles, "cycles", LOWER_IS_BETTER, NULL, 0);
        document_add_metric(document, row->latency_ns, "ns", LOWER_IS_BETTER, NULL, 0);
        document_add_metric(document, row->bandwidth, "GB/s", HIGHER_IS_BETTER, NULL, 0);
        return;
    }
    const struct probe *nanoseconds = &probes[PROBE_LEVEL_LATENCY + level];
    const double *ghz = probes[PROBE_CLOCK].samples;
    double cycles[SAMPLES_MAX];
    for (size_t i = 0; i < nanoseconds->count; i++)
        cycles[i] = nanoseconds->samples[i] * ghz[i];
    document_add_metric(document, row->latency_cycles, "cycles", LOWER_IS_BETTER, cycles, nanoseconds->count);
    suite_report_probe(suite->run, row->latency_ns, "ns", LOWER_IS_BETTER, nanoseconds);
    suite_report_probe(suite->run, row->bandwidth, "GB/s", HIGHER_IS_BETTER,
                       &probes[PROBE_LEVEL_BANDWIDTH + level]);
    document_add_whole(document, row->working_set, suite->sizes.level[level]);
}

static void report(const struct cache_suite *suite, const struct probe probes[PROBES],
                   const struct sampling *sampling)
{
    struct document *document = suite->run->document;
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        report_level(suite, level, probes);
    suite_report_probe(suite->run, "memory.latency", "ns", LOWER_IS_BETTER, &probes[PROBE_MEMORY_LATENCY]);
    suite_report_probe(suite->run, "memory.latency_random", "ns", LOWER_IS_BETTER,
                       &probes[PROBE_MEMORY_LATENCY_RANDOM]);
    suite_report_probe(suite->run, "memory.bandwidth", "GB/s", HIGHER_IS_BETTER,
                       &probes[PROBE_MEMORY_BANDWIDTH]);
    document_add_whole(document, "memory_working_set_bytes", suite->linked_bytes);
    document_add_whole(document, "cpu", machine_measuring_cpu(suite->run->machine));
    document_add_text(document, "isa", suite->kernels->isa);
    document_add_optional(document, "huge_page_bytes", memory_on_huge_pages(suite->run->machine->root));
    suite_report_sampling(suite->run, sampling);
    if (suite->linked_bytes < suite->sizes.memory_wanted)
        document_add_flag(document, "cache_resident");
}

static int measure(struct cache_suite *suite, struct err *err)
{
    struct probe probes[PROBES] = {0};
    struct sampling sampling;
    list_probes(suite, probes);
    if (set_up(suite, err) < 0)
        return -1;
    check(suite);
    if (suite_sample(suite->run, probes, PROBES, suite->run->deadline, &sampling, err) < 0)
        return -1;
    report(suite, probes, &sampling);
    return 0;
}

int cache_suite(struct suite_run *run, struct err *err)
{
    struct cache_suite suite = {
        .run = run, .kernels = read_kernels_for(run->machine->features), .numbers = {1}};
    if (cache_sizes_choose(&run->machine->caches, run->budget.limit, &suite.sizes, err) < 0)
        return -1;
    uint16_t cpu = (uint16_t)machine_measuring_cpu(run->machine);
    AUTO_TEAM struct team *alone = team_start(&cpu, 1, err);
    int result = alone ? measure(&suite, err) : -1;
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        memory_unmap(&run->budget, &suite.levels[level]);
    memory_unmap(&run->budget, &suite.memory);
    return result;
}
