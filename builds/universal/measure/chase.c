#include "measure/chase.h"

#include <stdint.h>
#include <stdlib.h>

/* How many nodes to link between two looks at the clock. */
#define NODES_PER_LOOK 4096

/* The places of so many nodes are drawn before the first is linked, so that memory is asked for all of them
 * at once: linking 256 MiB takes half of the time. */
#define NODES_AHEAD 32

static void **pointer_of(const struct chase *chase, size_t node)
{
    return (void **)(void *)(chase->base + node * chase->spacing + chase->word);
}

/* Puts a node into the cycle behind another. Nodes put one after the other behind a random earlier one give
 * every cycle the same chance: Sattolo's shuffle from the inside out, which has a cycle at every moment. */
static void insert_behind(void **earlier, void **node)
{
    *node = *earlier;
    *earlier = node;
}

void chase_begin(struct chase *chase)
{
    void **first = pointer_of(chase, 0);
    *first = first;
    chase->position = first;
    chase->nodes = 1;
}

void chase_grow(struct chase *chase, size_t nodes, struct random *random, const struct pace *pace)
{
    while (chase->nodes < nodes) {
        const size_t first = chase->nodes;
        const size_t count = nodes - first < NODES_AHEAD ? nodes - first : NODES_AHEAD;
        size_t earlier[NODES_AHEAD] = {0};
        for (size_t i = 0; i < count; i++) {
            earlier[i] = random_below(random, first + i);
            __builtin_prefetch(pointer_of(chase, earlier[i]), 1);
        }
        for (size_t i = 0; i < count; i++)
            insert_behind(pointer_of(chase, earlier[i]), pointer_of(chase, first + i));
        chase->nodes += count;
        if (first / NODES_PER_LOOK != chase->nodes / NODES_PER_LOOK && !pace_allows(pace))
            return;
    }
}

void chase_link_random(struct chase *chase, struct random *random, const struct pace *pace)
{
    size_t nodes = chase->nodes;
    chase_begin(chase);
    chase_grow(chase, nodes, random, pace);
}

/* Makes a cycle of the nodes [first, first + count); returns the one that points to the first. */
static void **link_cluster(const struct chase *chase, size_t first, size_t count, struct random *random)
{
    void **entry = pointer_of(chase, first);
    void **last = entry;
    *entry = entry;
    for (size_t i = 1; i < count; i++) {
        void **earlier = pointer_of(chase, first + random_below(random, i));
        void **node = pointer_of(chase, first + i);
        insert_behind(earlier, node);
        if (earlier == last)
            last = node;
    }
    return last;
}

/* Two cycles become one: each of the two exits goes on where the other went. */
static void join_cycles(void **one_exit, void **other_exit)
{
    void *next = *one_exit;
    *one_exit = *other_exit;
    *other_exit = next;
}

int chase_link_clustered(struct chase *chase, struct random *random, const struct pace *pace, struct err *err)
{
    size_t per_cluster = CHASE_CLUSTER_BYTES / chase->spacing;
    size_t clusters = chase->nodes / per_cluster;
    if (clusters < 2) {
        chase_link_random(chase, random, pace);
        return 0;
    }
    AUTO_FREE void ***exits = calloc(clusters, sizeof *exits);
    if (!exits)
        return err_memory(err);
    chase_begin(chase);
    for (size_t cluster = 0; cluster < clusters; cluster++) {
        exits[cluster] = link_cluster(chase, cluster * per_cluster, per_cluster, random);
        if (cluster > 0)
            join_cycles(exits[cluster], exits[random_below(random, cluster)]);
        if (!pace_allows(pace))
            clusters = cluster + 1;
    }
    chase->nodes = clusters * per_cluster;
    return 0;
}

void chase_walk(struct chase *chase, size_t steps)
{
    void **position = chase->position;
    for (size_t step = 0; step < steps; step += CHASE_STEPS) {
        _Pragma("GCC unroll 32") for (size_t i = 0; i < CHASE_STEPS; i++)
        {
            position = *position;
        }
    }
    __asm__ volatile("" : "+r"(position)); /* or the loads were for nothing */
    chase->position = position;
}

static bool lies_on_node(const struct chase *chase, void **position)
{
    uintptr_t offset = (uintptr_t)position - (uintptr_t)chase->base - chase->word;
    return offset % chase->spacing == 0 && offset / chase->spacing < chase->nodes;
}

bool chase_is_one_cycle(const struct chase *chase, size_t most)
{
    void **first = pointer_of(chase, 0);
    void **position = first;
    for (size_t steps = 1; steps <= chase->nodes && steps <= most; steps++) {
        position = *position;
        if (!lies_on_node(chase, position))
            return false;
        if (position == first)
            return steps == chase->nodes;
    }
    return chase->nodes > most;
}
