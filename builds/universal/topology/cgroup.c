#include "topology/cgroup.h"

#include "base/parse.h"
#include "topology/system_file.h"

#include <limits.h>
#include <string.h>

#define TEXT_SIZE 8192

/* Version 1 writes "no limit" as the largest page multiple below 2^63. */
#define UNLIMITED_FROM (UINT64_C(1) << 60)

/* One hierarchy as it is mounted, and what its files are called. */
struct hierarchy {
    const char *mount;
    const char *controller; /* NULL: version 2 */
    const char *limits[2];  /* the hard one, and the one above which the kernel takes pages away, if any */
    const char *usage;
    const char *reclaimable; /* key in memory.stat of page cache that the kernel drops when asked */
};

static const struct hierarchy memory_hierarchies[] = {
    {"/sys/fs/cgroup", NULL, {"memory.max", "memory.high"}, "memory.current", "inactive_file"},
    {"/sys/fs/cgroup/memory",
     "memory",
     {"memory.limit_in_bytes", NULL},
     "memory.usage_in_bytes",
     "total_inactive_file"},
};

static bool names_controller(const char *names, size_t length, const char *controller)
{
    size_t wanted = strlen(controller);
    for (const char *at = names; at < names + length;) {
        size_t word = strcspn(at, ",:");
        if (word == wanted && strncmp(at, controller, wanted) == 0)
            return true;
        at += word + 1;
    }
    return false;
}

bool cgroup_path(const char *text, const char *controller, char *path, size_t size)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *names = line + strspn(line, "0123456789");
        if (names == line || *names++ != ':')
            continue;
        size_t length = strcspn(names, ":\n");
        if (names[length] != ':')
            continue;
        bool ours = controller ? names_controller(names, length, controller) : length == 0;
        if (!ours)
            continue;
        const char *found = names + length + 1;
        int written = snprintf(path, size, "%.*s", (int)strcspn(found, "\n"), found);
        return written > 0 && (size_t)written < size && path[0] == '/';
    }
    return false;
}

/* Cuts the last part of a path; false when nothing was left to cut. */
static bool to_parent(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return true;
}

static struct optional_u64 read_limit(const char *root, const char *directory, const char *file)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.3000s/%s", directory, file);
    struct optional_u64 limit = system_file_number(root, path); /* "max" is no number: no limit */
    if (limit.value >= UNLIMITED_FROM)
        limit.known = false;
    return limit;
}

static struct optional_u64 read_left(const char *root, const char *directory,
                                     const struct hierarchy *hierarchy, uint64_t limit)
{
    struct optional_u64 usage = read_limit(root, directory, hierarchy->usage);
    if (!usage.known)
        return known_u64(limit);
    char path[PATH_MAX], text[TEXT_SIZE];
    snprintf(path, sizeof path, "%.3000s/memory.stat", directory);
    struct optional_u64 cache = {0};
    if (system_file_read(root, path, text, sizeof text))
        cache = system_text_number(text, hierarchy->reclaimable);
    uint64_t used = usage.value > cache.value ? usage.value - cache.value : 0;
    return known_u64(limit > used ? limit - used : 0);
}

static void read_memory_directory(const char *root, const char *directory, const struct hierarchy *hierarchy,
                                  struct cgroup_limits *limits)
{
    for (size_t i = 0; i < ARRAY_LENGTH(hierarchy->limits) && hierarchy->limits[i]; i++) {
        struct optional_u64 limit = read_limit(root, directory, hierarchy->limits[i]);
        if (!limit.known)
            continue;
        limits->memory_bytes = smaller_known(limits->memory_bytes, limit);
        struct optional_u64 left = read_left(root, directory, hierarchy, limit.value);
        limits->memory_left_bytes = smaller_known(limits->memory_left_bytes, left);
    }
}

static double quota_v1(const char *root, const char *directory)
{
    struct optional_u64 quota = read_limit(root, directory, "cpu.cfs_quota_us"); /* "-1": none */
    struct optional_u64 period = read_limit(root, directory, "cpu.cfs_period_us");
    if (!quota.known || !period.known || period.value == 0)
        return 0;
    return (double)quota.value / (double)period.value;
}

static double quota_v2(const char *root, const char *directory)
{
    char path[PATH_MAX], text[64];
    snprintf(path, sizeof path, "%.3000s/cpu.max", directory);
    return system_file_read(root, path, text, sizeof text) ? cgroup_parse_cpu_max(text) : 0;
}

double cgroup_parse_cpu_max(const char *text)
{
    struct cursor cursor = cursor_over(text);
    uint32_t quota, period;
    bool good = cursor_number(&cursor, &quota) && cursor_skip(&cursor, ' ') &&
                cursor_number(&cursor, &period) && cursor_done(&cursor) && period > 0;
    return good ? (double)quota / period : 0;
}

static void take_quota(struct cgroup_limits *limits, double cpus)
{
    if (cpus > 0 && (limits->cpus == 0 || cpus < limits->cpus))
        limits->cpus = cpus;
}

/* Which limits to fill in from which hierarchy. */
struct memory_visit {
    const struct hierarchy *hierarchy;
    struct cgroup_limits *limits;
};

static void visit_memory(const char *root, const char *directory, void *context)
{
    const struct memory_visit *visit = context;
    read_memory_directory(root, directory, visit->hierarchy, visit->limits);
}

static void visit_cpu(const char *root, const char *directory, void *context)
{
    struct cgroup_limits *limits = context;
    take_quota(limits, quota_v1(root, directory));
    take_quota(limits, quota_v2(root, directory));
}

/*
 * Inside a container the path may be the host's while the mount shows our group at its top: directories that
 * are not there say nothing, the top one counts in any case.
 */
void cgroup_visit(const char *root, const char *mount, const char *controller, cgroup_visitor *visit,
                  void *context)
{
    char groups[TEXT_SIZE], path[2048];
    if (!system_file_read(root, "/proc/self/cgroup", groups, sizeof groups))
        groups[0] = '\0';
    if (!cgroup_path(groups, controller, path, sizeof path) || strcmp(path, "/") == 0)
        path[0] = '\0';
    do {
        char directory[PATH_MAX];
        snprintf(directory, sizeof directory, "%s%s", mount, path);
        visit(root, directory, context);
    } while (to_parent(path));
}

struct cgroup_limits cgroup_read_limits(const char *root)
{
    struct cgroup_limits limits = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(memory_hierarchies); i++) {
        const struct hierarchy *hierarchy = &memory_hierarchies[i];
        struct memory_visit visit = {hierarchy, &limits};
        cgroup_visit(root, hierarchy->mount, hierarchy->controller, visit_memory, &visit);
    }
    cgroup_visit(root, "/sys/fs/cgroup", NULL, visit_cpu, &limits);
    cgroup_visit(root, "/sys/fs/cgroup/cpu", "cpu", visit_cpu, &limits);
    cgroup_visit(root, "/sys/fs/cgroup/cpu,cpuacct", "cpu", visit_cpu, &limits);
    return limits;
}
