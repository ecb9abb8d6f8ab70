/*
 * The INI dialect of AWS's shared files (~/.aws/config, ~/.aws/credentials): sections in brackets, NAME =
 * VALUE, comments behind '#' or ';', lines indented deeper than a property belong to it (nested settings) and
 * are passed over.
 */
#ifndef AWS_INI_H
#define AWS_INI_H

#include "base/error.h"

#include <stddef.h>

#define INI_MAX_BYTES (1u << 20)

/* key is in lower case; the strings live as long as the call. */
typedef int (*ini_visit)(void *context, const char *section, const char *key, const char *value,
                         struct err *err);

/* Calls visit for every property in order, those of a repeated section too. Stops with -1 when visit does.
 * ERR_CONFIG for a malformed line, by its number: its text may hold a secret. */
int ini_parse(const char *text, size_t length, ini_visit visit, void *context, struct err *err);

#endif
