/*
 * What the control groups leave us, version 1 and 2: a container's own limits, and those of the groups it
 * stands in as far as they can be seen from inside.
 */
#ifndef TOPOLOGY_CGROUP_H
#define TOPOLOGY_CGROUP_H

#include "topology/optional.h"

#include <stddef.h>

struct cgroup_limits {
    struct optional_u64 memory_bytes; /* the smallest limit that holds for us; unknown: none */
    struct optional_u64
        memory_left_bytes; /* of that, what is not in use; page cache that can go counts as left */
    double cpus;           /* CPU time a second that the quota grants; 0: no quota */
};

struct cgroup_limits cgroup_read_limits(const char *root);

typedef void cgroup_visitor(const char *root, const char *directory, void *context);

/* Calls visit for the directory of our group, below the mount point of a hierarchy, and for every one above
 * it up to that. controller: NULL for version 2, else one of version 1. */
void cgroup_visit(const char *root, const char *mount, const char *controller, cgroup_visitor *visit,
                  void *context);

/* The path of our group in the text of /proc/self/cgroup: for version 2 with controller NULL (the line
 * "0::PATH"), else for that controller of version 1 ("N:memory:PATH", "N:cpu,cpuacct:PATH"). False: no such
 * line, or the path does not fit. */
bool cgroup_path(const char *text, const char *controller, char *path, size_t size);

/* "max 100000" or "150000 100000" (cpu.max): CPUs granted, 0 for no quota or text that is not this. */
double cgroup_parse_cpu_max(const char *text);

#endif
