/* Sockets and cores as sysfs shows them. */
#ifndef TOPOLOGY_PACKAGES_H
#define TOPOLOGY_PACKAGES_H

#include "topology/cpu_list.h"
#include "topology/optional.h"

struct packages {
    struct optional_u64 sockets;
    struct optional_u64 cores;
};

void packages_read(const char *root, const struct cpu_list *online, struct packages *packages);

/* The socket of a CPU, as any number that tells sockets apart. Firmware that knows no sockets gives every CPU
 * the same one. */
struct optional_u64 package_of_cpu(const char *root, size_t cpu);

/* CPUs core after core: those of core i are cpus[first[i]] up to, not including, cpus[first[i + 1]]. */
struct core_groups {
    size_t cores;
    uint16_t cpus[CPUS_MAX];
    uint16_t first[CPUS_MAX + 1];
};

/* Groups a list by cores, in its order. False where the kernel does not show which CPUs share a core; one CPU
 * alone is a core. */
bool packages_group_cores(const char *root, const struct cpu_list *cpus, struct core_groups *groups);

#endif
