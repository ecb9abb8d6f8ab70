/*
 * Latency of every cache level and of memory, and the bandwidth of reading, writing and copying in them.
 *
 * First comes the curve of latency against the size of the memory that is chased through: it shows where the
 * caches end, whatever anyone tells of them. Then every level is measured by itself, in rounds. Latency is
 * the time of a step of a pointer chase, in nanoseconds and, with the clock measured in the same round, in
 * cycles.
 */
#include "suites/suite.h"

#include "measure/cpu_clock.h"
#include "measure/latency.h"
#include "measure/latency_curve.h"
#include "measure/team.h"
#include "suites/cache_plateaus.h"
#include "suites/cache_sizes.h"
#include "suites/cache_transfers.h"

/* Of the time allowed, what the short passes of the curve, its last one, and linking the chases through
 * memory may take at most. */
#define SHORT_PASSES_SHARE 0.1
#define LAST_PASS_SHARE 0.25
#define RANDOM_SHARE 0.4
#define CLUSTERED_SHARE 0.5

/* The first passes of the curve go so many times past the last level; the last pass goes on into memory. */
#define SHORT_PASS_PER_CACHE 2

/* A walk round the whole of a larger cycle would only take time. */
#define CHECKED_STEPS ((size_t)1 << 18)

/* Both chases through memory share their lines. */
#define CLUSTERED_WORD 0
#define CURVE_WORD sizeof(void *)

#define LINE_ASSUMED 64

/* Steps through a small cache are alike. */
#define NEAR_BURST (10 * (NANOSECONDS / 1000))

/* Of the clustered chase, whose clusters would give a prefetcher of line pairs its chance; see chase.h. */
#define CLUSTERED_LINES 2

struct level_row {
    const char *latency_cycles;
    const char *latency_ns;
    const char *working_set;
    const char *seen;
    const char *told;
    const char *cpuid;
    unsigned lines_per_node; /* see chase.h */
    int64_t burst_time;      /* see struct probe */
};

static const struct level_row level_rows[CACHE_LEVELS] = {
    {"l1.latency", "l1.latency_ns", "l1_working_set_bytes", "l1_seen_bytes", "l1_told_bytes",
     "l1_cpuid_bytes", 1, NEAR_BURST},
    {"l2.latency", "l2.latency_ns", "l2_working_set_bytes", "l2_seen_bytes", "l2_told_bytes",
     "l2_cpuid_bytes", 1, NEAR_BURST},
    {"l3.latency", "l3.latency_ns", "l3_working_set_bytes", "l3_seen_bytes", "l3_told_bytes",
     "l3_cpuid_bytes", 2, 0},
};

/* The group of what cycles are computed from: the clock and the latencies. */
#define CYCLES 1

enum probe_index {
    PROBE_CLOCK,
    PROBE_LEVEL_LATENCY,
    PROBE_MEMORY_LATENCY = PROBE_LEVEL_LATENCY + CACHE_LEVELS,
    PROBE_MEMORY_LATENCY_RANDOM,
    PROBE_TRANSFERS,
    PROBES = PROBE_TRANSFERS + TRANSFER_PROBES
};

_Static_assert(PROBES <= PROBES_MAX, "the sampler takes all probes");

struct cache_suite {
    struct suite_run *run;
    const struct memory_kernels *kernels;
    struct latency_curve curve;
    struct cache_verdict verdict;
    struct cache_sizes sizes;
    struct memory_region levels[CACHE_LEVELS];
    struct memory_region memory;
    struct latency level_latency[CACHE_LEVELS];
    struct latency clustered, random;
    struct cache_transfers transfers;
    struct random numbers;
    struct probe probes[PROBES];
};

static size_t line_bytes(const struct cache_suite *suite)
{
    const struct cache *last = caches_last(&suite->run->machine->caches);
    return last ? last->line_bytes : LINE_ASSUMED;
}

/* --- the curve ------------------------------------------------------------------------------------------ */

static struct chase chase_over(const struct memory_region *region, size_t bytes, size_t spacing, size_t word)
{
    return (struct chase){.base = region->base, .spacing = spacing, .word = word, .nodes = bytes / spacing};
}

