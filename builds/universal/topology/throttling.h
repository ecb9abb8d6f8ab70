/* How often the machine held its CPUs back: counters since some start, of which differences say something. */
#ifndef TOPOLOGY_THROTTLING_H
#define TOPOLOGY_THROTTLING_H

#include "topology/cpu_list.h"
#include "topology/optional.h"

/* What the CPU quotas of our control group and of those above it, as far as they can be seen, took. */
struct quota_stops {
    struct optional_u64 periods;     /* in which a quota was used up before the period was over */
    struct optional_u64 nanoseconds; /* that CPUs stood still for it, all CPUs together */
};

struct quota_stops quota_stops_read(const char *root);

/* How often these CPUs' cores were slowed down for their heat, all together. Unknown: the kernel does not
 * tell, as in most virtual machines and on arm64. */
struct optional_u64 thermal_throttles_read(const char *root, const struct cpu_list *cpus);

#endif
