#include "results/schema.h"

#include "base/embedded.h"
#include "results/schema_node.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define SCHEMA_MAX_BYTES (1UL << 20)

const char *const schema_type_names[] = {"null",   "boolean", "integer", "number",
                                         "string", "array",   "object",  NULL};

static const struct schema_node *load_node(struct schema *schema, const cJSON *source, struct err *err);

/* What loads one keyword: its value into the node's field at offset. */
typedef int (*keyword_loader)(struct schema *schema, void *field, const cJSON *value, struct err *err);

static int bad_value(const cJSON *value, struct err *err)
{
    return err_set(err, ERR_DATA, "the schema keyword '%.32s' has a value that it can't have",
                   value->string ? value->string : "");
}

static int load_annotation(struct schema *schema UNUSED, void *field UNUSED, const cJSON *value UNUSED,
                           struct err *err UNUSED)
{
    return 0;
}

static int add_type(unsigned *types, const cJSON *name, struct err *err)
{
    for (unsigned i = 0; cJSON_IsString(name) && schema_type_names[i]; i++) {
        if (strcmp(schema_type_names[i], name->valuestring) == 0) {
            *types |= 1U << i;
            return 0;
        }
    }
    return err_set(err, ERR_DATA, "the schema names a type that there is not");
}

static int load_types(struct schema *schema UNUSED, void *field, const cJSON *value, struct err *err)
{
    unsigned *types = field;
    if (!cJSON_IsArray(value))
        return add_type(types, value, err);
    const cJSON *name;
    cJSON_ArrayForEach(name, value)
    {
        if (add_type(types, name, err) < 0)
            return -1;
    }
    return *types ? 0 : bad_value(value, err);
}

static int load_value(struct schema *schema UNUSED, void *field, const cJSON *value, struct err *err UNUSED)
{
    *(const cJSON **)field = value;
    return 0;
}

static int load_array(struct schema *schema UNUSED, void *field, const cJSON *value, struct err *err)
{
    if (!cJSON_IsArray(value))
        return bad_value(value, err);
    *(const cJSON **)field = value;
    return 0;
}

static int load_required(struct schema *schema, void *field, const cJSON *value, struct err *err)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, value)
    {
        if (!cJSON_IsString(name))
            return bad_value(value, err);
    }
    return load_array(schema, field, value, err);
}

static int load_number(struct schema *schema UNUSED, void *field, const cJSON *value, struct err *err)
{
    if (!cJSON_IsNumber(value))
        return bad_value(value, err);
    *(double *)field = value->valuedouble;
    return 0;
}

static int load_size(struct schema *schema UNUSED, void *field, const cJSON *value, struct err *err)
{
    double number = cJSON_IsNumber(value) ? value->valuedouble : -1;
    if (number < 0 || number != trunc(number) || number > (double)UINT32_MAX)
        return bad_value(value, err);
    *(size_t *)field = (size_t)number;
    return 0;
}

/* Whether ECMA-262 and POSIX extended syntax read the pattern alike: groups without '?', escapes of
 * punctuation only, none within brackets. */
static bool portable_pattern(const char *pattern)
{
    bool in_brackets = false;
    for (const char *at = pattern; *at; at++) {
        if (*at == '\\') {
            if (in_brackets || !at[1] || !strchr(".*+?()[]{}|^$\\/", at[1]))
                return false;
            at++;
        } else if (in_brackets) {
            in_brackets = *at != ']';
            if (*at == '[')
                return false;
        } else if (*at == '[') {
            in_brackets = true;
        } else if (*at == '(' && at[1] == '?') {
            return false;
        }
    }
    return !in_brackets;
}

static int load_pattern(struct schema *schema UNUSED, void *field, const cJSON *value, struct err *err)
{
    struct schema_node *node = field;
    if (!cJSON_IsString(value))
        return bad_value(value, err);
    if (!portable_pattern(value->valuestring) ||
        regcomp(&node->compiled_pattern, value->valuestring, REG_EXTENDED | REG_NOSUB) != 0)
        return err_set(err, ERR_DATA, "the schema's pattern '%.64s' is not one that we can check",
                       value->valuestring);
    node->pattern = value->valuestring;
    return 0;
}

