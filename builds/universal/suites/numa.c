/*
 * Latency and read bandwidth from the CPUs of every node to the memory of every node, and latency under load.
 * Memory is placed by the threads that touch it first. The nearest other node and the nearest in another
 * socket, as seen from home, also stand under names of their own.
 */
#include "suites/suite.h"

#include "measure/latency.h"
#include "measure/placement.h"
#include "measure/team_timing.h"
#include "measure/transfer.h"
#include "suites/numa_load.h"
#include "suites/numa_places.h"

#include <inttypes.h>
#include <string.h>

/* Memory is eight times the last-level caches that could hold it; see cache_sizes.h. */
#define MEMORY_PER_CACHE 8
#define CACHES_ASSUMED ((uint64_t)256 << 20)

/* Less than this on one node is no measurement. */
#define NODE_BYTES_MIN (2 * HUGE_PAGE_BYTES)

/* Of the time allowed, what touching and linking may take at most. */
#define TOUCHING_SHARE 0.25
#define LINKING_SHARE 0.4

#define LINES_PER_NODE 2
#define LINE_ASSUMED 64
#define CHECKED_STEPS ((size_t)1 << 18)

/* At least this share of the pages must lie where they were put. */
#define SHARE_WANTED 0.95

/* Many pairs take shorter bursts, so that a round of all stays at about a second. */
#define ROUND_TIME NANOSECONDS
#define BURST_MIN (2 * (NANOSECONDS / 1000))

struct place_row {
    const char *latency;
    const char *bandwidth; /* NULL: not measured here */
};

static const struct place_row place_rows[PLACES] = {
    [PLACE_LOCAL] = {"local.latency", "local.bandwidth"},
    [PLACE_REMOTE] = {"remote.latency", "remote.bandwidth"},
    [PLACE_INTER_SOCKET] = {"inter_socket.latency", NULL},
};

/* Memory on a node, and the chase through it, which any CPU can walk. */
struct node_memory {
    const struct numa_node *node;
    struct memory_region region;
    size_t bytes; /* of the region, what was touched in time and is in use */
    struct latency latency;
};

struct numa {
    struct suite_run *run;
    const struct memory_kernels *kernels;
    struct numa_places places;
    struct numa_pairs pairs;
    struct node_memory memory[PAIR_NODES_MAX]; /* as pairs.nodes */
    uint64_t bytes_wanted;
    struct numa_load load;
};

/* Of a node, at most as many as the suite may use. */
static void cpus_of(const struct numa *numa, const struct numa_node *node, struct cpu_list *cpus)
{
    const uint64_t most = numa->run->settings->threads;
    numa_usable_cpus(numa->run->machine, node, cpus);
    if (most && most < cpus->count)
        cpus->count = most;
}

/* --- set-up --------------------------------------------------------------------------------------------- */

static uint64_t bytes_wanted(const struct machine *machine)
{
    const struct cache *last = caches_last(&machine->caches);
    if (!last)
        return MEMORY_PER_CACHE * CACHES_ASSUMED;
    uint64_t nodes = machine->nodes.count;
    uint64_t caches_per_node = (last->instances + nodes - 1) / nodes;
    return MEMORY_PER_CACHE * last->size_bytes * caches_per_node;
}

static int choose_size(const struct numa *numa, size_t *bytes, struct err *err)
{
    const uint64_t limit = numa->run->budget.limit;
    const uint64_t nodes = numa->pairs.count;
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): home is always there */
    uint64_t affordable = limit / nodes / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    if (affordable < NODE_BYTES_MIN)
        return err_set(err, ERR_UNSUPPORTED,
                       "%" PRIu64 " bytes of memory are needed, and %" PRIu64 " may be used",
                       nodes * NODE_BYTES_MIN, limit);
    *bytes = (size_t)(numa->bytes_wanted < affordable ? numa->bytes_wanted : affordable);
    return 0;
}

struct touching {
    struct node_memory *memory;
    struct pace pace;
    size_t members;
    size_t *touched; /* by each member: where its first page that it had no time for begins */
};

/* Members take the huge pages in turn, so that what was touched when time runs out is one piece. */
static void touch_member(void *context, size_t member)
{
    struct touching *touching = context;
    const struct memory_region *region = &touching->memory->region;
    struct pace pace = touching->pace;
    if (member > 0)
        pace.progress = NULL;
    size_t at = member * HUGE_PAGE_BYTES;
    while (at < region->bytes && pace_allows(&pace)) {
        size_t left = region->bytes - at;
        memset(region->base + at, 1, left < HUGE_PAGE_BYTES ? left : HUGE_PAGE_BYTES);
        at += touching->members * HUGE_PAGE_BYTES;
    }
    touching->touched[member] = at < region->bytes ? at : region->bytes;
}