static void find_sizes(struct cache_suite *suite)
{
    const struct latency_curve *curve = &suite->curve;
    struct size_latency points[CURVE_POINTS_MAX];
    struct plateaus plateaus;
    for (size_t i = 0; i < curve->count; i++)
        points[i] = (struct size_latency){curve->points[i].bytes, curve_point_least(&curve->points[i])};
    plateaus_find(points, curve->count, &plateaus);
    size_t end = curve->count > 0 ? points[curve->count - 1].bytes : 0;
    cache_verdict_reach(&suite->run->machine->caches, &plateaus, end, &suite->verdict);
}

/* The chase of the last pass stays, and grows to all of the memory. */
static int measure_curve(struct cache_suite *suite, struct err *err)
{
    struct suite_run *run = suite->run;
    const struct cache *last = caches_last(&run->machine->caches);
    const uint64_t last_bytes = last ? last->size_bytes : 0;
    const uint64_t wanted = cache_chase_wanted(last_bytes);
    size_t bytes;
    if (cache_chase_bytes(wanted, run->budget.limit, &bytes, err) < 0 ||
        memory_map(&run->budget, bytes, &suite->memory, err) < 0)
        return -1;
    progress_phase(&run->progress, "latency of 4 KiB to %zu MiB", bytes >> 20);
    struct chase *chase = &suite->random.chase;
    *chase = chase_over(&suite->memory, bytes, line_bytes(suite), CURVE_WORD);
    for (size_t pass = 1; pass <= CURVE_PASSES; pass++) {
        const bool last_pass = pass == CURVE_PASSES;
        const struct pace pace = {&run->progress,
                                  suite_deadline(run, last_pass ? LAST_PASS_SHARE : SHORT_PASSES_SHARE)};
        uint64_t most = last_pass ? bytes : SHORT_PASS_PER_CACHE * (wanted / 8);
        if (latency_curve_pass(&suite->curve, chase, most < bytes ? (size_t)most : bytes,
                               suite->kernels->in_cache[MEMORY_READ], &suite->numbers, &pace, err) < 0)
            return -1;
    }
    const struct pace pace = {&run->progress, suite_deadline(run, RANDOM_SHARE)};
    chase_grow(chase, bytes / chase->spacing, &suite->numbers, &pace);
    find_sizes(suite);
    return 0;
}

/* --- set-up --------------------------------------------------------------------------------------------- */

static int set_up_level(struct cache_suite *suite, size_t level, struct err *err)
{
    size_t bytes = suite->sizes.level[level];
    if (memory_map(&suite->run->budget, cache_region_bytes(bytes), &suite->levels[level], err) < 0)
        return -1;
    struct latency *latency = &suite->level_latency[level];
    struct pace pace = {&suite->run->progress, suite->run->deadline};
    *latency = (struct latency){.reader = suite->kernels->in_cache[MEMORY_READ], .warm_bytes = bytes};
    latency->chase =
        chase_over(&suite->levels[level], bytes, line_bytes(suite) * level_rows[level].lines_per_node, 0);
    chase_link_random(&latency->chase, &suite->numbers, &pace);
    return 0;
}

static size_t linked_bytes(const struct chase *chase)
{
    return chase->nodes * chase->spacing;
}

/* A chase through less would be one through a cache; from here to what is wanted it is flagged. */
static size_t least_for_memory(const struct cache_suite *suite)
{
    size_t largest = 0;
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        if (suite->sizes.level[level])
            largest = 2 * suite->sizes.level[level];
    return largest;
}

static int set_up_clustered(struct cache_suite *suite, struct err *err)
{
    struct suite_run *run = suite->run;
    const struct chase *random = &suite->random.chase;
    const size_t spacing = CLUSTERED_LINES * line_bytes(suite);
    struct pace pace = {&run->progress, suite_deadline(run, CLUSTERED_SHARE)};
    progress_phase(&run->progress, "linking %zu bytes", random->nodes * random->spacing);
    suite->clustered.chase =
        chase_over(&suite->memory, random->nodes * random->spacing, spacing, CLUSTERED_WORD);
    if (chase_link_clustered(&suite->clustered.chase, &suite->numbers, &pace, err) < 0)
        return -1;
    const size_t linked = linked_bytes(&suite->clustered.chase), least = least_for_memory(suite);
    if (linked < least)
        return err_set(
            err, ERR_UNSUPPORTED,
            "in the time allowed %zu bytes could be linked, and memory can't be told from the caches with "
            "less than %zu: give it more with --max-seconds",
            linked, least);
    return 0;
}

