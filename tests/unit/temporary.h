/* A directory of its own for a test, gone with everything in it when the test is over. */
#ifndef TEMPORARY_H
#define TEMPORARY_H

#include "base/attributes.h"
#include "base/fs.h"

#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>

static UNUSED int temporary_remove_one(const char *path, const struct stat *status UNUSED, int type UNUSED,
                                       struct FTW *where UNUSED)
{
    return remove(path);
}

/* cmocka's setup and teardown: *state is the directory's path. */
static UNUSED int temporary_setup(void **state)
{
    char pattern[] = "/tmp/collector-test-XXXXXX";
    *state = mkdtemp(pattern) ? strdup(pattern) : NULL;
    return *state ? 0 : -1;
}

static UNUSED int temporary_teardown(void **state)
{
    int result = nftw(*state, temporary_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

/* DIRECTORY/name, in a buffer of the caller's. */
static UNUSED const char *temporary_path(void **state, const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s/%s", (const char *)*state, name);
    return out;
}

#endif
