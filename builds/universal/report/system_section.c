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
    if (text && text[0])
        json_text(json, key, text);
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
        json_optional(json, "memory_bytes", node->memory_bytes);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_mitigations(struct json_writer *json, const struct mitigations *mitigations)
{
    if (!mitigations->known) {
        json_null(json, "mitigations");
        return;
    }
    json_begin_object(json, "mitigations");
    for (size_t i = 0; i < mitigations->count; i++)
        json_text(json, mitigations->rows[i].name, mitigations->rows[i].text);
    json_end_object(json);
}

static void write_huge_pages(struct json_writer *json, const struct huge_pages *huge_pages)
{
    write_text(json, "transparent_huge_pages", huge_pages->transparent);
    if (!huge_pages->pools_known) {
        json_null(json, "huge_page_pools");
        return;
    }
    json_begin_array(json, "huge_page_pools");
    for (size_t i = 0; i < huge_pages->pools_count; i++) {
        const struct huge_page_pool *pool = &huge_pages->pools[i];
        json_begin_object(json, NULL);
        json_whole(json, "page_bytes", pool->page_bytes);
        json_whole(json, "pages", pool->pages);
        json_optional(json, "free_pages", pool->free_pages);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_clock(struct json_writer *json, const struct machine *machine)
{
    json_number(json, "clock_ghz", machine->clock_ghz);
    json_number(json, "clock_end_ghz", machine->clock_end_ghz);
    write_text(json, "frequency_driver", machine->frequency_policy.driver);
    write_text(json, "frequency_governor", machine->frequency_policy.governor);
}

void system_section_write(struct json_writer *json, const struct machine *machine)
{
    struct optional_u64 logical_cpus = {machine->online_known, machine->online.count};
    json_begin_object(json, "system");
    json_text(json, "architecture", ARCHITECTURE);
    write_text(json, "cpu_vendor", machine->identity.vendor);
    write_text(json, "cpu_model", machine->identity.model);
    write_text(json, "cpu_id", machine->identity.id);
    write_text(json, "cpu_product", machine->identity.product);
    write_text(json, "microarchitecture", machine->identity.microarchitecture);
    write_text(json, "microcode", machine->identity.microcode);
    write_features(json, machine->features);
    json_optional(json, "logical_cpus", logical_cpus);
    json_whole(json, "usable_cpus", machine->usable.count);
    json_optional(json, "physical_cores", machine->packages.cores);
    json_optional(json, "sockets", machine->packages.sockets);
    write_clock(json, machine);
    write_caches(json, &machine->caches);
    write_nodes(json, &machine->nodes);
    json_optional(json, "memory_total_bytes", machine->memory_total);
    json_optional(json, "memory_limit_bytes", machine->limits.memory_bytes);
    write_text(json, "kernel", machine->kernel);
    write_text(json, "hypervisor", machine->identity.hypervisor);
    write_mitigations(json, &machine->mitigations);
    write_huge_pages(json, &machine->huge_pages);
    json_end_object(json);
}
