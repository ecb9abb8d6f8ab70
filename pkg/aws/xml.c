#include "aws/xml.h"

#include "base/parse.h"
#include "base/strbuf.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES (32u << 10)
#define MAX_INPUT (64u << 20)

/* Memory that is given back all at once. */
struct block {
    struct block *previous;
    size_t used;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

struct xml {
    struct block *blocks;
    struct xml_node *root;
};

/* An element that is not closed yet. */
struct open_element {
    struct xml_node *node;
    struct xml_node *last_child;
};

struct reader {
    struct xml *xml;
    XML_Parser parser;
    struct open_element stack[XML_MAX_DEPTH];
    size_t depth;
    size_t nodes;
    struct strbuf text;  /* of the innermost element, as long as it has no child */
    const char *refused; /* why the parser was stopped, NULL when it was not */
};

static void *allocate(struct xml *xml, size_t size)
{
    size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    struct block *block = xml->blocks;
    if (!block || block->size - block->used < size) {
        size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        block = malloc(sizeof *block + room);
        if (!block)
            return NULL;
        *block = (struct block){.previous = xml->blocks, .size = room};
        xml->blocks = block;
    }
    void *memory = block->bytes + block->used;
    block->used += size;
    return memory;
}

static const char *copy_text(struct xml *xml, const char *text, size_t length)
{
    if (length == 0)
        return "";
    char *copy = allocate(xml, length + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

static void refuse(struct reader *reader, const char *why)
{
    if (!reader->refused)
        reader->refused = why;
    XML_StopParser(reader->parser, XML_FALSE);
}

static struct xml_node *new_node(struct reader *reader, const char *name)
{
    struct xml_node *node = allocate(reader->xml, sizeof *node);
    const char *copy = copy_text(reader->xml, name, strlen(name));
    if (!node || !copy)
        return NULL;
    *node = (struct xml_node){.name = copy, .text = ""};
    return node;
}

static void append(struct reader *reader, struct xml_node *node)
{
    if (reader->depth == 0) {
        reader->xml->root = node;
        return;
    }
    struct open_element *parent = &reader->stack[reader->depth - 1];
    if (parent->last_child)
        parent->last_child->next = node;
    else
        parent->node->child = node;
    parent->last_child = node;
}

static void XMLCALL on_start(void *context, const XML_Char *name, const XML_Char **attributes UNUSED)
{
    struct reader *reader = context;
    if (reader->depth == XML_MAX_DEPTH) {
        refuse(reader, "elements are nested too deep");
        return;
    }
    if (reader->nodes++ == XML_MAX_NODES) {
        refuse(reader, "there are too many elements");
        return;
    }
    struct xml_node *node = new_node(reader, name);
    if (!node) {
        refuse(reader, "memory ran out");
        return;
    }
    append(reader, node);
    reader->stack[reader->depth++] = (struct open_element){.node = node};
    strbuf_reset(&reader->text);
}

static void XMLCALL on_end(void *context, const XML_Char *name UNUSED)
{
    struct reader *reader = context;
    struct xml_node *node = reader->stack[--reader->depth].node;
    if (!node->child) {
        const char *text = copy_text(reader->xml, strbuf_text(&reader->text), reader->text.length);
        if (!text || reader->text.failed)
            refuse(reader, "memory ran out");
        else
            node->text = text;
    }
    strbuf_reset(&reader->text);
}

static void XMLCALL on_text(void *context, const XML_Char *text, int length)
{
    struct reader *reader = context;
    if (reader->depth > 0)
        strbuf_add(&reader->text, text, (size_t)length);
}

static void XMLCALL on_doctype(void *context, const XML_Char *name UNUSED, const XML_Char *system_id UNUSED,
                               const XML_Char *public_id UNUSED, int has_internal_subset UNUSED)
{
    refuse(context, "it has a document type");
}

static int read_document(struct reader *reader, const char *text, size_t length, struct err *err)
{
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
    if (XML_Parse(reader->parser, text, (int)length, XML_TRUE) == XML_STATUS_OK)
        return 0;
    const char *why = reader->refused;
    return err_set(err, ERR_DATA, "malformed XML in line %lu: %s",
                   (unsigned long)XML_GetCurrentLineNumber(reader->parser),
                   why ? why : XML_ErrorString(XML_GetErrorCode(reader->parser)));
}

struct xml *xml_parse(const char *text, size_t length, struct err *err)
{
    if (length > MAX_INPUT) {
        err_set(err, ERR_DATA, "XML of %zu bytes is too long", length);
        return NULL;
    }
    struct xml *xml = calloc(1, sizeof *xml);
    struct reader reader = {.xml = xml, .parser = XML_ParserCreate("UTF-8"), .text = STRBUF_INIT(MAX_INPUT)};
    int result = -1;
    if (xml && reader.parser)
        result = read_document(&reader, text, length, err);
    else
        err_memory(err);
    if (reader.parser)
        XML_ParserFree(reader.parser);
    strbuf_free(&reader.text);
    if (result < 0) {
        xml_free(xml);
        return NULL;
    }
    return xml;
}

void xml_free(struct xml *xml)
{
    if (!xml)
        return;
    while (xml->blocks) {
        struct block *previous = xml->blocks->previous;
        free(xml->blocks);
        xml->blocks = previous;
    }
    free(xml);
}

const struct xml_node *xml_root(const struct xml *xml)
{
    return xml->root;
}

/* The first of node and its later siblings whose name is these length bytes. */
static const struct xml_node *find_name(const struct xml_node *node, const char *name, size_t length)
{
    while (node && (strncmp(node->name, name, length) != 0 || node->name[length] != '\0'))
        node = node->next;
    return node;
}

const struct xml_node *xml_at(const struct xml_node *node, const char *path)
{
    while (node && *path) {
        size_t length = strcspn(path, "/");
        node = find_name(node->child, path, length);
        path += length;
        path += *path == '/';
    }
    return node;
}

const char *xml_text(const struct xml_node *node, const char *path)
{
    const struct xml_node *found = xml_at(node, path);
    return found ? found->text : "";
}

bool xml_is_true(const struct xml_node *node, const char *path)
{
    return strcmp(xml_text(node, path), "true") == 0;
}

const struct xml_node *xml_next(const struct xml_node *node)
{
    return find_name(node->next, node->name, strlen(node->name));
}

size_t xml_count(const struct xml_node *node, const char *path)
{
    size_t count = 0;
    for (const struct xml_node *item = xml_at(node, path); item; item = xml_next(item))
        count++;
    return count;
}

int xml_copy(const struct xml_node *node, const char *path, char *out, size_t size, struct err *err)
{
    const char *text = xml_text(node, path);
    size_t length = strlen(text);
    if (length >= size)
        return err_set(err, ERR_DATA, "%s has %zu bytes, at most %zu were expected", path, length, size - 1);
    memcpy(out, text, length + 1);
    return 0;
}

int xml_u64(const struct xml_node *node, const char *path, uint64_t max, uint64_t *value, struct err *err)
{
    const char *text = xml_text(node, path);
    *value = 0;
    if (!*text)
        return 0;
    if (parse_u64(text, 0, max, value, err) < 0)
        return err_prepend(err, "%s", path);
    return 0;
}
