#include "discovery/catalog.h"

#include "base/embedded.h"

#include <stdio.h>
#include <string.h>

#define TABLE "data/instance-types.json"
#define TABLE_MAX_BYTES (4u << 20)

void catalog_free(struct catalog *catalog)
{
    free(catalog->types);
    *catalog = (struct catalog){0};
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_facts(const void *left, const void *right)
{
    const struct instance_facts *a = left, *b = right;
    int order = strcmp(a->name.family, b->name.family);
    if (order == 0)
        order = compare_numbers(a->vcpus, b->vcpus);
    if (order == 0)
        order = compare_numbers(a->memory_mib, b->memory_mib);
    return order ? order : strcmp(a->name.name, b->name.name);
}

const struct instance_facts *catalog_find(const struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->count; i++)
        if (strcmp(catalog->types[i].name.name, name) == 0)
            return &catalog->types[i];
    return NULL;
}

static void set_reason(struct instance_facts *facts, const char *reason)
{
    facts->runnable = false;
    snprintf(facts->reason, sizeof facts->reason, "%.*s", (int)sizeof facts->reason - 1, reason);
}

struct instance_facts instance_facts_from_name(const struct instance_type_name *name)
{
    struct instance_facts facts = {.name = *name,
                                   .architecture = name->architecture,
                                   .vendor = name->vendor,
                                   .runnable = name->runnable};
    if (name->reason)
        set_reason(&facts, name->reason);
    return facts;
}

int catalog_check(const struct instance_type_name *name, enum architecture from_ec2, struct err *err)
{
    if (name->architecture == from_ec2)
        return 0;
    const char *told = architecture_name(from_ec2);
    return err_set(err, ERR_UNSUPPORTED,
                   "EC2 says that %s is %s, but its name says %s: nothing is launched on a guess; please "
                   "report this type",
                   name->name, told ? told : "of no architecture known here",
                   architecture_name(name->architecture));
}

/* The facts of a type that EC2 offers under a name that this program can't read: listed, never run. */
static struct instance_facts facts_of_unreadable(const char *name, const struct err *why)
{
    struct instance_facts facts = {0};
    snprintf(facts.name.name, sizeof facts.name.name, "%.*s", INSTANCE_TYPE_SIZE - 1, name);
    snprintf(facts.name.family, sizeof facts.name.family, "%.*s", (int)strcspn(facts.name.name, "."), name);
    set_reason(&facts, why->message);
    return facts;
}

/* EC2 lists i386 beside x86_64 where a type runs both: the first word that is known here counts. */
static enum architecture architecture_of_type(const struct ec2_type *type)
{
    enum architecture architecture = ARCH_UNKNOWN;
    for (size_t i = 0; i < type->architecture_count && architecture == ARCH_UNKNOWN; i++)
        architecture = architecture_from_name(type->architectures[i]);
    return architecture;
}

struct instance_facts instance_facts_from_ec2(const struct ec2_type *type)
{
    struct instance_type_name name = {0};
    struct err why;
    bool readable = instance_type_parse(type->name, &name, &why) == 0;
    struct instance_facts facts =
        readable ? instance_facts_from_name(&name) : facts_of_unreadable(type->name, &why);
    facts.architecture = architecture_of_type(type);
    if (readable && catalog_check(&name, facts.architecture, &why) < 0)
        set_reason(&facts, why.message);
    enum processor_vendor vendor = processor_vendor_from_manufacturer(type->manufacturer);
    if (vendor != VENDOR_UNKNOWN)
        facts.vendor = vendor;
    facts.vcpus = type->vcpus;
    facts.memory_mib = type->memory_mib;
    return facts;
}

int catalog_from_types(const struct ec2_types *types, struct catalog *catalog, struct err *err)
{
    catalog->types = calloc(types->count + 1, sizeof *catalog->types);
    if (!catalog->types)
        return err_memory(err);
    for (size_t i = 0; i < types->count; i++)
        catalog->types[catalog->count++] = instance_facts_from_ec2(&types->items[i]);
    qsort(catalog->types, catalog->count, sizeof *catalog->types, compare_facts);
    return 0;
}

/* --- the table: rows of [name, [architecture, …], manufacturer, vCPUs, MiB] ---------------------------- */

static bool copy_string(const cJSON *item, char *out, size_t size)
{
    const char *text = cJSON_GetStringValue(item);
    return text && (size_t)snprintf(out, size, "%s", text) < size;
}