/* Threads on the memory's own node write to every page first. */
static int touch(struct numa *numa, struct node_memory *memory, struct err *err)
{
    struct cpu_list cpus;
    numa_usable_cpus(numa->run->machine, memory->node, &cpus);
    AUTO_TEAM struct team *owners = team_start(cpus.cpus, cpus.count, err);
    AUTO_FREE size_t *touched = calloc(cpus.count, sizeof *touched);
    if (!owners)
        return -1;
    if (!touched)
        return err_memory(err);
    struct pace pace = {&numa->run->progress, suite_deadline(numa->run, TOUCHING_SHARE)};
    struct touching touching = {memory, pace, cpus.count, touched};
    team_run(owners, touch_member, &touching);
    memory->bytes = memory->region.bytes;
    for (size_t member = 0; member < cpus.count; member++)
        if (touched[member] < memory->bytes)
            memory->bytes = touched[member];
    return 0;
}

static int set_up_node(struct numa *numa, size_t index, size_t bytes, struct err *err)
{
    struct suite_run *run = numa->run;
    struct node_memory *memory = &numa->memory[index];
    const struct cache *last = caches_last(&run->machine->caches);
    memory->node = numa->pairs.nodes[index];
    if (memory_map(&run->budget, bytes, &memory->region, err) < 0)
        return -1;
    progress_phase(&run->progress, "touching %zu bytes on node %u", bytes, memory->node->number);
    if (touch(numa, memory, err) < 0)
        return -1;
    struct chase *chase = &memory->latency.chase;
    *chase = (struct chase){.base = memory->region.base,
                            .spacing = LINES_PER_NODE * (last ? last->line_bytes : LINE_ASSUMED)};
    chase->nodes = memory->bytes / chase->spacing;
    return 0;
}

struct linking {
    struct numa *numa;
    struct pace pace;
    int results[PAIR_NODES_MAX];
    struct err errors[PAIR_NODES_MAX];
};

/* A member to a node, each on its own. */
static void link_member(void *context, size_t member)
{
    struct linking *linking = context;
    struct random random = {member + 1};
    struct pace pace = linking->pace;
    if (member > 0)
        pace.progress = NULL;
    linking->results[member] = chase_link_clustered(&linking->numa->memory[member].latency.chase, &random,
                                                    &pace, &linking->errors[member]);
}

static int link_all(struct numa *numa, struct err *err)
{
    uint16_t cpus[PAIR_NODES_MAX];
    for (size_t i = 0; i < numa->pairs.count; i++) {
        struct cpu_list usable;
        numa_usable_cpus(numa->run->machine, numa->pairs.nodes[i], &usable);
        cpus[i] = usable.cpus[usable.count - 1];
    }
    AUTO_TEAM struct team *team = team_start(cpus, numa->pairs.count, err);
    if (!team)
        return -1;
    struct linking linking = {.numa = numa,
                              .pace = {&numa->run->progress, suite_deadline(numa->run, LINKING_SHARE)}};
    progress_phase(&numa->run->progress, "linking %zu bytes on each node", numa->memory[0].bytes);
    team_run(team, link_member, &linking);
    for (size_t i = 0; i < numa->pairs.count; i++) {
        struct node_memory *memory = &numa->memory[i];
        if (linking.results[i] < 0)
            return err_set(err, linking.errors[i].kind, "%s", linking.errors[i].message);
        memory->bytes = memory->latency.chase.nodes * memory->latency.chase.spacing / MEMORY_BLOCK_BYTES *
                        MEMORY_BLOCK_BYTES;
        if (memory->bytes == 0)
            return err_set(
                err, ERR_UNSUPPORTED,
                "no memory could be prepared in the time allowed: give it more with --max-seconds");
        if (memory->bytes < numa->bytes_wanted)
            document_add_flag(numa->run->document, "cache_resident");
    }
    return 0;
}

static int set_up(struct numa *numa, struct err *err)
{
    size_t bytes = 0;
    if (choose_size(numa, &bytes, err) < 0)
        return -1;
    for (size_t i = 0; i < numa->pairs.count; i++)
        if (set_up_node(numa, i, bytes, err) < 0)
            return -1;
    return link_all(numa, err);
}

/* --- checks --------------------------------------------------------------------------------------------- */

