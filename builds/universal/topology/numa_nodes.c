#include "topology/numa_nodes.h"

#include "base/parse.h"
#include "topology/system_file.h"

#include <limits.h>
#include <string.h>

size_t numa_parse_distances(const char *text, unsigned *distances, size_t size)
{
    struct cursor cursor = cursor_over(text);
    size_t count = 0;
    while (!cursor_done(&cursor)) {
        uint32_t distance;
        if (count == size || (count > 0 && !cursor_skip(&cursor, ' ')) || !cursor_number(&cursor, &distance))
            return 0;
        distances[count++] = distance;
    }
    return count;
}

static bool read_node_file(const char *root, unsigned node, const char *name, char *text, size_t size)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/sys/devices/system/node/node%u/%s", node, name);
    return system_file_read(root, path, text, size);
}

/* "Node 0 MemTotal: 8000000 kB" */
static struct optional_u64 read_memory(const char *root, unsigned node)
{
    char text[4096], key[32];
    snprintf(key, sizeof key, "Node %u MemTotal", node);
    if (!read_node_file(root, node, "meminfo", text, sizeof text))
        return (struct optional_u64){0};
    struct optional_u64 kib = system_text_number(text, key);
    kib.value *= 1024;
    return kib;
}

static void read_node(const char *root, unsigned number, struct numa_node *node)
{
    char text[16384];
    *node = (struct numa_node){.number = number, .memory_bytes = read_memory(root, number)};
    if (!read_node_file(root, number, "cpulist", text, sizeof text) ||
        cpu_list_parse(text, &node->cpus, NULL) < 0)
        node->cpus.count = 0;
    if (read_node_file(root, number, "distance", text, sizeof text))
        numa_parse_distances(text, node->distance, NODES_MAX);
}

static void single_node(const struct cpu_list *online, struct optional_u64 memory_total,
                        struct numa_nodes *nodes)
{
    nodes->known = true;
    nodes->count = 1;
    nodes->rows[0] = (struct numa_node){.cpus = *online, .memory_bytes = memory_total};
}

void numa_nodes_read(const char *root, const struct cpu_list *online, struct optional_u64 memory_total,
                     struct numa_nodes *nodes)
{
    struct cpu_list numbers, visible;
    *nodes = (struct numa_nodes){0};
    if (!cpu_list_read(root, "/sys/devices/system/node/online", &numbers)) {
        if (cpu_list_read(root, "/sys/devices/system/cpu/online", &visible))
            single_node(online, memory_total, nodes);
        return;
    }
    nodes->known = true;
    for (size_t i = 0; i < numbers.count && i < NODES_MAX; i++)
        read_node(root, numbers.cpus[i], &nodes->rows[nodes->count++]);
}