static bool copy_number(const cJSON *item, double most, double *out)
{
    if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > most)
        return false;
    *out = item->valuedouble;
    return true;
}

static bool copy_architectures(const cJSON *list, struct ec2_type *type)
{
    const cJSON *word = NULL;
    cJSON_ArrayForEach(word, list)
    {
        size_t i = type->architecture_count;
        if (i == ARRAY_LENGTH(type->architectures) ||
            !copy_string(word, type->architectures[i], sizeof type->architectures[i]))
            return false;
        type->architecture_count++;
    }
    return type->architecture_count > 0;
}

static int read_row(const cJSON *row, struct ec2_type *type, struct err *err)
{
    double vcpus = 0, memory_mib = 0;
    *type = (struct ec2_type){0};
    if (!copy_string(cJSON_GetArrayItem(row, 0), type->name, sizeof type->name) ||
        !copy_architectures(cJSON_GetArrayItem(row, 1), type) ||
        !copy_string(cJSON_GetArrayItem(row, 2), type->manufacturer, sizeof type->manufacturer) ||
        !copy_number(cJSON_GetArrayItem(row, 3), UINT32_MAX, &vcpus) ||
        !copy_number(cJSON_GetArrayItem(row, 4), UINT32_MAX, &memory_mib))
        return err_set(err, ERR_DATA, "the row of '%.40s' is broken", type->name);
    type->vcpus = (uint32_t)vcpus;
    type->memory_mib = (uint64_t)memory_mib;
    return 0;
}

static int read_rows(const cJSON *rows, struct ec2_types *types, struct err *err)
{
    const cJSON *row = NULL;
    types->items = calloc((size_t)cJSON_GetArraySize(rows) + 1, sizeof *types->items);
    if (!types->items)
        return err_memory(err);
    cJSON_ArrayForEach(row, rows) if (read_row(row, &types->items[types->count++], err) < 0) return -1;
    return 0;
}

int catalog_parse(const char *text, size_t length, struct catalog *catalog, struct err *err)
{
    CLEANUP(ec2_types_free) struct ec2_types types = {0};
    AUTO_JSON cJSON *table = json_parse(text, length, TABLE_MAX_BYTES, err);
    const char *source = NULL, *date = NULL;
    *catalog = (struct catalog){0};
    if (!table || json_get_string(table, "source", &source, err) < 0 ||
        json_get_string(table, "date", &date, err) < 0 || read_rows(json_at(table, "types"), &types, err) < 0)
        return -1;
    snprintf(catalog->source, sizeof catalog->source, "%s", source);
    snprintf(catalog->date, sizeof catalog->date, "%s", date);
    return catalog_from_types(&types, catalog, err);
}

int catalog_load(struct catalog *catalog, struct err *err)
{
    const struct embedded_file *file = embedded_find(TABLE);
    *catalog = (struct catalog){0};
    if (!file)
        return err_set(err, ERR_DATA, "the program was built without " TABLE);
    if (catalog_parse(file->data, (size_t)file->length, catalog, err) < 0)
        return err_prepend(err, TABLE);
    return 0;
}

/* --- the record ---------------------------------------------------------------------------------------- */

static int add_number_or_null(cJSON *object, const char *name, uint64_t number, struct err *err)
{
    return number ? json_add_i64(object, name, (int64_t)number, err) : json_add_null(object, name, err);
}

cJSON *instance_facts_json(const struct instance_facts *facts, struct err *err)
{
    AUTO_JSON cJSON *record = cJSON_CreateObject();
    if (!record) {
        err_memory(err);
        return NULL;
    }
    if (json_add_string(record, "instance_type", facts->name.name, err) < 0 ||
        json_add_string(record, "instance_family", facts->name.family, err) < 0 ||
        add_number_or_null(record, "generation", facts->name.generation, err) < 0 ||
        json_add_string(record, "architecture", architecture_name(facts->architecture), err) < 0 ||
        json_add_string(record, "processor_vendor", processor_vendor_name(facts->vendor), err) < 0 ||
        add_number_or_null(record, "vcpus", facts->vcpus, err) < 0 ||
        add_number_or_null(record, "memory_mib", facts->memory_mib, err) < 0 ||
        json_add_bool(record, "runnable", facts->runnable, err) < 0 ||
        json_add_string(record, "reason", facts->runnable ? NULL : facts->reason, err) < 0)
        return NULL;
    return TAKE(record);
}
