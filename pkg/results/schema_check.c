#include "results/schema.h"

#include "base/text.h"
#include "results/schema_node.h"

#include <math.h>
#include <string.h>

/* More steps down than any document has levels: a schema that refers to itself without going deeper. */
#define MAX_STEPS 512

/* The way to an item, written out only where there is something to say of it. */
struct step {
    const struct step *above; /* NULL: the document itself is above */
    const char *name;         /* NULL: the item is an element of an array */
    size_t index;
};

struct check {
    schema_report report; /* NULL: only count */
    void *context;
    size_t found;
    unsigned steps;
    const struct step *place; /* NULL: the document itself */
};

static void check_node(struct check *check, const struct schema_node *node, const cJSON *item);

/* A name out of a document, short and fit for a terminal. */
static void printable_name(const char *name, char out[64])
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(256);
    text_add_printable(&text, name, strnlen(name, 60));
    snprintf(out, 64, "%s", strbuf_text(&text));
}

static void add_step(struct strbuf *pointer, const struct step *step)
{
    char plain[64];
    strbuf_addc(pointer, '/');
    if (!step->name) {
        strbuf_addf(pointer, "%zu", step->index);
        return;
    }
    printable_name(step->name, plain);
    for (const char *at = plain; *at; at++) {
        if (*at == '~' || *at == '/')
            strbuf_adds(pointer, *at == '~' ? "~0" : "~1");
        else
            strbuf_addc(pointer, *at);
    }
}

/* A JSON pointer (RFC 6901); one that is too long is cut. Recursion is bounded by MAX_STEPS. */
static void add_place(struct strbuf *pointer, const struct step *place)
{
    if (!place)
        return;
    add_place(pointer, place->above);
    add_step(pointer, place);
}

static void found(struct check *check, const char *format, ...) PRINTF_LIKE(2, 3);
static void found(struct check *check, const char *format, ...)
{
    check->found++;
    if (!check->report)
        return;
    char message[512];
    AUTO_STRBUF struct strbuf pointer = STRBUF_INIT(1024);
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    add_place(&pointer, check->place);
    check->report(check->context, strbuf_text(&pointer), message);
}

static void check_child(struct check *check, const struct schema_node *node, const cJSON *item,
                        const char *name, size_t index)
{
    const struct step step = {check->place, name, index};
    check->place = &step;
    check_node(check, node, item);
    check->place = step.above;
}

static unsigned types_of(const cJSON *item)
{
    if (cJSON_IsNull(item))
        return SCHEMA_NULL;
    if (cJSON_IsBool(item))
        return SCHEMA_BOOLEAN;
    if (cJSON_IsNumber(item))
        return item->valuedouble == trunc(item->valuedouble) ? SCHEMA_INTEGER | SCHEMA_NUMBER : SCHEMA_NUMBER;
    if (cJSON_IsString(item))
        return SCHEMA_STRING;
    return cJSON_IsArray(item) ? SCHEMA_ARRAY : SCHEMA_OBJECT;
}

static void list_types(struct strbuf *out, unsigned types)
{
    for (unsigned i = 0; schema_type_names[i]; i++) {
        if (types & (1U << i)) {
            strbuf_adds(out, out->length ? " or " : "");
            strbuf_adds(out, schema_type_names[i]);
        }
    }
}

/* false when the type is wrong: then nothing else about the item is worth saying. */
static bool check_type(struct check *check, const struct schema_node *node, const cJSON *item)
{
    unsigned types = types_of(item);
    if (!node->types || (node->types & types))
        return true;
    AUTO_STRBUF struct strbuf wanted = STRBUF_INIT(128);
    list_types(&wanted, node->types);
    AUTO_STRBUF struct strbuf actual = STRBUF_INIT(64);
    list_types(&actual, types & SCHEMA_INTEGER ? (unsigned)SCHEMA_INTEGER : types);
    found(check, "is of type %s, not %s", strbuf_text(&actual), strbuf_text(&wanted));
    return false;
}

static void check_values(struct check *check, const struct schema_node *node, const cJSON *item)
{
    if (node->constant && !cJSON_Compare(node->constant, item, true)) {
        AUTO_FREE char *wanted = json_print(node->constant, false, NULL);
        found(check, "is not %.64s", wanted ? wanted : "the value wanted");
    }
    if (!node->choices)
        return;
    const cJSON *choice;
    cJSON_ArrayForEach(choice, node->choices)
    {
        if (cJSON_Compare(choice, item, true))
            return;
    }
    AUTO_FREE char *wanted = json_print(node->choices, false, NULL);
    found(check, "is none of %.256s", wanted ? wanted : "the values allowed");
}

static void check_number(struct check *check, const struct schema_node *node, double value)
{
    if (!isfinite(value))
        found(check, "is not a finite number");
    else if (value < node->minimum)
        found(check, "is %.17g, below the minimum %.17g", value, node->minimum);
    else if (value > node->maximum)
        found(check, "is %.17g, above the maximum %.17g", value, node->maximum);
    else if (value <= node->above)
        found(check, "is %.17g, not above %.17g", value, node->above);
    else if (value >= node->below)
        found(check, "is %.17g, not below %.17g", value, node->below);
}

