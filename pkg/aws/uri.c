#include "aws/uri.h"

#include <stdlib.h>
#include <string.h>

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void uri_encode(struct strbuf *out, const char *text, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (is_unreserved(*text) || (keep_slash && *text == '/')) {
            strbuf_addc(out, *text);
        } else {
            strbuf_addc(out, '%');
            strbuf_addc(out, digits[byte >> 4]);
            strbuf_addc(out, digits[byte & 15]);
        }
    }
}

/* Takes the last segment off again, as ".." wants, but nothing from before start. */
static void drop_segment(struct strbuf *out, size_t start)
{
    while (out->length > start && out->data[--out->length] != '/')
        ;
    if (out->data)
        out->data[out->length] = '\0';
}

void uri_normalise_path(struct strbuf *out, const char *path)
{
    size_t start = out->length;
    bool directory = true; /* whether the last segment seen stands for a directory */
    while (*path) {
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        directory = length == 0 || path[length] == '/';
        if (length == 2 && strncmp(path, "..", 2) == 0) {
            drop_segment(out, start);
            directory = true;
        } else if (length == 1 && *path == '.') {
            directory = true;
        } else if (length > 0) {
            strbuf_addc(out, '/');
            strbuf_add(out, path, length);
        }
        path += length;
    }
    if (directory || out->length == start)
        strbuf_addc(out, '/');
}

struct encoded_param {
    char *name;
    char *value;
};

static int compare_params(const void *left, const void *right)
{
    const struct encoded_param *a = left, *b = right;
    int by_name = strcmp(a->name, b->name);
    return by_name ? by_name : strcmp(a->value, b->value);
}

static char *encoded(const char *text, struct err *err)
{
    struct strbuf out = STRBUF_INIT(64u << 10);
    uri_encode(&out, text, false);
    return strbuf_take(&out, "a query parameter", err);
}

static void free_params(struct encoded_param *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(params[i].name);
        free(params[i].value);
    }
    free(params);
}

static struct encoded_param *encode_params(const struct uri_param *params, size_t count, struct err *err)
{
    struct encoded_param *list = calloc(count + 1, sizeof *list);
    if (!list) {
        err_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        list[i].name = encoded(params[i].name, err);
        list[i].value = list[i].name ? encoded(params[i].value, err) : NULL;
        if (!list[i].value) {
            free_params(list, i + 1);
            return NULL;
        }
    }
    return list;
}

int uri_canonical_query(struct strbuf *out, const struct uri_param *params, size_t count, struct err *err)
{
    struct encoded_param *list = encode_params(params, count, err);
    if (!list)
        return -1;
    qsort(list, count, sizeof *list, compare_params);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            strbuf_addc(out, '&');
        strbuf_adds(out, list[i].name);
        strbuf_addc(out, '=');
        strbuf_adds(out, list[i].value);
    }
    free_params(list, count);
    return 0;
}
