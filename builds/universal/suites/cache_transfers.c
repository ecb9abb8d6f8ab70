#include "suites/cache_transfers.h"

/* Passes in a cache are alike: a few milliseconds tell as much as thirty. */
#define CACHE_BURST (6 * (NANOSECONDS / 1000))

#define MEMORY_LEVEL CACHE_LEVELS

#define NAMES(level)                                                                                         \
    {                                                                                                        \
        {level ".bandwidth", level ".write_bandwidth", level ".copy_bandwidth"},                             \
        {                                                                                                    \
            level ".bandwidth_all_cpus", level ".write_bandwidth_all_cpus", level ".copy_bandwidth_all_cpus" \
        }                                                                                                    \
    }

/* [level][alone, together][operation] */
static const char *const names[MOVED_LEVELS][2][MEMORY_OPERATIONS] = {NAMES("l1"), NAMES("l2"), NAMES("l3"),
                                                                      NAMES("memory")};

/* --- set-up --------------------------------------------------------------------------------------------- */

struct touching {
    const struct cache_transfers *transfers;
    struct progress *progress;
    size_t level;
    size_t bytes; /* of each member */
};

static void touch_member(void *context, size_t member)
{
    const struct touching *touching = context;
    char *part = touching->transfers->regions[touching->level].base + member * touching->bytes;
    for (size_t at = 0; at < touching->bytes; at += HUGE_PAGE_BYTES) {
        size_t left = touching->bytes - at;
        transfer_fill(part + at, left < HUGE_PAGE_BYTES ? left : HUGE_PAGE_BYTES);
        if (member == 0)
            progress_tick(touching->progress);
    }
}

/* How many members, counted from the first, are on the first one's node: what they have touched is its own
 * memory. */
static size_t neighbours(const struct suite_run *run, size_t members)
{
    const struct numa_nodes *nodes = &run->machine->nodes;
    size_t count = 1;
    for (size_t i = 0; i < nodes->count; i++) {
        if (!cpu_list_contains(&nodes->rows[i].cpus, (uint16_t)machine_measuring_cpu(run->machine)))
            continue;
        while (count < members && cpu_list_contains(&nodes->rows[i].cpus, suite_cpu(run, count)))
            count++;
        return count;
    }
    return members; /* the nodes are hidden: taken for one */
}

static int set_up_level(struct cache_transfers *transfers, struct suite_run *run, size_t level, size_t alone,
                        size_t each, struct err *err)
{
    struct memory_region *region = &transfers->regions[level];
    const size_t members = team_size(transfers->team);
    const bool memory = level == MEMORY_LEVEL;
    const size_t all = each * members;
    if (memory_map(&run->budget, cache_region_bytes(alone > all ? alone : all), region, err) < 0)
        return -1;
    if (all < alone)
        transfer_fill(region->base, alone);
    struct touching touching = {transfers, &run->progress, level, each};
    team_run(transfers->team, touch_member, &touching);
    for (enum memory_operation operation = MEMORY_READ; operation < MEMORY_OPERATIONS; operation++) {
        struct transfer common = {.kernel = memory ? transfers->kernels->beyond[operation]
                                                   : transfers->kernels->in_cache[operation],
                                  .reader = memory ? NULL : transfers->kernels->in_cache[MEMORY_READ],
                                  .memory = region->base,
                                  .bytes = alone};
        transfers->alone[level][operation] = common;
        common.bytes = members > 1 ? each : 0;
        common.team = transfers->team;
        transfers->together[level][operation] = common;
    }
    return 0;
}

int cache_transfers_set_up(struct cache_transfers *transfers, struct suite_run *run,
                           const struct cache_sizes *sizes, struct err *err)
{
    const size_t members = team_size(transfers->team);
    for (size_t level = 0; level < CACHE_LEVELS; level++)
        if (sizes->level[level] &&
            set_up_level(transfers, run, level, sizes->level[level], sizes->share[level], err) < 0)
            return -1;
    size_t each = sizes->memory / members / MEMORY_BLOCK_BYTES * MEMORY_BLOCK_BYTES;
    progress_phase(&run->progress, "touching %zu bytes", sizes->memory);
    return set_up_level(transfers, run, MEMORY_LEVEL, each * neighbours(run, members), each, err);
}

void cache_transfers_end(struct cache_transfers *transfers, struct suite_run *run)
{
    for (size_t level = 0; level < MOVED_LEVELS; level++)
        memory_unmap(&run->budget, &transfers->regions[level]);
}

bool cache_transfers_are_right(struct cache_transfers *transfers)
{
    bool good = true;
    for (size_t level = 0; level < MOVED_LEVELS; level++)
        for (enum memory_operation operation = MEMORY_READ; operation < MEMORY_OPERATIONS; operation++) {
            const struct transfer *transfer = &transfers->alone[level][operation];
            good = good && (!transfer->bytes || transfer_is_right(operation, transfer->kernel,
                                                                  transfer->memory, transfer->bytes));
        }
    return good;
}

/* --- measuring and reporting ---------------------------------------------------------------------------- */

static size_t index_of(size_t level, size_t all, enum memory_operation operation)
{
    return (level * 2 + all) * MEMORY_OPERATIONS + operation;
}

static void list(struct transfer *transfer, size_t level, size_t all, enum memory_operation operation,
                 struct probe *probes)
{
    if (transfer->bytes)
        probes[index_of(level, all, operation)] = (struct probe){
            .name = names[level][all][operation],
            .measure = transfer_measure,
            .context = transfer,
            .burst_time = transfer->reader ? CACHE_BURST : 0,
        };
}

void cache_transfers_list(struct cache_transfers *transfers, struct probe *probes)
{
    for (size_t level = 0; level < MOVED_LEVELS; level++)
        for (enum memory_operation operation = MEMORY_READ; operation < MEMORY_OPERATIONS; operation++) {
            list(&transfers->alone[level][operation], level, 0, operation, probes);
            list(&transfers->together[level][operation], level, 1, operation, probes);
        }
}

void cache_transfers_report(const struct probe *probes, struct suite_run *run)
{
    for (size_t level = 0; level < MOVED_LEVELS; level++)
        for (size_t all = 0; all < 2; all++)
            for (enum memory_operation operation = MEMORY_READ; operation < MEMORY_OPERATIONS; operation++)
                suite_report_probe(run, names[level][all][operation], "GB/s", HIGHER_IS_BETTER,
                                   &probes[index_of(level, all, operation)]);
}
