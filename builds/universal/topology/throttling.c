#include "topology/throttling.h"

#include "topology/cgroup.h"
#include "topology/system_file.h"

#include <limits.h>

#define MICROSECOND 1000

static void add_known(struct optional_u64 *sum, struct optional_u64 number, uint64_t unit)
{
    if (!number.known)
        return;
    sum->known = true;
    sum->value += number.value * unit;
}

/* cpu.stat: version 2 counts throttled_usec, version 1 throttled_time in nanoseconds. */
static void add_group(const char *root, const char *directory, void *context)
{
    struct quota_stops *stops = context;
    char path[PATH_MAX], text[2048];
    snprintf(path, sizeof path, "%.3000s/cpu.stat", directory);
    if (!system_file_read(root, path, text, sizeof text))
        return;
    add_known(&stops->periods, system_text_number(text, "nr_throttled"), 1);
    add_known(&stops->nanoseconds, system_text_number(text, "throttled_usec"), MICROSECOND);
    add_known(&stops->nanoseconds, system_text_number(text, "throttled_time"), 1);
}

/* Version 1's controller is mounted under one of two names, or under both, which are then the same. */
struct quota_stops quota_stops_read(const char *root)
{
    struct quota_stops stops = {0};
    cgroup_visit(root, "/sys/fs/cgroup", NULL, add_group, &stops);
    if (!stops.periods.known)
        cgroup_visit(root, "/sys/fs/cgroup/cpu", "cpu", add_group, &stops);
    if (!stops.periods.known)
        cgroup_visit(root, "/sys/fs/cgroup/cpu,cpuacct", "cpu", add_group, &stops);
    return stops;
}

struct optional_u64 thermal_throttles_read(const char *root, const struct cpu_list *cpus)
{
    struct optional_u64 sum = {0};
    for (size_t i = 0; i < cpus->count; i++) {
        char path[128];
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/thermal_throttle/core_throttle_count",
                 cpus->cpus[i]);
        add_known(&sum, system_file_number(root, path), 1);
    }
    return sum;
}
