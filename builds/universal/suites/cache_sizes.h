/* How much memory the cache suite chases through, reads, writes and copies for each level. */
#ifndef SUITES_CACHE_SIZES_H
#define SUITES_CACHE_SIZES_H

#include "base/error.h"
#include "topology/caches.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_LEVELS 3

/* What the chases through memory want: eight times the last level, of which the clustered one visits every
 * other line: four times of what the cache holds. Without a size (0) the largest usual one is assumed. */
uint64_t cache_chase_wanted(uint64_t last_level_bytes);

/* What they get of a budget: half of it at most, whole huge pages. -1 with ERR_UNSUPPORTED when that is next
 * to nothing. */
int cache_chase_bytes(uint64_t wanted, uint64_t budget, size_t *bytes, struct err *err);

/* What the other sizes depend on. */
struct cache_demand {
    const struct caches *caches;
    const size_t *flat;        /* of each level, up to where the latency is flat; 0: unknown */
    uint64_t last_level_bytes; /* to be passed by what is meant to come from memory */
    size_t threads;            /* of all usable CPUs together */
    size_t online;             /* CPUs that share the caches' instances */
    bool many_nodes;           /* one thread alone gets a part of the threads' memory, that on its node */
    size_t chase_bytes;        /* mapped already for the chases through memory */
    uint64_t budget;           /* what is left beside them */
};

struct cache_sizes {
    size_t level[CACHE_LEVELS]; /* bytes for level 1, 2, 3; 0: there is no such cache */
    size_t share[CACHE_LEVELS]; /* the same of each thread when all move data at once; 0: there is no such
                                   cache, or a thread's share of it is not larger than what the level before
                                   holds */
    size_t memory;              /* for moving data in memory: of all threads together */
    size_t memory_wanted;       /* what it would be without the budget */
};

/*
 * First and second level: half the cache, so that all of it stays in, and half of what the latency is flat
 * over. Third level: eight times the second, or a quarter of the third if that is more, but never more than
 * half of it, or than what the latency is flat over: the level is shared, with neighbours on other cores of
 * the host too. Threads that share a cache divide the half of it; of the third level a thread's share must be
 * twice its share of the second, else the second is what it would measure. Memory: four times all last-level
 * caches, eight times where there are several nodes. Under a small budget the third level has to do with
 * less, down to twice the second level; memory takes the rest. -1 with ERR_UNSUPPORTED when that can't be,
 * when the chases' memory is not twice the third level's size, or the caches are unknown.
 */
int cache_sizes_choose(const struct cache_demand *demand, struct cache_sizes *sizes, struct err *err);

/* What a level's data movements take: one thread alone, or all threads' shares. */
size_t cache_moved_bytes(const struct cache_sizes *sizes, size_t level, size_t threads);

/* What to map for so many bytes: a huge page at least, so that small levels cost no page walks either. */
size_t cache_region_bytes(size_t level_bytes);

#endif
