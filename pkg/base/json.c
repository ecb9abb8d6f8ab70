#include "base/json.h"

#include "base/strbuf.h"
#include "base/text.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#define MAX_STEP_SIZE 128                        /* of a dotted path, with its NUL */
#define LARGEST_EXACT_INTEGER 9007199254740992.0 /* 2^53 */

/* cJSON_Parse stores its error position in a global; this lock is what makes it usable from threads. */
/* NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables) */
static pthread_mutex_t parser_lock = PTHREAD_MUTEX_INITIALIZER;

void json_auto(cJSON **tree)
{
    cJSON_Delete(*tree);
}

/* Nesting is checked on the text, before cJSON recurses into it. */
static bool nested_too_deep(const char *text, size_t length)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_MAX_DEPTH)
                return true;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Refuses a name that stands twice in one object: readers differ on which of the two counts. */
static int refuse_repeated_name(const cJSON *object, struct err *err)
{
    size_t count = (size_t)cJSON_GetArraySize(object);
    if (count < 2)
        return 0;
    AUTO_FREE const char **names = calloc(count, sizeof *names);
    if (!names)
        return err_memory(err);
    size_t n = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, object) names[n++] = item->string ? item->string : "";
    qsort(names, n, sizeof *names, compare_names);
    for (size_t i = 1; i < n; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return err_set(err, ERR_DATA, "the name '%.64s' stands twice in one JSON object", names[i]);
    return 0;
}

/* What cJSON takes and we don't. Depth is bounded by nested_too_deep. */
static int check_tree(const cJSON *tree, struct err *err)
{
    if (cJSON_IsNumber(tree) && !isfinite(tree->valuedouble))
        return err_set(err, ERR_DATA, "a number in the JSON text is too large");
    if (cJSON_IsObject(tree) && refuse_repeated_name(tree, err) < 0)
        return -1;
    const cJSON *item;
    cJSON_ArrayForEach(item, tree) if (check_tree(item, err) < 0) return -1;
    return 0;
}

static bool only_space(const char *text, const char *end)
{
    for (; text < end; text++)
        if (!strchr(" \t\r\n", *text) || *text == '\0')
            return false;
    return true;
}

/* Line of a position, for messages. */
static size_t line_of(const char *text, const char *position)
{
    size_t line = 1;
    for (; text < position; text++)
        line += *text == '\n';
    return line;
}

/* A NUL written as an escape would end the string in C, and make two keys the same. */
static bool has_escaped_nul(const char *text, size_t length)
{
    static const char nul[] = "u0000";
    for (size_t i = 0; i + sizeof nul <= length; i++)
        if (text[i] == '\\' && memcmp(&text[++i], nul, sizeof nul - 1) == 0)
            return true;
    return false;
}

cJSON *json_parse(const char *text, size_t length, size_t max_bytes, struct err *err)
{
    if (length > max_bytes) {
        err_set(err, ERR_DATA, "JSON text of %zu bytes is larger than the %zu allowed", length, max_bytes);
        return NULL;
    }
    if (!text_is_utf8(text, length)) {
        err_set(err, ERR_DATA, "JSON text is not valid UTF-8");
        return NULL;
    }
    if (nested_too_deep(text, length)) {
        err_set(err, ERR_DATA, "JSON text is nested more than %d deep", JSON_MAX_DEPTH);
        return NULL;
    }
    if (has_escaped_nul(text, length)) {
        err_set(err, ERR_DATA, "JSON text has a NUL character in a string");
        return NULL;
    }
    const char *end = NULL;
    pthread_mutex_lock(&parser_lock);
    AUTO_JSON cJSON *tree = cJSON_ParseWithLengthOpts(text, length, &end, 0);
    pthread_mutex_unlock(&parser_lock);
    if (!tree || !only_space(end, text + length)) {
        size_t line = end && end >= text && end <= text + length ? line_of(text, end) : 1;
        err_set(err, ERR_DATA, "not valid JSON near line %zu", line);
        return NULL;
    }
    if (check_tree(tree, err) < 0)
        return NULL;
    return TAKE(tree);
}