static int load_child(struct schema *schema, void *field, const cJSON *value, struct err *err)
{
    const struct schema_node *node = load_node(schema, value, err);
    *(const struct schema_node **)field = node;
    return node ? 0 : -1;
}

static int load_properties(struct schema *schema, void *field, const cJSON *value, struct err *err)
{
    struct schema_node *node = field;
    if (!cJSON_IsObject(value))
        return bad_value(value, err);
    node->properties = calloc((size_t)cJSON_GetArraySize(value) + 1, sizeof *node->properties);
    if (!node->properties)
        return err_memory(err);
    const cJSON *source;
    cJSON_ArrayForEach(source, value)
    {
        struct schema_property *property = &node->properties[node->property_count++];
        property->name = source->string;
        property->node = load_node(schema, source, err);
        if (!property->node)
            return -1;
    }
    return 0;
}

static int load_group(struct schema *schema, void *field, const cJSON *value, struct err *err)
{
    struct schema_group *group = field;
    if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) == 0)
        return bad_value(value, err);
    group->nodes = calloc((size_t)cJSON_GetArraySize(value), sizeof(struct schema_node *));
    if (!group->nodes)
        return err_memory(err);
    const cJSON *source;
    cJSON_ArrayForEach(source, value)
    {
        const struct schema_node *node = load_node(schema, source, err);
        if (!node)
            return -1;
        group->nodes[group->count++] = node;
    }
    return 0;
}

static int load_reference(struct schema *schema, void *field, const cJSON *value, struct err *err)
{
    static const char prefix[] = "#/$defs/";
    const char *text = cJSON_IsString(value) ? value->valuestring : "";
    for (size_t i = 0; i < schema->definition_count; i++) {
        if (strncmp(text, prefix, strlen(prefix)) == 0 &&
            strcmp(text + strlen(prefix), schema->definitions[i].name) == 0) {
            *(const struct schema_node **)field = schema->definitions[i].node;
            return 0;
        }
    }
    return err_set(err, ERR_DATA, "the schema refers to '%.64s', which it does not define", text);
}

#define FIELD(name) offsetof(struct schema_node, name)

static const struct keyword {
    const char *name;
    keyword_loader load;
    size_t field;
} keywords[] = {
    {"$schema", load_annotation, 0},
    {"$id", load_annotation, 0},
    {"$comment", load_annotation, 0},
    {"$defs", load_annotation, 0}, /* the root's are loaded before everything else */
    {"title", load_annotation, 0},
    {"description", load_annotation, 0},
    {"examples", load_annotation, 0},
    {"default", load_annotation, 0},
    {"format", load_annotation, 0}, /* annotates only, by default of the draft */
    {"type", load_types, FIELD(types)},
    {"const", load_value, FIELD(constant)},
    {"enum", load_array, FIELD(choices)},
    {"minimum", load_number, FIELD(minimum)},
    {"maximum", load_number, FIELD(maximum)},
    {"exclusiveMinimum", load_number, FIELD(above)},
    {"exclusiveMaximum", load_number, FIELD(below)},
    {"minLength", load_size, FIELD(length.min)},
    {"maxLength", load_size, FIELD(length.max)},
    {"minItems", load_size, FIELD(items.min)},
    {"maxItems", load_size, FIELD(items.max)},
    {"minProperties", load_size, FIELD(members.min)},
    {"maxProperties", load_size, FIELD(members.max)},
    {"pattern", load_pattern, 0},
    {"required", load_required, FIELD(required)},
    {"properties", load_properties, 0},
    {"additionalProperties", load_child, FIELD(additional)},
    {"propertyNames", load_child, FIELD(names)},
    {"items", load_child, FIELD(item)},
    {"$ref", load_reference, FIELD(reference)},
    {"allOf", load_group, FIELD(all_of)},
    {"anyOf", load_group, FIELD(any_of)},
    {"oneOf", load_group, FIELD(one_of)},
};

static struct schema_node *new_node(struct schema *schema, struct err *err)
{
    struct schema_node *node = calloc(1, sizeof *node);
    if (!node) {
        err_memory(err);
        return NULL;
    }
    node->minimum = node->above = -INFINITY;
    node->maximum = node->below = INFINITY;
    node->length.max = node->items.max = node->members.max = SIZE_MAX;
    node->next = schema->nodes;
    schema->nodes = node;
    return node;
}

