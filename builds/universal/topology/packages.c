#include "topology/packages.h"

#include "topology/system_file.h"

#include <limits.h>
#include <string.h>

struct optional_u64 package_of_cpu(const char *root, size_t cpu)
{
    char path[PATH_MAX], text[32];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/topology/physical_package_id", cpu);
    if (system_file_read(root, path, text, sizeof text) && strcmp(text, "-1") == 0)
        return known_u64(UINT64_MAX);
    return system_file_number(root, path);
}

/* The hardware threads that share a CPU's core, of those in a list. False: not shown. */
static bool siblings_of(const char *root, const struct cpu_list *among, size_t cpu, struct cpu_list *siblings)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/topology/thread_siblings_list", cpu);
    if (!cpu_list_read(root, path, siblings))
        return false;
    cpu_list_intersect(siblings, among);
    return siblings->count > 0;
}

/* A core is counted at the first of the hardware threads that share it. */
static struct optional_u64 is_first_of_core(const char *root, const struct cpu_list *among, size_t cpu)
{
    struct cpu_list siblings;
    if (!siblings_of(root, among, cpu, &siblings))
        return (struct optional_u64){0};
    return known_u64(siblings.cpus[0] == cpu);
}

static bool seen_before(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static struct optional_u64 count_sockets(const char *root, const struct cpu_list *online)
{
    uint64_t ids[256];
    size_t count = 0;
    for (size_t i = 0; i < online->count; i++) {
        struct optional_u64 id = package_of_cpu(root, online->cpus[i]);
        if (!id.known)
            return (struct optional_u64){0};
        if (!seen_before(ids, count, id.value) && count < ARRAY_LENGTH(ids))
            ids[count++] = id.value;
    }
    return (struct optional_u64){count > 0, count};
}

static struct optional_u64 count_cores(const char *root, const struct cpu_list *online)
{
    uint64_t cores = 0;
    for (size_t i = 0; i < online->count; i++) {
        struct optional_u64 first = is_first_of_core(root, online, online->cpus[i]);
        if (!first.known)
            return (struct optional_u64){0};
        cores += first.value;
    }
    return (struct optional_u64){cores > 0, cores};
}

void packages_read(const char *root, const struct cpu_list *online, struct packages *packages)
{
    packages->sockets = count_sockets(root, online);
    packages->cores = count_cores(root, online);
}

bool packages_group_cores(const char *root, const struct cpu_list *cpus, struct core_groups *groups)
{
    size_t placed = 0;
    groups->cores = 0;
    groups->first[0] = 0;
    for (size_t i = 0; i < cpus->count; i++) {
        struct cpu_list siblings = {.count = 1, .cpus = {cpus->cpus[i]}};
        if (cpus->count > 1 && !siblings_of(root, cpus, cpus->cpus[i], &siblings))
            return false;
        if (siblings.cpus[0] != cpus->cpus[i] || placed + siblings.count > cpus->count)
            continue; /* it came with the first of its core */
        memcpy(groups->cpus + placed, siblings.cpus, siblings.count * sizeof *siblings.cpus);
        placed += siblings.count;
        groups->first[++groups->cores] = (uint16_t)placed;
    }
    return placed == cpus->count;
}
