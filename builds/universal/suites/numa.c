/*
 * Latency and read bandwidth from the CPUs of one node to its own memory, to that of the nearest other node,
 * and to that of the nearest node in another socket. Memory is placed by the threads that touch it first.
 */
#include "suites/suite.h"

#include "kernels/read_kernels.h"
#include "measure/latency.h"
#include "measure/placement.h"
#include "measure/read_bandwidth.h"
#include "measure/team.h"
#include "measure/team_timing.h"
#include "suites/numa_places.h"

#include <inttypes.h>
#include <string.h>

/* Memory is eight times the last-level caches that could hold it; see cache_sizes.h. */
#define MEMORY_PER_CACHE 8
#define CACHES_ASSUMED ((uint64_t)256 << 20)

/* Less than this in one place is no measurement. */
#define PLACE_BYTES_MIN (2 * HUGE_PAGE_BYTES)

/* Of the time allowed, what touching and linking may take at most. */
#define SETUP_SHARE 0.4

#define LINES_PER_NODE 2
#define CHECKED_STEPS ((size_t)1 << 18)

/* At least this share of the pages must lie where they were put. */
#define SHARE_WANTED 0.95

struct place_row {
    const char *name;
    const char *latency;
    const char *bandwidth; /* NULL: not measured here */
};

static const struct place_row place_rows[PLACES] = {
    [PLACE_LOCAL] = {"local", "local.latency", "local.bandwidth"},
    [PLACE_REMOTE] = {"remote", "remote.latency", "remote.bandwidth"},
    [PLACE_INTER_SOCKET] = {"inter_socket", "inter_socket.latency", NULL},
};

struct place {
    const struct numa_node *node;
    struct memory_region region;
    size_t bytes; /* of the region, what was touched in time and is in use */
    struct latency latency;
    struct read_bandwidth check;
};

struct numa {
    struct suite_run *run;
    const struct read_kernels *kernels;
    struct numa_places places;
    struct place place[PLACES];
    uint64_t bytes_wanted;
    struct team *readers; /* the home node's CPUs */
    struct random numbers;
};

/* --- set-up ------------------------------------------------------------------------------------------------
 */

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
    uint64_t places = 0;
    for (enum numa_place place = PLACE_LOCAL; place < PLACES; place++)
        places += numa->places.node[place] != NULL;
    uint64_t limit = numa->run->budget.limit;
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): there is always a local place */
    uint64_t affordable = limit / places / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    if (affordable < PLACE_BYTES_MIN)
        return err_set(err, ERR_UNSUPPORTED,
                       "%" PRIu64 " bytes of memory are needed, and %" PRIu64 " may be used",
                       places * PLACE_BYTES_MIN, limit);
    *bytes = (size_t)(numa->bytes_wanted < affordable ? numa->bytes_wanted : affordable);
    return 0;
}

struct touching {
    struct place *place;
    struct pace pace;
    size_t members;
    size_t *touched; /* by each member: where its first page that it had no time for begins */
};