static int load_keyword(struct schema *schema, struct schema_node *node, const cJSON *value, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LENGTH(keywords); i++)
        if (strcmp(keywords[i].name, value->string) == 0)
            return keywords[i].load(schema, (char *)node + keywords[i].field, value, err);
    return err_set(err, ERR_DATA, "the schema has the keyword '%.64s', which we can't check", value->string);
}

static int fill_node(struct schema *schema, struct schema_node *node, const cJSON *source, struct err *err)
{
    if (cJSON_IsBool(source)) {
        node->never = cJSON_IsFalse(source);
        return 0;
    }
    if (!cJSON_IsObject(source))
        return err_set(err, ERR_DATA, "a schema is an object or a truth value");
    const cJSON *value;
    cJSON_ArrayForEach(value, source)
    {
        if (load_keyword(schema, node, value, err) < 0)
            return -1;
    }
    return 0;
}

/* Recurses with the schema's nesting, which json_parse bounds. */
static const struct schema_node *load_node(struct schema *schema, const cJSON *source, struct err *err)
{
    struct schema_node *node = new_node(schema, err);
    return node && fill_node(schema, node, source, err) == 0 ? node : NULL;
}

/* Definitions may refer to one another and to themselves, so that all exist before any is filled. */
static int load_definitions(struct schema *schema, struct err *err)
{
    const cJSON *sources = cJSON_GetObjectItemCaseSensitive(schema->tree, "$defs");
    size_t count = (size_t)cJSON_GetArraySize(sources);
    schema->definitions = calloc(count + 1, sizeof *schema->definitions);
    AUTO_FREE struct schema_node **nodes = calloc(count + 1, sizeof(struct schema_node *));
    if (!schema->definitions || !nodes)
        return err_memory(err);
    const cJSON *source;
    cJSON_ArrayForEach(source, sources)
    {
        struct schema_node *node = new_node(schema, err);
        if (!node || !source->string)
            return node ? err_set(err, ERR_DATA, "$defs is not an object") : -1;
        nodes[schema->definition_count] = node;
        schema->definitions[schema->definition_count++] = (struct schema_property){source->string, node};
    }
    size_t i = 0;
    cJSON_ArrayForEach(source, sources)
    {
        if (fill_node(schema, nodes[i++], source, err) < 0)
            return err_prepend(err, "$defs/%.32s", source->string);
    }
    return 0;
}

struct schema *schema_parse(const char *text, size_t length, struct err *err)
{
    AUTO_SCHEMA struct schema *schema = calloc(1, sizeof *schema);
    if (!schema) {
        err_memory(err);
        return NULL;
    }
    schema->tree = json_parse(text, length, SCHEMA_MAX_BYTES, err);
    if (!schema->tree || load_definitions(schema, err) < 0)
        return NULL;
    schema->root = load_node(schema, schema->tree, err);
    return schema->root ? TAKE(schema) : NULL;
}

struct schema *schema_load(const char *embedded_name, struct err *err)
{
    const struct embedded_file *file = embedded_find(embedded_name);
    if (!file) {
        err_set(err, ERR_INTERNAL, "the program carries no file '%s'", embedded_name);
        return NULL;
    }
    struct schema *schema = schema_parse(file->data, (size_t)file->length, err);
    if (!schema)
        err_prepend(err, "%s", embedded_name);
    return schema;
}

static void free_node(struct schema_node *node)
{
    if (node->pattern)
        regfree(&node->compiled_pattern);
    free(node->properties);
    free(node->all_of.nodes);
    free(node->any_of.nodes);
    free(node->one_of.nodes);
    free(node);
}

void schema_free(struct schema *schema)
{
    if (!schema)
        return;
    while (schema->nodes) {
        struct schema_node *node = schema->nodes;
        schema->nodes = node->next;
        free_node(node);
    }
    free(schema->definitions);
    cJSON_Delete(schema->tree);
    free(schema);
}

void schema_auto(struct schema **schema)
{
    schema_free(*schema);
}
