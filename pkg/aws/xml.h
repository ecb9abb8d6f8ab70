/*
 * AWS's XML answers as a small tree, read by expat: capped in nodes and depth, UTF-8 alone, without a DTD and
 * so without entities of its own. Attributes, comments and name spaces are dropped; an element has children
 * or text.
 */
#ifndef AWS_XML_H
#define AWS_XML_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XML_MAX_DEPTH 32
#define XML_MAX_NODES 1000000

/* Owned by its tree. */
struct xml_node {
    const char *name;
    const char *text;             /* "" where there are children */
    const struct xml_node *child; /* the first, or NULL */
    const struct xml_node *next;  /* the next of the same parent, or NULL */
};

struct xml;

/* Parses a whole document. NULL: ERR_DATA. */
struct xml *xml_parse(const char *text, size_t length, struct err *err);
/* NULL is allowed. */
void xml_free(struct xml *xml);

const struct xml_node *xml_root(const struct xml *xml);

/* The first element at a path of names below node ("errors/error/code"), or NULL; node may be NULL. */
const struct xml_node *xml_at(const struct xml_node *node, const char *path);
/* The text there, or "". It belongs to the tree. */
const char *xml_text(const struct xml_node *node, const char *path);
bool xml_is_true(const struct xml_node *node, const char *path);

/* The first of the elements called name at the path's end, and the next of the same name:
 *   for (n = xml_at(root, "set/item"); n; n = xml_next(n)) */
const struct xml_node *xml_next(const struct xml_node *node);
/* How many there are. */
size_t xml_count(const struct xml_node *node, const char *path);

/* Copies the text into out, "" where there is none; ERR_DATA when it does not fit. */
int xml_copy(const struct xml_node *node, const char *path, char *out, size_t size, struct err *err);
/* A whole number; 0 where there is none, ERR_DATA when it is anything else or above max. */
int xml_u64(const struct xml_node *node, const char *path, uint64_t max, uint64_t *value, struct err *err);

#endif
