/*
 * `validate`: files and directories held to the rules of results/inspect.h, together to those of
 * results/census.h, to "readable", and to "key": a result that lies in the partitioned layout says of itself
 * what its path says of it.
 */
#ifndef STORAGE_VALIDATE_H
#define STORAGE_VALIDATE_H

#include "base/error.h"
#include "results/inspect.h"

#include <stddef.h>

struct finding {
    char *file;
    char *rule;
    char *message;
};

struct validation {
    size_t files;    /* looked at */
    size_t readable; /* of those, read */
    size_t foreign;  /* of those, results of another program, held to sense alone */
    size_t left_out; /* not counted in files: found in a directory, and of another kind */
    void (*tell_left_out)(void *context, const char *file); /* may be NULL */
    void *context;
    struct finding *findings;
    size_t count;
    size_t capacity;
};

#define AUTO_VALIDATION CLEANUP(validation_free)
void validation_free(struct validation *validation);

/* Looks at every path: a file, or all *.json below a directory. There, well-formed JSON that is neither a
 * result nor a processed file (a schema, a package's manifest) is left out, unless it lies in the layout of
 * results. What can't be read is a finding, not a failure, and so is a symbolic link out of the directory.
 * -1: out of memory. */
int validate_paths(const struct inspector *inspector, const char *const *paths, size_t count,
                   struct validation *validation, struct err *err);

/* {"files": N, "findings": [{"file", "rule", "message"}]}; the caller cJSON_Delete()s it. */
cJSON *validation_json(const struct validation *validation, struct err *err);

/* What is said of a link that fs_walk_stray_links finds. */
#define STRAY_LINK_MESSAGE                                                                                   \
    "a symbolic link that leads out of the directory, or nowhere: links are not followed"

/* The rule "key": whether the document lies where it belongs. 0 also for a path outside the layout. ERR_DATA
 * with what differs. */
int check_key(const char *path, const cJSON *document, struct err *err);

#endif
