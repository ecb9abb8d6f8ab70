#include "suites/cache_sizes.h"

#include "kernels/memory_kernels.h"
#include "measure/memory.h"

#include <inttypes.h>

#define CHASE_PER_CACHE 8
#define MOVED_PER_CACHE 4
#define CACHE_ASSUMED ((uint64_t)256 << 20)

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static size_t whole_blocks(uint64_t bytes)
{
    return (size_t)(bytes / MEMORY_BLOCK_BYTES * MEMORY_BLOCK_BYTES);
}

uint64_t cache_chase_wanted(uint64_t last_level_bytes)
{
    return CHASE_PER_CACHE * (last_level_bytes ? last_level_bytes : CACHE_ASSUMED);
}

static int too_little(uint64_t needed, uint64_t budget, struct err *err)
{
    return err_set(err, ERR_UNSUPPORTED,
                   "%" PRIu64 " bytes of memory are needed for caches of this size, and %" PRIu64
                   " may be used",
                   needed, budget);
}

int cache_chase_bytes(uint64_t wanted, uint64_t budget, size_t *bytes, struct err *err)
{
    const uint64_t least = 2 * HUGE_PAGE_BYTES;
    *bytes = (size_t)(smaller(larger(wanted, least), budget / 2) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES);
    return *bytes < least ? too_little(2 * least, budget, err) : 0;
}

size_t cache_region_bytes(size_t level_bytes)
{
    return (size_t)larger(level_bytes, HUGE_PAGE_BYTES);
}

size_t cache_moved_bytes(const struct cache_sizes *sizes, size_t level, size_t threads)
{
    return (size_t)larger(sizes->level[level], threads * sizes->share[level]);
}

/* How many of the threads use one and the same instance of a cache, at most. */
static size_t sharers_of(const struct cache_demand *demand, const struct cache *cache)
{
    size_t instances = cache->instances ? cache->instances : 1;
    size_t sharing = (demand->online + instances - 1) / instances;
    return (size_t)larger(1, smaller(sharing, demand->threads));
}

/* Of a size, what the latency is flat over; at least `least`. */
static uint64_t flat_part(const struct cache_demand *demand, size_t level, uint64_t bytes, uint64_t least)
{
    size_t flat = demand->flat[level];
    return flat == 0 ? bytes : larger(smaller(bytes, flat), smaller(bytes, least));
}

static void choose_third(const struct cache_demand *demand, const struct cache *second,
                         const struct cache *third, struct cache_sizes *sizes)
{
    uint64_t half = flat_part(demand, 2, third->size_bytes / 2, 2 * second->size_bytes);
    uint64_t wanted = smaller(larger(8 * second->size_bytes, third->size_bytes / 4), half);
    uint64_t affordable = larger(demand->budget / 8, 2 * second->size_bytes);
    uint64_t per_second = 2 * second->size_bytes / sharers_of(demand, second);
    uint64_t share = smaller(half / sharers_of(demand, third), affordable / demand->threads);
    sizes->level[2] = whole_blocks(smaller(wanted, affordable));
    sizes->share[2] = share < per_second ? 0 : whole_blocks(share);
}

/* Fills in the levels; returns the memory that they take: once for the chase, once for moving data. */
static uint64_t choose_levels(const struct cache_demand *demand, struct cache_sizes *sizes)
{
    uint64_t used = 0;
    for (unsigned level = 1; level <= CACHE_LEVELS; level++) {
        const struct cache *cache = caches_level(demand->caches, level);
        const struct cache *below = caches_level(demand->caches, level - 1);
        if (cache && level <= 2) {
            uint64_t half = flat_part(demand, level - 1, cache->size_bytes, MEMORY_BLOCK_BYTES) / 2;
            sizes->level[level - 1] = whole_blocks(half);
            sizes->share[level - 1] = whole_blocks(half / sharers_of(demand, cache));
        } else if (cache && below) {
            choose_third(demand, below, cache, sizes);
        }
        if (sizes->level[level - 1])
            used += memory_rounded(cache_region_bytes(sizes->level[level - 1])) +
                    memory_rounded(cache_region_bytes(cache_moved_bytes(sizes, level - 1, demand->threads)));
    }
    return used;
}

int cache_sizes_choose(const struct cache_demand *demand, struct cache_sizes *sizes, struct err *err)
{
    *sizes = (struct cache_sizes){0};
    if (!caches_level(demand->caches, 1))
        return err_set(
            err, ERR_UNSUPPORTED,
            "the sizes of the caches can't be found: /sys is hidden, the CPU itself does not say, and "
            "the latency curve shows no levels");
    const struct cache *last = caches_last(demand->caches);
    uint64_t used = choose_levels(demand, sizes);
    uint64_t left = demand->budget > used ? demand->budget - used : 0;
    uint64_t instances = larger(1, smaller(last->instances, demand->threads));
    uint64_t block_of_all = (uint64_t)MEMORY_BLOCK_BYTES * demand->threads;
    sizes->memory_wanted =
        (size_t)(MOVED_PER_CACHE * demand->last_level_bytes * instances * (demand->many_nodes ? 2 : 1));
    sizes->memory = (size_t)(smaller(larger(sizes->memory_wanted, HUGE_PAGE_BYTES), left) / HUGE_PAGE_BYTES *
                             HUGE_PAGE_BYTES);
    if (sizes->memory < block_of_all || sizes->memory < HUGE_PAGE_BYTES)
        return too_little(demand->chase_bytes + used + larger(block_of_all, HUGE_PAGE_BYTES),
                          demand->chase_bytes + demand->budget, err);
    if (demand->chase_bytes < 2 * sizes->level[CACHE_LEVELS - 1])
        return too_little(4 * sizes->level[CACHE_LEVELS - 1], demand->chase_bytes + demand->budget, err);
    return 0;
}
