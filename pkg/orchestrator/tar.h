/* Looking into a tar (ustar) that is in memory. Nothing in it is trusted. */
#ifndef ORCHESTRATOR_TAR_H
#define ORCHESTRATOR_TAR_H

#include "base/error.h"

#include <stddef.h>

/* One file of the tar: its bytes stand there. */
struct tar_member {
    const char *data;
    size_t length;
};

/* Finds a regular file by its name, of at most 100 bytes; "./" before it in the tar is overlooked. ERR_DATA:
 * it is no tar, or cut short. ERR_NOT_FOUND. `what` names the tar in errors. */
int tar_find(const char *data, size_t length, const char *name, const char *what, struct tar_member *member,
             struct err *err);

#endif
