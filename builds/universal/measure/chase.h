/*
 * Pointer chases: a cycle of pointers, one to a node, where each load must wait for the one before it, so
 * that the time of a step is the latency of the memory that the cycle lies in.
 *
 * Nodes may share memory with another chase: node i lies at base + i * spacing, its pointer `word` bytes into
 * it. From the second-level cache outwards the spacing wants to be two lines: several CPUs fetch a line's
 * neighbour with it, and a cycle over every line would find half of its way prepared.
 */
#ifndef MEASURE_CHASE_H
#define MEASURE_CHASE_H

#include "base/error.h"
#include "measure/progress.h"
#include "measure/random.h"

#include <stdbool.h>
#include <stddef.h>

/* A clustered chase visits all nodes of a piece of this size before it goes to the next: the page walks of
 * one piece stay in the TLB, so that a step costs memory and little else. */
#define CHASE_CLUSTER_BYTES ((size_t)256 << 10)

/* Steps of a walk come in multiples of this. */
#define CHASE_STEPS 32

struct chase {
    char *base;
    size_t spacing;
    size_t word;
    size_t nodes;    /* in the cycle */
    void **position; /* where the last walk ended; in the cycle */
};

/* Both link chase->nodes nodes into one cycle, drawn evenly from all (random), or from all that keep clusters
 * together (clustered: as many whole clusters as the nodes fill; less than one cluster is random). They stop
 * early when the pace says so: whatever was linked until then is one cycle, and chase->nodes says how many.
 * The clustered one needs a little memory of its own, and fails where that is not to be had. */
void chase_link_random(struct chase *chase, struct random *random, const struct pace *pace);
int chase_link_clustered(struct chase *chase, struct random *random, const struct pace *pace,
                         struct err *err);

/* The random one in parts: begins with a cycle of one node, and lets it grow to so many; what it is at any
 * size is drawn evenly from all cycles of that size. */
void chase_begin(struct chase *chase);
void chase_grow(struct chase *chase, size_t nodes, struct random *random, const struct pace *pace);

/* Goes `steps` (a multiple of CHASE_STEPS) steps on from chase->position. */
void chase_walk(struct chase *chase, size_t steps);

/* Follows the cycle from its first node: true when it comes back after exactly chase->nodes steps, or, with
 * more nodes than `most`, has not come back within `most` steps. Every pointer followed is held to lie on a
 * node. */
bool chase_is_one_cycle(const struct chase *chase, size_t most);

#endif
