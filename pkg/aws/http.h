/*
 * One HTTP request at a time on libcurl, over connections that are kept: TLS verified, time limits on
 * everything, a cap on what is read, no redirects followed, given up soon after the user asked to stop.
 * Proxies are taken from the environment as curl does, but never for loopback and link-local addresses.
 */
#ifndef AWS_HTTP_H
#define AWS_HTTP_H

#include "base/cancel.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define HTTP_DEFAULT_MAX_BODY (8u << 20)

struct http;

struct trust;

/* Each may be NULL. */
struct http_settings {
    const struct trust *trust;   /* borrowed; NULL: the system's certificates, read for this one alone */
    const struct cancel *cancel; /* borrowed */
    const char *user_agent;      /* copied */
};

struct http *http_new(const struct http_settings *settings, struct err *err);
/* NULL is allowed. */
void http_free(struct http *http);

struct http_header {
    const char *name;
    const char *value;
};

/* Everything is borrowed for the length of the call. */
struct http_request {
    const char *method; /* "GET", "PUT", … */
    const char *url;
    const struct http_header *headers;
    size_t header_count;
    const void *body; /* NULL: none */
    size_t body_length;
    size_t max_body;           /* most bytes of the answer's body; 0: HTTP_DEFAULT_MAX_BODY */
    double seconds;            /* for the whole request; 0: 60. Connecting has 10 of them at most. */
    enum cancel_level stop_at; /* CANCEL_NONE is taken as CANCEL_DRAIN */
    /* What the request tells in confidence: masked wherever the answer repeats it, so that it gets into no
     * message or log (secret_mask, base/secret.h). NULL: nothing. */
    const char *const *secrets;
};

/* Header values are cut where they don't fit and are for reading by machines: they may hold anything. */
struct http_response {
    int status;
    char *body; /* a NUL stands behind it */
    size_t length;
    bool authentic; /* from a peer whose certificate was verified, or from this machine's loopback */
    char date[64];
    char retry_after[32];
    char request_id[96]; /* x-amzn-RequestId or x-amz-request-id */
    char etag[96];
    char checksum_sha256[64]; /* x-amz-checksum-sha256, base64 */
    char bucket_region[64];   /* x-amz-bucket-region */
    long long content_length; /* as the header says, -1 when it doesn't */
};

/* Any status is a success here. -1: ERR_NETWORK (no name, no connection, TLS not verified, time-out),
 * ERR_DATA (the answer is larger than max_body), ERR_CANCELLED, ERR_CONFIG (malformed URL, unusable CA
 * bundle). The caller frees the response with http_response_free, also after a failure. */
int http_perform(struct http *http, const struct http_request *request, struct http_response *response,
                 struct err *err);
void http_response_free(struct http_response *response);

/* A plain GET within so many seconds; anything but status 200 is ERR_NETWORK. The body, at most max_bytes
 * with a NUL behind it, is free()d by the caller. */
char *http_get(struct http *http, const char *url, size_t max_bytes, double seconds, struct err *err);

#endif
