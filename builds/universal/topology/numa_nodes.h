/* NUMA nodes as sysfs shows them. */
#ifndef TOPOLOGY_NUMA_NODES_H
#define TOPOLOGY_NUMA_NODES_H

#include "topology/cpu_list.h"
#include "topology/optional.h"

#include <stdbool.h>
#include <stddef.h>

#define NODES_MAX 64

struct numa_node {
    unsigned number;
    struct cpu_list cpus;             /* may be empty: memory alone */
    struct optional_u64 memory_bytes; /* 0: CPUs alone */
    unsigned distance[NODES_MAX];     /* the firmware's, to each row of the table; 0: unknown */
};

struct numa_nodes {
    bool known; /* false: hidden, and the rest says nothing */
    size_t count;
    struct numa_node rows[NODES_MAX];
};

/* A kernel that knows no NUMA has one node with all the online CPUs and memory_total. */
void numa_nodes_read(const char *root, const struct cpu_list *online, struct optional_u64 memory_total,
                     struct numa_nodes *nodes);

/* "10 21 31": fills at most `size` numbers; returns how many, 0 for anything else. */
size_t numa_parse_distances(const char *text, unsigned *distances, size_t size);

#endif
