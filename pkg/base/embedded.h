/* Files of the source tree that the program carries in itself (scripts/embed.sh makes the table). */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

struct embedded_file {
    const char *name; /* path in the source tree, "data/schemas/v1.0/result.schema.json" */
    const char *data; /* a NUL stands behind it */
    uint64_t length;
};

/* Ends with an entry whose name is NULL. */
extern const struct embedded_file embedded_files[];

/* NULL when no file of that name is carried. */
const struct embedded_file *embedded_find(const char *name);

#endif
