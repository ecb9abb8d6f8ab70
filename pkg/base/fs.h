/* Files: whole-file reads with a cap, writes that are on the disk or not there at all, directory walks. */
#ifndef BASE_FS_H
#define BASE_FS_H

#include "base/error.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Makes a directory and those above it. The entries of those that are new are on the disk when it returns. */
int fs_make_directories(const char *path, mode_t mode, struct err *err);

/* The whole regular file, at most max_bytes, with a NUL behind it; the caller free()s it.
 * ERR_CONFIG when it can't be read, ERR_DATA when it is larger or not a regular file. */
char *fs_read_file(const char *path, size_t max_bytes, size_t *length, struct err *err);

/* Writes to a temporary name in the same directory, fsyncs, renames over path, fsyncs the directory. */
int fs_replace_file(const char *path, const void *data, size_t length, mode_t mode, struct err *err);

/* The same, but fails with ERR_EXISTS, leaving the file as it is, where path exists. */
int fs_create_file(const char *path, const void *data, size_t length, mode_t mode, struct err *err);

int fs_sync_directory(const char *path, struct err *err);
int fs_write_all(int fd, const void *data, size_t length, struct err *err);

bool fs_exists(const char *path);
bool fs_is_directory(const char *path);

/* dir/name, in memory that the caller free()s; NULL: out of memory. */
char *fs_join(const char *directory, const char *name, struct err *err);

/* The path seen from the root, in memory that the caller free()s; nothing has to exist. ERR_CONFIG when the
 * working directory is gone. */
char *fs_absolute(const char *path, struct err *err);

/* Calls visit for every regular file below path whose name ends in suffix, in byte order of the paths, not
 * following symbolic links; path itself may be such a file. Stops with -1 when visit returns -1. */
typedef int (*fs_visit)(void *context, const char *path, struct err *err);
int fs_walk(const char *path, const char *suffix, fs_visit visit, void *context, struct err *err);

/* The links that fs_walk passes over and that hide something from it: calls visit for every symbolic link
 * below path that leads out of path or nowhere, where its name ends in suffix or it leads to a directory. One
 * that stays within is no loss, what it leads to is visited anyway. */
int fs_walk_stray_links(const char *path, const char *suffix, fs_visit visit, void *context, struct err *err);

/* $XDG_NAME/aws-benchmark-collector, or $HOME/FALLBACK/aws-benchmark-collector; the caller free()s it.
 * ERR_CONFIG when neither variable is set. */
char *fs_xdg_directory(const char *xdg_variable, const char *home_fallback, struct err *err);

#endif
