#include "topology/caches.h"

#include "base/parse.h"
#include "topology/system_file.h"

#include <limits.h>
#include <string.h>

struct optional_u64 cache_parse_size(const char *text)
{
    struct optional_u64 size = {0};
    size.known = parse_size(text, 1, UINT64_C(1) << 40, &size.value, NULL) == 0;
    return size;
}

static bool read_attribute(const char *root, size_t cpu, size_t index, const char *name, char *text,
                           size_t size)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%zu/cache/index%zu/%s", cpu, index, name);
    return system_file_read(root, path, text, size);
}

static struct optional_u64 read_number(const char *root, size_t cpu, size_t index, const char *name)
{
    char text[32];
    struct optional_u64 number = {0};
    if (read_attribute(root, cpu, index, name, text, sizeof text))
        number.known = parse_u64(text, 1, 4096, &number.value, NULL) == 0;
    return number;
}

/* Each cache is counted once, at the first CPU of those that share it. */
static size_t count_instances(const char *root, size_t index, const struct cpu_list *online)
{
    size_t instances = 0;
    for (size_t i = 0; i < online->count; i++) {
        size_t cpu = online->cpus[i];
        char text[4096];
        struct cpu_list sharing;
        bool known = read_attribute(root, cpu, index, "shared_cpu_list", text, sizeof text) &&
                     cpu_list_parse(text, &sharing, NULL) == 0 && sharing.count > 0;
        if (!known || sharing.cpus[0] == cpu)
            instances++;
    }
    return instances ? instances : 1;
}

/* False: an instruction cache, or not readable. */
static bool read_cache(const char *root, size_t cpu, size_t index, const struct cpu_list *online,
                       struct cache *cache)
{
    char type[32], size_text[32];
    struct optional_u64 level = read_number(root, cpu, index, "level");
    struct optional_u64 line = read_number(root, cpu, index, "coherency_line_size");
    if (!level.known || !read_attribute(root, cpu, index, "type", type, sizeof type) ||
        !read_attribute(root, cpu, index, "size", size_text, sizeof size_text))
        return false;
    struct optional_u64 size = cache_parse_size(size_text);
    bool data = strcmp(type, "Data") == 0;
    if (!size.known || (!data && strcmp(type, "Unified") != 0))
        return false;
    *cache = (struct cache){
        .level = (unsigned)level.value,
        .type = data ? CACHE_DATA : CACHE_UNIFIED,
        .size_bytes = size.value,
        .line_bytes = line.known ? (unsigned)line.value : 64,
        .instances = count_instances(root, index, online),
    };
    return true;
}

void caches_read(const char *root, size_t cpu, const struct cpu_list *online, struct caches *caches)
{
    caches->count = 0;
    for (size_t index = 0; index < CACHE_LEVELS_MAX; index++) {
        struct cache cache;
        if (!read_cache(root, cpu, index, online, &cache))
            continue;
        const struct cache *last = caches_last(caches);
        if (!last || cache.level > last->level)
            caches->rows[caches->count++] = cache;
    }
    if (caches->count == 0)
        caches_ask_cpu(online->count, caches);
}

const struct cache *caches_level(const struct caches *caches, unsigned level)
{
    for (size_t i = 0; i < caches->count; i++)
        if (caches->rows[i].level == level)
            return &caches->rows[i];
    return NULL;
}

const struct cache *caches_last(const struct caches *caches)
{
    return caches->count ? &caches->rows[caches->count - 1] : NULL;
}
