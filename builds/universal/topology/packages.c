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

/* A core is counted at the first of the hardware threads that share it, of those in a list. */
static struct optional_u64 is_first_of_core(const char *root, const struct cpu_list *among, size_t cpu)
{
    char path[PATH_MAX];
    struct cpu_list siblings;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/topology/thread_siblings_list", cpu);
    if (!cpu_list_read(root, path, &siblings))
        return (struct optional_u64){0};
    cpu_list_intersect(&siblings, among);
    return (struct optional_u64){siblings.count > 0, siblings.count > 0 && siblings.cpus[0] == cpu};
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

bool packages_cores_first(const char *root, const struct cpu_list *cpus, uint16_t *ordered, size_t *cores)
{
    size_t sharing = 0;
    *cores = 0;
    for (size_t i = 0; i < cpus->count; i++) {
        struct optional_u64 first = is_first_of_core(root, cpus, cpus->cpus[i]);
        if (!first.known)
            return false;
        if (first.value)
            ordered[(*cores)++] = cpus->cpus[i];
        else
            ordered[cpus->count - ++sharing] = cpus->cpus[i];
    }
    return true;
}