static bool all_finite(const cJSON *tree)
{
    if (cJSON_IsNumber(tree))
        return isfinite(tree->valuedouble);
    const cJSON *item;
    cJSON_ArrayForEach(item, tree) if (!all_finite(item)) return false;
    return true;
}

/* cJSON indents with tabs and writes "name":<tab>value; outside strings both are made the usual two spaces
 * and one. */
static char *reindent(const char *printed, struct err *err)
{
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(SIZE_MAX / 4);
    bool in_string = false;
    bool line_start = true;
    for (const char *at = printed; *at; at++) {
        if (in_string) {
            strbuf_addc(&out, *at);
            if (*at == '\\' && at[1])
                strbuf_addc(&out, *++at);
            else if (*at == '"')
                in_string = false;
            continue;
        }
        if (*at == '\t') {
            strbuf_adds(&out, line_start ? "  " : " ");
            continue;
        }
        strbuf_addc(&out, *at);
        in_string = *at == '"';
        line_start = *at == '\n';
    }
    strbuf_addc(&out, '\n');
    return strbuf_take(&out, "JSON text", err);
}

/* cJSON writes 15 digits where these come near enough; then what is read again is another number. Where they
 * don't give this one, as many as do become its text. */
static int exact_numbers(cJSON *tree, struct err *err)
{
    cJSON *item;
    if (cJSON_IsNumber(tree)) {
        char digits[32];
        int precision = 15;
        do
            snprintf(digits, sizeof digits, "%.*g", precision, tree->valuedouble);
        while (strtod(digits, NULL) != tree->valuedouble && precision++ < 17);
        if (precision == 15)
            return 0;
        tree->valuestring = cJSON_malloc(strlen(digits) + 1);
        if (!tree->valuestring)
            return err_memory(err);
        memcpy(tree->valuestring, digits, strlen(digits) + 1);
        tree->type = cJSON_Raw | (tree->type & ~0xFF);
    }
    cJSON_ArrayForEach(item, tree) if (exact_numbers(item, err) < 0) return -1;
    return 0;
}

char *json_print(const cJSON *tree, bool pretty, struct err *err)
{
    if (!all_finite(tree)) {
        err_set(err, ERR_DATA, "a number in the document is not finite");
        return NULL;
    }
    AUTO_JSON cJSON *exact = cJSON_Duplicate(tree, true);
    if (exact && exact_numbers(exact, err) < 0)
        return NULL;
    AUTO_FREE char *printed = !exact ? NULL : pretty ? cJSON_Print(exact) : cJSON_PrintUnformatted(exact);
    if (!printed) {
        err_memory(err);
        return NULL;
    }
    return pretty ? reindent(printed, err) : TAKE(printed);
}

/* The first step of a dotted path into name; what is left of it, or NULL. false: the step is too long. */
static bool split_path(const char *path, char *name, size_t size, const char **rest)
{
    size_t length = strcspn(path, ".");
    if (length >= size)
        return false;
    memcpy(name, path, length);
    name[length] = '\0';
    *rest = path[length] ? path + length + 1 : NULL;
    return true;
}

const cJSON *json_at(const cJSON *object, const char *path)
{
    char name[MAX_STEP_SIZE];
    while (object && path) {
        if (!split_path(path, name, sizeof name, &path))
            return NULL;
        object = cJSON_GetObjectItemCaseSensitive(object, name);
    }
    return object;
}

int json_get_string(const cJSON *object, const char *path, const char **value, struct err *err)
{
    const cJSON *item = json_at(object, path);
    if (!cJSON_IsString(item))
        return err_set(err, ERR_DATA, "'%s' is %s", path, item ? "not a string" : "missing");
    *value = item->valuestring;
    return 0;
}

