/* The data caches of one CPU, from sysfs, or where that is hidden from CPUID (x86 alone can ask the CPU). */
#ifndef TOPOLOGY_CACHES_H
#define TOPOLOGY_CACHES_H

#include "topology/cpu_list.h"
#include "topology/optional.h"

#include <stddef.h>
#include <stdint.h>

#define CACHE_LEVELS_MAX 8

enum cache_type { CACHE_DATA, CACHE_UNIFIED };

struct cache {
    unsigned level;
    enum cache_type type;
    uint64_t size_bytes;
    unsigned line_bytes;
    size_t instances; /* of this cache in the whole machine */
};

/* By ascending level; none at all: they can't be read. */
struct caches {
    size_t count;
    struct cache rows[CACHE_LEVELS_MAX];
};

/* The caches that `cpu` uses; `online` are all CPUs of the machine. */
void caches_read(const char *root, size_t cpu, const struct cpu_list *online, struct caches *caches);

/* The cache of a level; NULL: the CPU has none. */
const struct cache *caches_level(const struct caches *caches, unsigned level);

/* The last one before memory; NULL: unknown. */
const struct cache *caches_last(const struct caches *caches);

/* "48K", "32768K", "2M", "512": sysfs's way of writing a size. */
struct optional_u64 cache_parse_size(const char *text);

/* Asks the CPU itself; empty where it doesn't say. `logical_cpus` tells how many share a cache from how many
 * could. */
void caches_ask_cpu(size_t logical_cpus, struct caches *caches);

#endif
