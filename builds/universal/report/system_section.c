#include "report/system_section.h"

#if defined(__x86_64__)
#define ARCHITECTURE "x86_64"
#elif defined(__aarch64__)
#define ARCHITECTURE "arm64"
#else
#error "the collector knows x86_64 and arm64"
#endif

static void write_text(struct json_writer *json, const char *key, const char *text)
{
    if (text[0])
        json_text(json, key, text);
    else
        json_null(json, key);
}

static void write_optional(struct json_writer *json, const char *key, struct optional_u64 number)
{
    if (number.known)
        json_whole(json, key, number.value);
    else
        json_null(json, key);
}

static void write_features(struct json_writer *json, cpu_feature_set features)
{
    json_begin_array(json, "cpu_features");
    for (enum cpu_feature feature = 0; feature < CPU_FEATURES; feature++)
        if (cpu_features_include(features, cpu_feature_bit(feature)))
            json_text(json, NULL, cpu_feature_name(feature));
    json_end_array(json);
}

static void write_caches(struct json_writer *json, const struct caches *caches)
{
    if (caches->count == 0) {
        json_null(json, "caches");
        return;
    }
    json_begin_array(json, "caches");
    for (size_t i = 0; i < caches->count; i++) {
        const struct cache *cache = &caches->rows[i];
        json_begin_object(json, NULL);
        json_whole(json, "level", cache->level);
        json_text(json, "type", cache->type == CACHE_DATA ? "data" : "unified");
        json_whole(json, "size_bytes", cache->size_bytes);
        json_whole(json, "line_bytes", cache->line_bytes);
        json_whole(json, "instances", cache->instances);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_nodes(struct json_writer *json, const struct numa_nodes *nodes)
{
    if (!nodes->known) {
        json_null(json, "numa_nodes");
        return;
    }
    json_begin_array(json, "numa_nodes");
    for (size_t i = 0; i < nodes->count; i++) {
        const struct numa_node *node = &nodes->rows[i];
        char cpus[4096];
        json_begin_object(json, NULL);
        json_whole(json, "node", node->number);
        if (cpu_list_format(&node->cpus, cpus, sizeof cpus))
            json_text(json, "cpus", cpus);
        else
            json_null(json, "cpus");
        write_optional(json, "memory_bytes", node->memory_bytes);
        json_end_object(json);
    }
    json_end_array(json);
}

void system_section_write(struct json_writer *json, const struct machine *machine)
{
    struct optional_u64 logical_cpus = {machine->online_known, machine->online.count};
    json_begin_object(json, "system");
    json_text(json, "architecture", ARCHITECTURE);
    write_text(json, "cpu_vendor", machine->identity.vendor);
    write_text(json, "cpu_model", machine->identity.model);
    write_text(json, "microcode", machine->identity.microcode);
    write_features(json, machine->features);
    write_optional(json, "logical_cpus", logical_cpus);
    json_whole(json, "usable_cpus", machine->usable.count);
    write_optional(json, "physical_cores", machine->packages.cores);
    write_optional(json, "sockets", machine->packages.sockets);
    json_number(json, "clock_ghz", machine->clock_ghz);
    write_caches(json, &machine->caches);
    write_nodes(json, &machine->nodes);
    write_optional(json, "memory_total_bytes", machine->memory_total);
    write_optional(json, "memory_limit_bytes", machine->limits.memory_bytes);
    write_text(json, "kernel", machine->kernel);
    write_text(json, "hypervisor", machine->identity.hypervisor);
    write_text(json, "transparent_huge_pages", machine->transparent_huge_pages);
    json_end_object(json);
}
