/* Which nodes the numa suite measures from and to. */
#ifndef SUITES_NUMA_PLACES_H
#define SUITES_NUMA_PLACES_H

#include "base/error.h"
#include "topology/machine.h"

enum numa_place { PLACE_LOCAL, PLACE_REMOTE, PLACE_INTER_SOCKET, PLACES };

/* Rows of machine->nodes; NULL: the hardware has no such node. */
struct numa_places {
    const struct numa_node *node[PLACES];
};

/*
 * Home is the node of the first usable CPU. Remote is the nearest other node by the firmware's distances,
 * inter-socket the nearest of those in another socket. Nodes without CPUs or without memory are passed over:
 * memory goes to the node of the thread that touches it first, and no other way is open to a container.
 * -1 with ERR_UNSUPPORTED when the nodes or sockets are hidden, or when such a node exists but none of its
 * CPUs may be used.
 */
int numa_places_choose(const struct machine *machine, struct numa_places *places, struct err *err);

/* Nodes between which every pair is measured; more of them would take too long. */
#define PAIR_NODES_MAX 16

struct numa_pairs {
    size_t count;
    const struct numa_node *nodes[PAIR_NODES_MAX]; /* the first is home */
    size_t left_out; /* with CPUs and memory, but none of them usable, or too many */
};

/* The nodes that are places, then as many of the others that have memory and usable CPUs as there is room
 * for, by number. */
void numa_pairs_choose(const struct machine *machine, const struct numa_places *places,
                       struct numa_pairs *pairs);

/* The usable CPUs of a node. */
void numa_usable_cpus(const struct machine *machine, const struct numa_node *node, struct cpu_list *cpus);

#endif
