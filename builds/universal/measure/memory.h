/* Memory for the suites: on huge pages where there are any, and never more in all than the budget. */
#ifndef MEASURE_MEMORY_H
#define MEASURE_MEMORY_H

#include "base/error.h"
#include "topology/optional.h"

#include <stddef.h>
#include <stdint.h>

#define HUGE_PAGE_BYTES ((size_t)2 << 20)

struct memory_budget {
    uint64_t limit;
    uint64_t used;
};

/* Zeroed memory that no one has touched yet: a page goes to the NUMA node of the thread that first writes it.
 */
struct memory_region {
    char *base;
    size_t bytes;
};

/* Maps at least `bytes` bytes (whole huge pages from HUGE_PAGE_BYTES on, else whole pages), aligned to a huge
 * page. -1 with ERR_UNSUPPORTED when the budget or the kernel doesn't have them. */
int memory_map(struct memory_budget *budget, size_t bytes, struct memory_region *region, struct err *err);

/* Gives it back; a region of 0 bytes is none. */
void memory_unmap(struct memory_budget *budget, struct memory_region *region);

/* What memory_map would take from the budget for this many bytes. */
size_t memory_rounded(size_t bytes);

/* How much of this process lies on transparent huge pages at this moment. */
struct optional_u64 memory_on_huge_pages(const char *root);

#endif
