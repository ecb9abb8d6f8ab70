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

/* The CPUs of a list, the first of each core before those that share a core with one of them; *cores is how
 * many come first. False where the kernel does not show which share one. */
bool packages_cores_first(const char *root, const struct cpu_list *cpus, uint16_t *ordered, size_t *cores);

#endif