static void check_node(const struct numa *numa, const struct node_memory *memory)
{
    struct document *document = numa->run->document;
    const unsigned number = memory->node->number;
    bool good = chase_is_one_cycle(&memory->latency.chase, CHECKED_STEPS) &&
                transfer_is_right(MEMORY_READ, numa->kernels->beyond[MEMORY_READ], memory->region.base,
                                  memory->bytes);
    double share = 1;
    bool known = placement_read(numa->run->machine->root, memory->region.base, number, &share);
    document_add_check(document, document_name(document, "node_%u", number), good && share >= SHARE_WANTED,
                       "chase and sum are %s; %.1f %% of the pages are %son node %u",
                       good ? "right" : "wrong", 100 * share, known ? "" : "assumed to be ", number);
}

/* --- measuring ------------------------------------------------------------------------------------------ */

/* From the CPUs of one node to the memory of another, or of its own. */
struct pair {
    struct numa *numa;
    const struct numa_node *from;
    struct node_memory *to;
    struct team *readers; /* while bandwidth is measured */
};

static int measure_latency(void *context, struct burst *burst, struct err *err)
{
    const struct pair *pair = context;
    struct cpu_list cpus;
    numa_usable_cpus(pair->numa->run->machine, pair->from, &cpus);
    AUTO_TEAM struct team *alone = team_start(&cpus.cpus[cpus.count - 1], 1, err);
    return alone ? latency_measure(&pair->to->latency, burst, err) : -1;
}

/* Each reader takes its share of the whole blocks. */
static void read_member(void *context, size_t member)
{
    const struct pair *pair = context;
    size_t members = team_size(pair->readers);
    size_t blocks = pair->to->bytes / MEMORY_BLOCK_BYTES;
    size_t first = blocks * member / members;
    size_t end = blocks * (member + 1) / members;
    uint64_t sum = pair->numa->kernels->beyond[MEMORY_READ](
        pair->to->region.base + first * MEMORY_BLOCK_BYTES, (end - first) * MEMORY_BLOCK_BYTES, 1);
    __asm__ volatile("" : : "r"(sum));
}

static int measure_bandwidth(void *context, struct burst *burst, struct err *err)
{
    struct pair *pair = context;
    struct cpu_list cpus;
    cpus_of(pair->numa, pair->from, &cpus);
    AUTO_TEAM struct team *readers = team_start(cpus.cpus, cpus.count, err);
    pair->readers = readers;
    if (!readers)
        return -1;
    return team_burst(readers, read_member, pair, (double)pair->to->bytes / 1e9, burst, err);
}

/* The latencies of all pairs, then their bandwidths, then the loaded ones. */
static size_t pairs_of(const struct numa *numa)
{
    return numa->pairs.count * numa->pairs.count;
}

static size_t probes_of(const struct numa *numa)
{
    return 2 * pairs_of(numa) + LOAD_PROBES;
}

static int64_t burst_time(const struct numa *numa)
{
    int64_t share = ROUND_TIME / (int64_t)probes_of(numa);
    return share < BURST_MIN ? BURST_MIN : share > BURST_TIME ? BURST_TIME : share;
}

static void list_probes(struct numa *numa, struct pair *pairs, struct probe *probes)
{
    const size_t nodes = numa->pairs.count;
    for (size_t i = 0; i < pairs_of(numa); i++) {
        pairs[i] =
            (struct pair){.numa = numa, .from = numa->pairs.nodes[i / nodes], .to = &numa->memory[i % nodes]};
        const unsigned from = pairs[i].from->number, to = pairs[i].to->node->number;
        probes[i] =
            (struct probe){.name = document_name(numa->run->document, "pair.from_%u.to_%u.latency", from, to),
                           .measure = measure_latency,
                           .context = &pairs[i],
                           .burst_time = burst_time(numa)};
        probes[pairs_of(numa) + i] = (struct probe){
            .name = document_name(numa->run->document, "pair.from_%u.to_%u.bandwidth", from, to),
            .measure = measure_bandwidth,
            .context = &pairs[i],
            .burst_time = burst_time(numa)};
    }
    numa_load_list(&numa->load, probes + 2 * pairs_of(numa));
}

/* --- reporting ------------------------------------------------------------------------------------------ */

/* From home to a place; an empty one: there is no such place. */
static const struct probe *home_probe(const struct numa *numa, const struct probe *probes,
                                      enum numa_place place)
{
    static const struct probe none;
    for (size_t to = 0; to < numa->pairs.count; to++)
        if (numa->pairs.nodes[to] == numa->places.node[place])
            return &probes[to];
    return &none;
}

