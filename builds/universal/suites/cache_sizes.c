#include "suites/cache_sizes.h"

#include "kernels/read_kernels.h"
#include "measure/memory.h"

#include <inttypes.h>

#define MEMORY_PER_CACHE 8

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
    return (size_t)(bytes / READ_BLOCK_BYTES * READ_BLOCK_BYTES);
}

static size_t third_level(const struct cache *second, const struct cache *third, uint64_t budget)
{
    uint64_t wanted = smaller(larger(8 * second->size_bytes, third->size_bytes / 4), third->size_bytes / 2);
    uint64_t affordable = larger(budget / 8, 2 * second->size_bytes);
    return whole_blocks(smaller(wanted, affordable));
}

size_t cache_region_bytes(size_t level_bytes)
{
    return (size_t)larger(level_bytes, HUGE_PAGE_BYTES);
}

/* Fills in the levels; returns the memory that they take. */
static uint64_t choose_levels(const struct caches *caches, uint64_t budget, struct cache_sizes *sizes)
{
    uint64_t used = 0;
    for (unsigned level = 1; level <= CACHE_LEVELS; level++) {
        const struct cache *cache = caches_level(caches, level);
        const struct cache *below = caches_level(caches, level - 1);
        if (cache && level <= 2)
            sizes->level[level - 1] = whole_blocks(cache->size_bytes / 2);
        else if (cache && below)
            sizes->level[level - 1] = third_level(below, cache, budget);
        if (cache)
            used += memory_rounded(cache_region_bytes(sizes->level[level - 1]));
    }
    return used;
}

int cache_sizes_choose(const struct caches *caches, uint64_t budget, struct cache_sizes *sizes,
                       struct err *err)
{
    *sizes = (struct cache_sizes){0};
    if (!caches_level(caches, 1))
        return err_set(
            err, ERR_UNSUPPORTED,
            "the sizes of the caches can't be read: /sys is hidden, and the CPU itself does not say");
    uint64_t used = choose_levels(caches, budget, sizes);
    uint64_t least = larger(2 * sizes->level[CACHE_LEVELS - 1], HUGE_PAGE_BYTES);
    uint64_t left = budget > used ? budget - used : 0;
    sizes->memory_wanted = MEMORY_PER_CACHE * caches_last(caches)->size_bytes;
    sizes->memory = smaller(sizes->memory_wanted, left) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    if (sizes->memory < least)
        return err_set(err, ERR_UNSUPPORTED,
                       "%" PRIu64 " bytes of memory are needed for caches of this size, and %" PRIu64
                       " may be used",
                       used + least, budget);
    return 0;
}