static int set_up(struct cache_suite *suite, struct err *err)
{
    struct suite_run *run = suite->run;
    if (measure_curve(suite, err) < 0)
        return -1;
    const struct cache_demand demand = {
        .caches = &suite->verdict.caches,
        .flat = suite->verdict.flat,
        .last_level_bytes = suite->verdict.last_level_bytes,
        .threads = team_size(suite->transfers.team),
        .online = run->machine->online.count,
        .many_nodes = run->machine->nodes.count > 1,
        .chase_bytes = suite->memory.bytes,
        .budget = run->budget.limit - run->budget.used,
    };
    if (cache_sizes_choose(&demand, &suite->sizes, err) < 0)
        return -1;
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        if (suite->sizes.level[level] && set_up_level(suite, level, err) < 0)
            return -1;
    if (set_up_clustered(suite, err) < 0)
        return -1;
    return cache_transfers_set_up(&suite->transfers, run, &suite->sizes, err);
}

/* --- checks --------------------------------------------------------------------------------------------- */

static bool all_are_cycles(const struct cache_suite *suite)
{
    bool good = chase_is_one_cycle(&suite->clustered.chase, CHECKED_STEPS) &&
                chase_is_one_cycle(&suite->random.chase, CHECKED_STEPS);
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        if (suite->sizes.level[level])
            good = good && chase_is_one_cycle(&suite->level_latency[level].chase, CHECKED_STEPS);
    return good;
}

static void check(struct cache_suite *suite)
{
    struct document *document = suite->run->document;
    bool cycles = all_are_cycles(suite);
    document_add_check(document, "cycles", cycles, "%s",
                       cycles ? "every chase is one cycle over its nodes" : "a chase left its cycle");
    bool moved = cache_transfers_are_right(&suite->transfers);
    document_add_check(document, "transfers", moved, "%s",
                       moved ? "every kernel read, wrote and copied what a plain loop does"
                             : "a kernel missed memory, or wrote something else");
}

/* --- measuring and reporting ---------------------------------------------------------------------------- */

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
static void list_probes(struct cache_suite *suite)
{
    struct probe *probes = suite->probes;
    probes[PROBE_CLOCK] =
        (struct probe){.name = "clock", .measure = measure_clock, .burst_time = NEAR_BURST, .group = CYCLES};
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        if (suite->sizes.level[level])
            probes[PROBE_LEVEL_LATENCY + level] = (struct probe){.name = level_rows[level].latency_ns,
                                                                 .measure = latency_measure,
                                                                 .context = &suite->level_latency[level],
                                                                 .burst_time = level_rows[level].burst_time,
                                                                 .group = CYCLES};
    probes[PROBE_MEMORY_LATENCY] = (struct probe){
        .name = "memory.latency", .measure = latency_measure, .context = &suite->clustered, .group = CYCLES};
    probes[PROBE_MEMORY_LATENCY_RANDOM] = (struct probe){
        .name = "memory.latency_random", .measure = latency_measure, .context = &suite->random};
    cache_transfers_list(&suite->transfers, probes + PROBE_TRANSFERS);
}

/* Each sample with the clock of its own round. */
static void report_cycles(const struct cache_suite *suite, const char *name, const struct probe *latency)
{
    const double *ghz = suite->probes[PROBE_CLOCK].samples;
    double cycles[SAMPLES_MAX];
    for (size_t i = 0; i < latency->count; i++)
        cycles[i] = latency->samples[i] * ghz[i];
    document_add_metric(suite->run->document, name, "cycles", LOWER_IS_BETTER,
                        latency->measure ? cycles : NULL, latency->count);
}

static void report_curve(const struct cache_suite *suite)
{
    struct document *document = suite->run->document;
    for (size_t i = 0; i < suite->curve.count; i++) {
        const struct curve_point *point = &suite->curve.points[i];
        document_add_metric(document, document_name(document, "curve.kib_%zu", point->bytes >> 10), "ns",
                            LOWER_IS_BETTER, point->values, point->count);
    }
}

static void report_latencies(const struct cache_suite *suite)
{
    const struct probe *memory = &suite->probes[PROBE_MEMORY_LATENCY];
    for (size_t level = 0; level < CACHE_LEVELS; level++) {
        const struct probe *probe = &suite->probes[PROBE_LEVEL_LATENCY + level];
        report_cycles(suite, level_rows[level].latency_cycles, probe);
        suite_report_probe(suite->run, level_rows[level].latency_ns, "ns", LOWER_IS_BETTER, probe);
    }
    suite_report_probe(suite->run, "memory.latency", "ns", LOWER_IS_BETTER, memory);
    report_cycles(suite, "memory.latency_cycles", memory);
    suite_report_probe(suite->run, "memory.latency_random", "ns", LOWER_IS_BETTER,
                       &suite->probes[PROBE_MEMORY_LATENCY_RANDOM]);
    report_curve(suite);
}

