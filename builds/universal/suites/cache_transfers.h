/* Reading, writing and copying in every cache level and in memory, by one thread and by all: one part of the
 * cache suite. */
#ifndef SUITES_CACHE_TRANSFERS_H
#define SUITES_CACHE_TRANSFERS_H

#include "measure/transfer.h"
#include "suites/cache_sizes.h"
#include "suites/suite.h"

#define MOVED_LEVELS (CACHE_LEVELS + 1) /* and memory */
#define TRANSFER_PROBES (2 * MOVED_LEVELS * MEMORY_OPERATIONS)

struct cache_transfers {
    const struct memory_kernels *kernels;
    struct team *team; /* member 0 is the one that measures alone */
    struct memory_region regions[MOVED_LEVELS];
    struct transfer alone[MOVED_LEVELS][MEMORY_OPERATIONS];
    struct transfer together[MOVED_LEVELS][MEMORY_OPERATIONS]; /* of no bytes: there is no such thing */
};

/* Maps and touches the memory: each thread its own part. The kernels and the team are set. */
int cache_transfers_set_up(struct cache_transfers *transfers, struct suite_run *run,
                           const struct cache_sizes *sizes, struct err *err);
void cache_transfers_end(struct cache_transfers *transfers, struct suite_run *run);

/* Every kernel in use, in the memory that it is to move, does what it should. */
bool cache_transfers_are_right(struct cache_transfers *transfers);

/* Fills in TRANSFER_PROBES probes; those of levels that are lacking stay empty. */
void cache_transfers_list(struct cache_transfers *transfers, struct probe *probes);
void cache_transfers_report(const struct probe *probes, struct suite_run *run);

#endif
