/*
 * Errors: every function that can fail returns 0 or -1 (or NULL) and fills `struct err`, its last parameter.
 * The kind alone decides what happens next (retry, next zone, skip, abort); the message is for people.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/attributes.h"

#include <stdarg.h>

enum err_kind {
    ERR_NONE = 0,
    ERR_USAGE,       /* an option, a name, a pattern: the caller's words are wrong */
    ERR_CONFIG,      /* account set-up, files, network layout: nothing was launched */
    ERR_AUTH,        /* credentials missing, wrong, expired, or without the permission */
    ERR_THROTTLED,   /* asked too often: wait and repeat */
    ERR_CAPACITY,    /* no capacity of this type in this zone: another zone may have it */
    ERR_UNSUPPORTED, /* this type can't be had here: no other try will help */
    ERR_QUOTA,       /* the account's limit is reached */
    ERR_NOT_FOUND,   /* the thing named does not exist (or not yet) */
    ERR_EXISTS,      /* the thing to be made exists already */
    ERR_NETWORK,     /* connection, time-out, 5xx: transient */
    ERR_REMOTE,      /* the far machine or its container failed */
    ERR_SECURITY,    /* an identity did not match: never retried, never ignored */
    ERR_DATA,        /* text or a document that breaks its format */
    ERR_CANCELLED,   /* the user asked to stop */
    ERR_INTERNAL,    /* memory, a bug */
};

struct err {
    enum err_kind kind;
    char code[64];      /* the service's own code ("InsufficientInstanceCapacity"), or empty */
    char message[1024]; /* one line, without a trailing full stop or newline */
};

/* Fills err and returns -1, so that `return err_set(…);` leaves a failing function. err may be NULL. */
int err_set(struct err *err, enum err_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);
int err_setv(struct err *err, enum err_kind kind, const char *format, va_list args) PRINTF_LIKE(3, 0);

/* The same with the text of errno behind the message. The kind is ERR_CONFIG for a file the user can put
 * right (absent, not permitted, disk full) and ERR_INTERNAL otherwise. */
int err_errno(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts "context: " before the message, keeps kind and code, returns -1. */
int err_prepend(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* An error that the callee kept for itself becomes the caller's after all. Returns -1. */
int err_copy(struct err *err, const struct err *from);

/* Out of memory. Returns -1. */
int err_memory(struct err *err);

void err_clear(struct err *err);
void err_set_code(struct err *err, const char *code);

/* The kind as one lower-case word ("capacity"), for events and documents. Static. */
const char *err_kind_name(enum err_kind kind);

#endif
