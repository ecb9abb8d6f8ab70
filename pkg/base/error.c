#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
    [ERR_NONE] = "none",
    [ERR_USAGE] = "usage",
    [ERR_CONFIG] = "config",
    [ERR_AUTH] = "auth",
    [ERR_THROTTLED] = "throttled",
    [ERR_CAPACITY] = "capacity",
    [ERR_UNSUPPORTED] = "unsupported",
    [ERR_QUOTA] = "quota",
    [ERR_NOT_FOUND] = "not-found",
    [ERR_EXISTS] = "exists",
    [ERR_NETWORK] = "network",
    [ERR_REMOTE] = "remote",
    [ERR_SECURITY] = "security",
    [ERR_DATA] = "data",
    [ERR_CANCELLED] = "cancelled",
    [ERR_INTERNAL] = "internal",
};

const char *err_kind_name(enum err_kind kind)
{
    if ((size_t)kind >= ARRAY_LENGTH(kind_names) || !kind_names[kind])
        return "internal";
    return kind_names[kind];
}

void err_clear(struct err *err)
{
    if (err)
        *err = (struct err){0};
}

int err_setv(struct err *err, enum err_kind kind, const char *format, va_list args)
{
    if (!err)
        return -1;
    err_clear(err);
    err->kind = kind;
    vsnprintf(err->message, sizeof err->message, format, args);
    return -1;
}

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    err_setv(err, kind, format, args);
    va_end(args);
    return -1;
}

static enum err_kind kind_of_errno(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOSPC:
    case EDQUOT:
    case ENAMETOOLONG:
    case ELOOP:
        return ERR_CONFIG;
    case EEXIST:
        return ERR_EXISTS;
    default:
        return ERR_INTERNAL;
    }
}

int err_errno(struct err *err, const char *format, ...)
{
    int number = errno;
    if (!err)
        return -1;
    char text[128];
    const char *reason = strerror_r(number, text, sizeof text);
    va_list args;
    va_start(args, format);
    err_setv(err, kind_of_errno(number), format, args);
    va_end(args);
    size_t used = strlen(err->message);
    snprintf(err->message + used, sizeof err->message - used, ": %s", reason);
    return -1;
}

int err_prepend(struct err *err, const char *format, ...)
{
    if (!err)
        return -1;
    char context[sizeof err->message];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof context, format, args);
    va_end(args);
    char joined[2 * sizeof err->message + 4];
    snprintf(joined, sizeof joined, "%s: %s", context, err->message);
    memcpy(err->message, joined, sizeof err->message - 1);
    err->message[sizeof err->message - 1] = '\0';
    return -1;
}

int err_copy(struct err *err, const struct err *from)
{
    if (err)
        *err = *from;
    return -1;
}

int err_memory(struct err *err)
{
    return err_set(err, ERR_INTERNAL, "out of memory");
}

void err_set_code(struct err *err, const char *code)
{
    if (err)
        snprintf(err->code, sizeof err->code, "%s", code ? code : "");
}