static void report_places(const struct numa *numa, const struct probe *latencies,
                          const struct probe *bandwidths)
{
    for (enum numa_place place = PLACE_LOCAL; place < PLACES; place++) {
        const struct place_row *row = &place_rows[place];
        if (row->bandwidth)
            suite_report_probe(numa->run, row->bandwidth, "GB/s", HIGHER_IS_BETTER,
                               home_probe(numa, bandwidths, place));
        suite_report_probe(numa->run, row->latency, "ns", LOWER_IS_BETTER,
                           home_probe(numa, latencies, place));
    }
}

static void report_pairs(const struct numa *numa, const struct probe *latencies,
                         const struct probe *bandwidths)
{
    for (size_t i = 0; i < pairs_of(numa); i++) {
        suite_report_probe(numa->run, latencies[i].name, "ns", LOWER_IS_BETTER, &latencies[i]);
        suite_report_probe(numa->run, bandwidths[i].name, "GB/s", HIGHER_IS_BETTER, &bandwidths[i]);
    }
}

static void report(const struct numa *numa, const struct probe *probes, const struct sampling *sampling)
{
    struct document *document = numa->run->document;
    const struct machine *machine = numa->run->machine;
    double sockets = (double)machine->packages.sockets.value;
    double nodes = (double)machine->nodes.count;
    uint64_t touched = 0;
    struct cpu_list cpus;
    cpus_of(numa, numa->pairs.nodes[0], &cpus);
    for (size_t i = 0; i < numa->pairs.count; i++)
        touched += numa->memory[i].bytes;
    document_add_metric(document, "sockets", "count", HIGHER_IS_BETTER, &sockets, 1);
    document_add_metric(document, "nodes", "count", HIGHER_IS_BETTER, &nodes, 1);
    report_places(numa, probes, probes + pairs_of(numa));
    numa_load_report(&numa->load, probes + 2 * pairs_of(numa), numa->run);
    report_pairs(numa, probes, probes + pairs_of(numa));
    document_add_whole(document, "home_node", numa->pairs.nodes[0]->number);
    document_add_whole(document, "nodes_left_out", numa->pairs.left_out);
    document_add_whole(document, "threads", cpus.count);
    document_add_whole(document, "memory_working_set_bytes", numa->memory[0].bytes);
    document_add_text(document, "isa", numa->kernels->isa_beyond);
    suite_report_huge_pages(numa->run, touched);
    suite_report_sampling(numa->run, sampling);
    if (!caches_last(&machine->caches))
        document_add_flag(document, "cache_size_unknown");
}

static int measure(struct numa *numa, struct err *err)
{
    struct suite_run *run = numa->run;
    struct node_memory *home = &numa->memory[0];
    AUTO_FREE struct pair *pairs = calloc(pairs_of(numa), sizeof *pairs);
    AUTO_FREE struct probe *probes = calloc(probes_of(numa), sizeof *probes);
    struct sampling sampling;
    if (!pairs || !probes)
        return err_memory(err);
    cpus_of(numa, home->node, &numa->load.cpus);
    numa->load.latency = &home->latency;
    numa->load.reader = numa->kernels->beyond[MEMORY_READ];
    numa->load.memory = home->region.base;
    numa->load.bytes = home->bytes;
    list_probes(numa, pairs, probes);
    if (suite_sample(run, probes, probes_of(numa), run->deadline, &sampling, err) < 0)
        return -1;
    report(numa, probes, &sampling);
    return 0;
}

static int set_up_and_measure(struct numa *numa, struct err *err)
{
    if (set_up(numa, err) < 0)
        return -1;
    for (size_t i = 0; i < numa->pairs.count; i++)
        check_node(numa, &numa->memory[i]);
    return measure(numa, err);
}

int numa_suite(struct suite_run *run, struct err *err)
{
    AUTO_FREE struct numa *numa = calloc(1, sizeof *numa);
    if (!numa)
        return err_memory(err);
    numa->run = run;
    numa->kernels = memory_kernels_for(run->machine->features);
    if (numa_places_choose(run->machine, &numa->places, err) < 0)
        return -1;
    numa_pairs_choose(run->machine, &numa->places, &numa->pairs);
    numa->bytes_wanted = bytes_wanted(run->machine);
    int result = set_up_and_measure(numa, err);
    for (size_t i = 0; i < numa->pairs.count; i++)
        memory_unmap(&run->budget, &numa->memory[i].region);
    return result;
}
