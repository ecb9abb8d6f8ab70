/* A pretend /proc and /sys: files in a temporary folder that goes away with the test. */
#ifndef TESTS_UNIVERSAL_TREE_H
#define TESTS_UNIVERSAL_TREE_H

#include "base/attributes.h"

struct tree {
    char root[64];
};

struct tree tree_make(void);
void tree_remove(struct tree *tree);
#define AUTO_TREE CLEANUP(tree_remove)

/* Writes a file, and the folders above it. */
void tree_write(const struct tree *tree, const char *path, const char *text);
/* The same; the text is made by printf. */
void tree_writef(const struct tree *tree, const char *path, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