static struct optional_u64 size_of(const struct caches *caches, unsigned level)
{
    const struct cache *cache = caches_level(caches, level);
    return cache ? known_u64(cache->size_bytes) : (struct optional_u64){0};
}

/* What the machine tells of its caches, what the CPU itself does, and what the curve shows. */
static void report_sizes(const struct cache_suite *suite)
{
    struct document *document = suite->run->document;
    const struct machine *machine = suite->run->machine;
    struct caches asked;
    bool disputed = suite->verdict.disputed;
    caches_ask_cpu(machine->online.count, &asked);
    for (unsigned level = 0; level < CACHE_LEVELS; level++) {
        const struct level_row *row = &level_rows[level];
        const struct optional_u64 told = size_of(&machine->caches, level + 1);
        const struct optional_u64 cpuid = size_of(&asked, level + 1);
        const size_t seen = suite->verdict.seen[level];
        document_add_optional(document, row->told, told);
        document_add_optional(document, row->cpuid, cpuid);
        document_add_optional(document, row->seen, (struct optional_u64){seen > 0, seen});
        if (suite->sizes.level[level])
            document_add_whole(document, row->working_set, suite->sizes.level[level]);
        disputed = disputed || (told.known && cpuid.known && told.value != cpuid.value);
    }
    if (disputed)
        document_add_flag(document, "cache_size_disputed");
    if (machine->caches.count == 0)
        document_add_flag(document, "cache_size_measured");
}

static void report(const struct cache_suite *suite, const struct sampling *sampling)
{
    struct suite_run *run = suite->run;
    struct document *document = run->document;
    size_t chased = linked_bytes(&suite->clustered.chase);
    report_latencies(suite);
    cache_transfers_report(suite->probes + PROBE_TRANSFERS, run);
    report_sizes(suite);
    document_add_whole(document, "memory_working_set_bytes", chased);
    document_add_whole(document, "memory_moved_bytes", suite->sizes.memory);
    document_add_whole(document, "threads", team_size(suite->transfers.team));
    document_add_whole(document, "cpu", machine_measuring_cpu(run->machine));
    document_add_text(document, "isa", suite->kernels->isa);
    document_add_text(document, "isa_memory", suite->kernels->isa_beyond);
    suite_report_huge_pages(run, run->budget.used - suite->memory.bytes + linked_bytes(&suite->random.chase));
    suite_report_sampling(run, sampling);
    uint64_t wanted =
        cache_chase_wanted(suite->run->machine->caches.count ? suite->verdict.last_level_bytes : 0);
    if (chased < wanted || suite->sizes.memory < suite->sizes.memory_wanted)
        document_add_flag(document, "cache_resident");
}

static int measure(struct cache_suite *suite, struct err *err)
{
    struct sampling sampling;
    if (set_up(suite, err) < 0)
        return -1;
    check(suite);
    list_probes(suite);
    if (suite_sample(suite->run, suite->probes, PROBES, suite->run->deadline, &sampling, err) < 0)
        return -1;
    report(suite, &sampling);
    return 0;
}

int cache_suite(struct suite_run *run, struct err *err)
{
    struct cpu_list cpus = {.count = suite_threads(run)};
    for (size_t i = 0; i < cpus.count; i++)
        cpus.cpus[i] = suite_cpu(run, i);
    AUTO_FREE struct cache_suite *suite = calloc(1, sizeof *suite);
    AUTO_TEAM struct team *team = team_start(cpus.cpus, cpus.count, err);
    if (!team)
        return -1;
    if (!suite)
        return err_memory(err);
    suite->run = run;
    suite->kernels = memory_kernels_for(run->machine->features);
    suite->transfers = (struct cache_transfers){.kernels = suite->kernels, .team = team};
    int result = measure(suite, err);
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        memory_unmap(&run->budget, &suite->levels[level]);
    memory_unmap(&run->budget, &suite->memory);
    cache_transfers_end(&suite->transfers, run);
    return result;
}