/* Bytes of UTF-8 that begin a character. */
static size_t code_points(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static bool check_limits(struct check *check, struct schema_limits limits, size_t count, const char *what)
{
    if (count >= limits.min && count <= limits.max)
        return true;
    if (count < limits.min)
        found(check, "has %zu %s, fewer than %zu", count, what, limits.min);
    else
        found(check, "has %zu %s, more than %zu", count, what, limits.max);
    return false;
}

static void check_string(struct check *check, const struct schema_node *node, const char *text)
{
    if (!check_limits(check, node->length, code_points(text), "characters") || !node->pattern)
        return;
    if (regexec(&node->compiled_pattern, text, 0, NULL, 0) != 0)
        found(check, "does not match %.256s", node->pattern);
}

static void check_array(struct check *check, const struct schema_node *node, const cJSON *array)
{
    if (!check_limits(check, node->items, (size_t)cJSON_GetArraySize(array), "items") || !node->item)
        return;
    size_t index = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array)
    {
        check_child(check, node->item, item, NULL, index++);
    }
}

static const struct schema_node *property_of(const struct schema_node *node, const char *name)
{
    for (size_t i = 0; i < node->property_count; i++)
        if (strcmp(node->properties[i].name, name) == 0)
            return node->properties[i].node;
    return NULL;
}

static void check_name(struct check *check, const struct schema_node *names, const char *name)
{
    struct check inner = {.steps = check->steps};
    cJSON key = {.type = cJSON_String | cJSON_IsReference, .valuestring = (char *)(uintptr_t)name};
    check_node(&inner, names, &key);
    if (inner.found == 0)
        return;
    char plain[64];
    printable_name(name, plain);
    found(check, "has a member '%s', a name that is not allowed there", plain);
}

static void check_member(struct check *check, const struct schema_node *node, const cJSON *member)
{
    const struct schema_node *property = property_of(node, member->string);
    if (node->names)
        check_name(check, node->names, member->string);
    if (property)
        check_child(check, property, member, member->string, 0);
    else if (node->additional && node->additional->never) {
        char plain[64];
        printable_name(member->string, plain);
        found(check, "has a member '%s', which the schema does not know", plain);
    } else if (node->additional)
        check_child(check, node->additional, member, member->string, 0);
}

static void check_object(struct check *check, const struct schema_node *node, const cJSON *object)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, node->required)
    {
        if (!cJSON_GetObjectItemCaseSensitive(object, name->valuestring))
            found(check, "lacks '%s'", name->valuestring);
    }
    if (!check_limits(check, node->members, (size_t)cJSON_GetArraySize(object), "members"))
        return;
    if (!node->properties && !node->additional && !node->names)
        return;
    const cJSON *member;
    cJSON_ArrayForEach(member, object) check_member(check, node, member);
}

static size_t count_matches(const struct check *check, const struct schema_group *group, const cJSON *item)
{
    size_t matches = 0;
    for (size_t i = 0; i < group->count; i++) {
        struct check inner = {.steps = check->steps};
        check_node(&inner, group->nodes[i], item);
        matches += inner.found == 0;
    }
    return matches;
}

static void check_groups(struct check *check, const struct schema_node *node, const cJSON *item)
{
    for (size_t i = 0; i < node->all_of.count; i++)
        check_node(check, node->all_of.nodes[i], item);
    if (node->any_of.count && count_matches(check, &node->any_of, item) == 0)
        found(check, "matches none of the %zu forms allowed", node->any_of.count);
    size_t matches = node->one_of.count ? count_matches(check, &node->one_of, item) : 1;
    if (matches != 1)
        found(check, "matches %zu of the %zu forms of which it must be one", matches, node->one_of.count);
}

static void check_content(struct check *check, const struct schema_node *node, const cJSON *item)
{
    if (cJSON_IsNumber(item))
        check_number(check, node, item->valuedouble);
    else if (cJSON_IsString(item))
        check_string(check, node, item->valuestring);
    else if (cJSON_IsArray(item))
        check_array(check, node, item);
    else if (cJSON_IsObject(item))
        check_object(check, node, item);
}

static void check_node(struct check *check, const struct schema_node *node, const cJSON *item)
{
    if (check->steps >= MAX_STEPS) {
        found(check, "is nested deeper than the schema can be followed");
        return;
    }
    check->steps++;
    if (node->never)
        found(check, "must not be there");
    if (check_type(check, node, item)) {
        check_values(check, node, item);
        check_content(check, node, item);
        check_groups(check, node, item);
        if (node->reference)
            check_node(check, node->reference, item);
    }
    check->steps--;
}

size_t schema_check(const struct schema *schema, const cJSON *tree, schema_report report, void *context)
{
    struct check check = {.report = report, .context = context};
    check_node(&check, schema->root, tree);
    return check.found;
}

static void keep_first(void *context, const char *pointer, const char *message)
{
    struct err *err = context;
    if (err->kind == ERR_NONE)
        err_set(err, ERR_DATA, "%s %s", *pointer ? pointer : "the document", message);
}

int schema_require(const struct schema *schema, const cJSON *tree, struct err *err)
{
    struct err first = {0};
    if (schema_check(schema, tree, keep_first, &first) == 0)
        return 0;
    if (err)
        *err = first;
    return -1;
}
