/* How much memory the cache suite chases through and reads for each level. */
#ifndef SUITES_CACHE_SIZES_H
#define SUITES_CACHE_SIZES_H

#include "base/error.h"
#include "topology/caches.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CACHE_LEVELS 3

struct cache_sizes {
    size_t level[CACHE_LEVELS]; /* bytes for level 1, 2, 3; 0: there is no such cache */
    size_t memory;              /* bytes for memory itself */
    size_t memory_wanted;       /* what it would be without the budget */
};

/*
 * First and second level: half the cache, so that all of it stays in. Third level: eight times the second, or
 * a quarter of the third if that is more, but never more than half of it: the level is shared, with
 * neighbours on other cores of the host too. Memory: eight times the last level, of which the chase visits
 * every other line: four times of what the cache holds. Under a small budget the third level has to do with
 * less, down to twice the second level; memory takes the rest and must still be twice the third level's
 * share. -1 with ERR_UNSUPPORTED when that can't be, or the caches are unknown.
 */
int cache_sizes_choose(const struct caches *caches, uint64_t budget, struct cache_sizes *sizes,
                       struct err *err);

/* What to map for a level of this size: a huge page at least, so that small levels cost no page walks either.
 */
size_t cache_region_bytes(size_t level_bytes);

#endif
