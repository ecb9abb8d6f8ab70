/* Huge pages: what the kernel makes of them by itself, and how many were set aside. */
#ifndef TOPOLOGY_HUGE_PAGES_H
#define TOPOLOGY_HUGE_PAGES_H

#include "topology/optional.h"

#include <stddef.h>

#define HUGE_PAGE_POOLS_MAX 8

/* Pages of one size that were set aside (hugetlb). */
struct huge_page_pool {
    uint64_t page_bytes;
    uint64_t pages;
    struct optional_u64 free_pages;
};

struct huge_pages {
    char transparent[16]; /* "madvise"; empty: unknown */
    bool pools_known;     /* false: the kernel does not tell */
    size_t pools_count;
    struct huge_page_pool pools[HUGE_PAGE_POOLS_MAX]; /* by size */
};

void huge_pages_read(const char *root, struct huge_pages *huge_pages);

#endif
