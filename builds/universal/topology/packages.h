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

#endif