/* Members take the huge pages in turn, so that what was touched when time runs out is one piece. */
static void touch_member(void *context, size_t member)
{
    struct touching *touching = context;
    const struct memory_region *region = &touching->place->region;
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

/* Threads on the place's own node write to every page first. */
static int touch(struct numa *numa, struct place *place, struct err *err)
{
    struct cpu_list cpus;
    numa_usable_cpus(numa->run->machine, place->node, &cpus);
    AUTO_TEAM struct team *owners = team_start(cpus.cpus, cpus.count, err);
    AUTO_FREE size_t *touched = calloc(cpus.count, sizeof *touched);
    if (!owners)
        return -1;
    if (!touched)
        return err_memory(err);
    struct pace pace = {&numa->run->progress, suite_deadline(numa->run, SETUP_SHARE)};
    struct touching touching = {place, pace, cpus.count, touched};
    team_run(owners, touch_member, &touching);
    place->bytes = place->region.bytes;
    for (size_t member = 0; member < cpus.count; member++)
        if (touched[member] < place->bytes)
            place->bytes = touched[member];
    return 0;
}

static int set_up_place(struct numa *numa, enum numa_place which, size_t bytes, struct err *err)
{
    struct place *place = &numa->place[which];
    struct suite_run *run = numa->run;
    const struct cache *last = caches_last(&run->machine->caches);
    place->node = numa->places.node[which];
    if (memory_map(&run->budget, bytes, &place->region, err) < 0)
        return -1;
    progress_phase(&run->progress, "touching %zu bytes on node %u", bytes, place->node->number);
    if (touch(numa, place, err) < 0)
        return -1;
    struct pace pace = {&run->progress, suite_deadline(run, SETUP_SHARE)};
    struct chase *chase = &place->latency.chase;
    *chase = (struct chase){.base = place->region.base,
                            .spacing = LINES_PER_NODE * (last ? last->line_bytes : 64)};
    chase->nodes = place->bytes / chase->spacing;
    if (chase_link_clustered(chase, &numa->numbers, &pace, err) < 0)
        return -1;
    place->bytes = chase->nodes * chase->spacing / READ_BLOCK_BYTES * READ_BLOCK_BYTES;
    place->check = (struct read_bandwidth){
        .kernel = numa->kernels->run, .memory = place->region.base, .bytes = place->bytes};
    if (place->bytes < numa->bytes_wanted)
        document_add_flag(run->document, "cache_resident");
    return 0;
}

/* --- checks ------------------------------------------------------------------------------------------------
 */

static void check_place(const struct numa *numa, enum numa_place which)
{
    struct document *document = numa->run->document;
    const struct place *place = &numa->place[which];
    bool good = chase_is_one_cycle(&place->latency.chase, CHECKED_STEPS) &&
                read_bandwidth_sum_is_right(&place->check);
    double share = 1;
    bool known = placement_read(numa->run->machine->root, place->region.base, place->node->number, &share);
    document_add_check(document, place_rows[which].name, good && share >= SHARE_WANTED,
                       "chase and sum are %s; %.1f %% of the pages are %son node %u",
                       good ? "right" : "wrong", 100 * share, known ? "" : "assumed to be ",
                       place->node->number);
}

/* --- measuring and reporting -------------------------------------------------------------------------------
 */

struct reading {
    struct numa *numa;
    const struct place *place;
};

/* Each reader takes its share of the whole blocks. */
static void read_member(void *context, size_t member)
{
    const struct reading *reading = context;
    size_t members = team_size(reading->numa->readers);
    size_t blocks = reading->place->bytes / READ_BLOCK_BYTES;
    size_t first = blocks * member / members;
    size_t end = blocks * (member + 1) / members;
    uint64_t sum = reading->numa->kernels->run(reading->place->region.base + first * READ_BLOCK_BYTES,
                                               (end - first) * READ_BLOCK_BYTES, 1);
    __asm__ volatile("" : : "r"(sum));
}

static int measure_bandwidth(void *context, struct burst *burst, struct err *err)
{
    const struct reading *reading = context;
    return team_burst(reading->numa->readers, read_member, context, (double)reading->place->bytes / 1e9,
                      burst, err);
}

/* For each place its latency, then for each its bandwidth. */
#define PROBES (2 * PLACES)

static void list_probes(struct numa *numa, struct reading readings[PLACES], struct probe probes[PROBES])
{
    for (enum numa_place which = PLACE_LOCAL; which < PLACES; which++) {
        struct place *place = &numa->place[which];
        if (!place->node)
            continue;
        readings[which] = (struct reading){numa, place};
        probes[which] = (struct probe){
            .name = place_rows[which].latency, .measure = latency_measure, .context = &place->latency};
        if (place_rows[which].bandwidth)
            probes[PLACES + which] = (struct probe){.name = place_rows[which].bandwidth,
                                                    .measure = measure_bandwidth,
                                                    .context = &readings[which]};
    }
}

static void report(const struct numa *numa, const struct probe probes[PROBES],
                   const struct sampling *sampling)
{
    struct document *document = numa->run->document;
    const struct machine *machine = numa->run->machine;
    double sockets = (double)machine->packages.sockets.value;
    double nodes = (double)machine->nodes.count;
    document_add_metric(document, "sockets", "count", HIGHER_IS_BETTER, &sockets, 1);
    document_add_metric(document, "nodes", "count", HIGHER_IS_BETTER, &nodes, 1);
    for (enum numa_place which = PLACE_LOCAL; which < PLACES; which++) {
        const struct place_row *row = &place_rows[which];
        if (row->bandwidth)
            suite_report_probe(numa->run, row->bandwidth, "GB/s", HIGHER_IS_BETTER, &probes[PLACES + which]);
        suite_report_probe(numa->run, row->latency, "ns", LOWER_IS_BETTER, &probes[which]);
    }
    document_add_whole(document, "home_node", numa->places.node[PLACE_LOCAL]->number);
    document_add_whole(document, "threads", team_size(numa->readers));
    document_add_whole(document, "memory_working_set_bytes", numa->place[PLACE_LOCAL].bytes);
    document_add_text(document, "isa", numa->kernels->isa);
    document_add_optional(document, "huge_page_bytes", memory_on_huge_pages(machine->root));
    suite_report_sampling(numa->run, sampling);
    if (!caches_last(&machine->caches))
        document_add_flag(document, "cache_size_unknown");
}

static int measure(struct numa *numa, struct err *err)
{
    struct suite_run *run = numa->run;
    struct reading readings[PLACES];
    struct probe probes[PROBES] = {0};
    struct sampling sampling;
    struct cpu_list cpus;
    numa_usable_cpus(run->machine, numa->places.node[PLACE_LOCAL], &cpus);
    if (run->settings->threads && run->settings->threads < cpus.count)
        cpus.count = run->settings->threads;
    AUTO_TEAM struct team *readers = team_start(cpus.cpus, cpus.count, err);
    if (!readers)
        return -1;
    numa->readers = readers;
    list_probes(numa, readings, probes);
    if (suite_sample(run, probes, PROBES, run->deadline, &sampling, err) < 0)
        return -1;
    report(numa, probes, &sampling);
    return 0;
}

static int set_up_and_measure(struct numa *numa, struct err *err)
{
    size_t bytes = 0;
    if (choose_size(numa, &bytes, err) < 0)
        return -1;
    for (enum numa_place which = PLACE_LOCAL; which < PLACES; which++) {
        if (!numa->places.node[which])
            continue;
        if (set_up_place(numa, which, bytes, err) < 0)
            return -1;
        check_place(numa, which);
    }
    return measure(numa, err);
}

int numa_suite(struct suite_run *run, struct err *err)
{
    struct numa numa = {.run = run, .kernels = read_kernels_for(run->machine->features), .numbers = {1}};
    if (numa_places_choose(run->machine, &numa.places, err) < 0)
        return -1;
    numa.bytes_wanted = bytes_wanted(run->machine);
    int result = set_up_and_measure(&numa, err);
    for (enum numa_place which = PLACE_LOCAL; which < PLACES; which++)
        memory_unmap(&run->budget, &numa.place[which].region);
    return result;
}