const char *json_string_or(const cJSON *object, const char *path, const char *fallback)
{
    const cJSON *item = json_at(object, path);
    return cJSON_IsString(item) ? item->valuestring : fallback;
}

double json_number_or(const cJSON *object, const char *path, double fallback)
{
    const cJSON *item = json_at(object, path);
    return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}

int json_get_double(const cJSON *object, const char *path, double *value, struct err *err)
{
    const cJSON *item = json_at(object, path);
    if (!cJSON_IsNumber(item))
        return err_set(err, ERR_DATA, "'%s' is %s", path, item ? "not a number" : "missing");
    *value = item->valuedouble;
    return 0;
}

int json_get_i64(const cJSON *object, const char *path, int64_t *value, struct err *err)
{
    double number = 0;
    if (json_get_double(object, path, &number, err) < 0)
        return -1;
    if (number != trunc(number) || fabs(number) > LARGEST_EXACT_INTEGER)
        return err_set(err, ERR_DATA, "'%s' is not a whole number below 2^53", path);
    *value = (int64_t)number;
    return 0;
}

int json_add(cJSON *object, const char *name, cJSON *item, struct err *err)
{
    if (!item)
        return err_memory(err);
    if (cJSON_AddItemToObject(object, name, item))
        return 0;
    cJSON_Delete(item);
    return err_memory(err);
}

int json_add_string(cJSON *object, const char *name, const char *value, struct err *err)
{
    if (!value)
        return json_add_null(object, name, err);
    size_t length = strlen(value);
    if (text_is_utf8(value, length))
        return json_add(object, name, cJSON_CreateString(value), err);
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(length);
    text_add_printable(&printable, value, length);
    return json_add(object, name, cJSON_CreateString(strbuf_text(&printable)), err);
}

int json_add_double(cJSON *object, const char *name, double value, struct err *err)
{
    if (!isfinite(value))
        return err_set(err, ERR_DATA, "'%s' is not a finite number", name);
    return json_add(object, name, cJSON_CreateNumber(value), err);
}

int json_add_known(cJSON *object, const char *name, double value, struct err *err)
{
    return isnan(value) ? json_add_null(object, name, err) : json_add_double(object, name, value, err);
}

int json_add_i64(cJSON *object, const char *name, int64_t value, struct err *err)
{
    if ((double)value <= LARGEST_EXACT_INTEGER && (double)value >= -LARGEST_EXACT_INTEGER)
        return json_add(object, name, cJSON_CreateNumber((double)value), err);
    char digits[32];
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    return json_add(object, name, cJSON_CreateRaw(digits), err);
}

int json_add_bool(cJSON *object, const char *name, bool value, struct err *err)
{
    return json_add(object, name, cJSON_CreateBool(value), err);
}

int json_add_null(cJSON *object, const char *name, struct err *err)
{
    return json_add(object, name, cJSON_CreateNull(), err);
}

cJSON *json_child(cJSON *object, const char *name, struct err *err)
{
    cJSON *child = cJSON_GetObjectItemCaseSensitive(object, name);
    if (child && !cJSON_IsObject(child)) {
        err_set(err, ERR_DATA, "'%s' is not an object", name);
        return NULL;
    }
    if (!child && json_add(object, name, cJSON_CreateObject(), err) < 0)
        return NULL;
    return child ? child : cJSON_GetObjectItemCaseSensitive(object, name);
}

cJSON *json_parent(cJSON *object, const char *path, const char **last, struct err *err)
{
    char name[MAX_STEP_SIZE];
    const char *rest = NULL;
    for (;;) {
        *last = path;
        if (!split_path(path, name, sizeof name, &rest)) {
            err_set(err, ERR_DATA, "'%.64s…' is too long for a name", path);
            return NULL;
        }
        if (!rest || !object)
            return object;
        object = json_child(object, name, err);
        path = rest;
    }
}
