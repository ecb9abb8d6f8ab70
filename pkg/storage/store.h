/*
 * Where results are kept: a seam with a directory and an S3 bucket behind it. A key is written once and never
 * changed; writing the same bytes again is a success, so that whoever does not know whether a write went
 * through repeats it.
 */
#ifndef STORAGE_STORE_H
#define STORAGE_STORE_H

#include "base/error.h"

#include <stddef.h>

typedef int (*store_visit)(void *visitor, const char *key, struct err *err);

struct store_operations {
    int (*put)(void *context, const char *key, const void *data, size_t length, struct err *err);
    char *(*get)(void *context, const char *key, size_t max_bytes, size_t *length, struct err *err);
    int (*list)(void *context, const char *prefix, store_visit visit, void *visitor, struct err *err);
    void (*close)(void *context);
};

struct store {
    const struct store_operations *operations;
    void *context;
};

/* Durable when it returns 0. ERR_EXISTS: the key holds other bytes; ERR_USAGE: a key that leaves the store
 * ("../x"). */
int store_put(const struct store *store, const char *key, const void *data, size_t length, struct err *err);

/* The bytes with a NUL behind them, which the caller free()s. NULL: ERR_NOT_FOUND, ERR_DATA when larger than
 * max_bytes, or what the store's medium failed with. */
char *store_get(const struct store *store, const char *key, size_t max_bytes, size_t *length,
                struct err *err);

/* Calls visit for every key that begins with prefix, in an order that is the same each time; stops with -1
 * when visit returns -1. ERR_NOT_FOUND: the store itself is not there. */
int store_list(const struct store *store, const char *prefix, store_visit visit, void *visitor,
               struct err *err);

/* Puts into `to` every object of `from` whose key begins with prefix. Goes on after a failure and returns -1
 * with the first one. For what was left in the local store when S3 could not be reached. */
int store_copy(const struct store *from, const struct store *to, const char *prefix, struct err *err);

/* `AUTO_STORE struct store store = {0};` */
#define AUTO_STORE CLEANUP(store_close)
void store_close(struct store *store);

/* A directory, made when something is put. Threads may share it. */
int store_open_directory(struct store *store, const char *directory, struct err *err);

#endif
