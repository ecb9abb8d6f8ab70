/* http and https addresses taken apart (by libcurl, so that it will see the same parts). */
#ifndef AWS_URL_H
#define AWS_URL_H

#include "base/error.h"

#include <stdbool.h>

#define URL_MAX_BYTES (32u << 10)

/* In memory of libcurl's. */
struct url {
    char *scheme; /* "http" or "https" */
    char *host;   /* an IPv6 address stands in brackets */
    char *port;   /* NULL: the scheme's usual one */
    bool bare;    /* no user, password, query or fragment */
};
#define AUTO_URL CLEANUP(url_free)

/* ERR_CONFIG when it is not an absolute http or https address. */
int url_parse(struct url *url, const char *text, struct err *err);
void url_free(struct url *url);

/* Whether text has characters of RFC 3986 alone, as every address must: some readers take '\\' for '/', or
 * drop what others keep. */
bool url_has_only_uri_characters(const char *text);

/* Whether the host is loopback or link-local by its name or literal address. */
bool url_is_local(const struct url *url);

#endif
