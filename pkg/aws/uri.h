/* URIs as AWS's signatures want them (RFC 3986, stricter than most encoders). */
#ifndef AWS_URI_H
#define AWS_URI_H

#include "base/error.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends text with every byte but A-Z a-z 0-9 - . _ ~ as %XX, upper case; a slash stays one when keep_slash.
 */
void uri_encode(struct strbuf *out, const char *text, bool keep_slash);

/* Appends an absolute path without "." and ".." segments and without empty ones; a final slash stays. */
void uri_normalise_path(struct strbuf *out, const char *path);

/* A name and a value, neither encoded. */
struct uri_param {
    const char *name;
    const char *value;
};

/* Appends NAME=VALUE&…, encoded and sorted by encoded name, then by encoded value: the form that is signed,
 * and that is sent as well. */
int uri_canonical_query(struct strbuf *out, const struct uri_param *params, size_t count, struct err *err);

#endif
