#include "suites/numa_places.h"

static bool has_both(const struct numa_node *node)
{
    bool no_memory = node->memory_bytes.known && node->memory_bytes.value == 0;
    return node->cpus.count > 0 && !no_memory;
}

/* sockets: whether only nodes in another socket count. */
static bool qualifies(const struct machine *machine, const struct numa_node *home,
                      const struct numa_node *node, bool sockets)
{
    if (node == home || !has_both(node))
        return false;
    struct optional_u64 here = package_of_cpu(machine->root, home->cpus.cpus[0]);
    struct optional_u64 there = package_of_cpu(machine->root, node->cpus.cpus[0]);
    return !sockets || (here.known && there.known && here.value != there.value);
}

static const struct numa_node *nearest(const struct machine *machine, const struct numa_node *home,
                                       bool sockets)
{
    const struct numa_nodes *nodes = &machine->nodes;
    const struct numa_node *best = NULL;
    unsigned best_distance = 0;
    for (size_t i = 0; i < nodes->count; i++) {
        unsigned distance = home->distance[i];
        if (!qualifies(machine, home, &nodes->rows[i], sockets) || (best && distance >= best_distance))
            continue;
        best = &nodes->rows[i];
        best_distance = distance;
    }
    return best;
}

static const struct numa_node *home_of(const struct machine *machine)
{
    for (size_t i = 0; i < machine->nodes.count; i++)
        if (cpu_list_contains(&machine->nodes.rows[i].cpus, machine->usable.cpus[0]))
            return &machine->nodes.rows[i];
    return NULL;
}

void numa_usable_cpus(const struct machine *machine, const struct numa_node *node, struct cpu_list *cpus)
{
    *cpus = node->cpus;
    cpu_list_intersect(cpus, &machine->usable);
}

int numa_places_choose(const struct machine *machine, struct numa_places *places, struct err *err)
{
    const struct numa_node *home = home_of(machine);
    if (!machine->nodes.known || !machine->packages.sockets.known || !home)
        return err_set(err, ERR_UNSUPPORTED, "nodes and sockets can't be read: /sys is hidden");
    places->node[PLACE_LOCAL] = home;
    places->node[PLACE_REMOTE] = nearest(machine, home, false);
    places->node[PLACE_INTER_SOCKET] = nearest(machine, home, true);
    for (enum numa_place place = PLACE_LOCAL; place < PLACES; place++) {
        struct cpu_list usable;
        if (!places->node[place])
            continue;
        numa_usable_cpus(machine, places->node[place], &usable);
        if (usable.count == 0)
            return err_set(
                err, ERR_UNSUPPORTED,
                "node %u can't be reached: none of its CPUs may be used (affinity, cpuset or CPU quota)",
                places->node[place]->number);
    }
    return 0;
}

static bool is_in(const struct numa_pairs *pairs, const struct numa_node *node)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (pairs->nodes[i] == node)
            return true;
    return false;
}

void numa_pairs_choose(const struct machine *machine, const struct numa_places *places,
                       struct numa_pairs *pairs)
{
    *pairs = (struct numa_pairs){0};
    for (enum numa_place place = PLACE_LOCAL; place < PLACES; place++)
        if (places->node[place] && !is_in(pairs, places->node[place]))
            pairs->nodes[pairs->count++] = places->node[place];
    for (size_t i = 0; i < machine->nodes.count; i++) {
        const struct numa_node *node = &machine->nodes.rows[i];
        struct cpu_list usable;
        numa_usable_cpus(machine, node, &usable);
        if (is_in(pairs, node) || !has_both(node))
            continue;
        if (usable.count > 0 && pairs->count < PAIR_NODES_MAX)
            pairs->nodes[pairs->count++] = node;
        else
            pairs->left_out++;
    }
}
