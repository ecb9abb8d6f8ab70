/*
 * AWS Signature Version 4 as a chain of pure functions: canonical request, string to sign, signing key,
 * signature. Nothing here reads a clock or the environment.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include "aws/http.h"
#include "aws/uri.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGV4_DATE_SIZE 17 /* "20150830T123600Z" and the NUL */

struct sigv4_keys {
    const char *access_key_id;
    const char *secret_access_key;
    const char *session_token; /* NULL or empty: none */
};

/* When and for what a signature holds. */
struct sigv4_scope {
    int64_t time; /* seconds since the epoch */
    const char *region;
    const char *service; /* "ec2", "s3", … */
};

struct sigv4_request {
    const char *method;
    const char *path; /* as it stands in the request line, with its leading slash */
    /* S3 signs the path as it is sent; all others sign it encoded once more, most without dot segments. */
    bool encode_path;
    bool normalise_path;
    const struct uri_param *params;
    size_t param_count;
    const struct http_header *headers; /* those to be signed; Host must be among them */
    size_t header_count;
    const char *payload_hash; /* SHA-256 of the body in lower-case hex */
};

/* "20150830T123600Z", the value of X-Amz-Date. */
void sigv4_date(int64_t time, char date[SIGV4_DATE_SIZE]);

/* The steps, each appending to out. */
int sigv4_canonical_request(const struct sigv4_request *request, struct strbuf *out, struct err *err);
int sigv4_string_to_sign(const struct sigv4_scope *scope, const char *canonical_request, struct strbuf *out,
                         struct err *err);
int sigv4_signature(const char *secret_access_key, const struct sigv4_scope *scope,
                    const char *string_to_sign, char signature[SHA256_HEX_SIZE], struct err *err);

/* The value of the Authorization header. X-Amz-Date, and X-Amz-Security-Token where there is a token, must be
 * among the request's headers already: they are signed with the rest. */
int sigv4_authorization(const struct sigv4_keys *keys, const struct sigv4_scope *scope,
                        const struct sigv4_request *request, struct strbuf *out, struct err *err);

/* The other form, a link that works for so many seconds: appends the whole query string, signature included.
 */
int sigv4_presign(const struct sigv4_keys *keys, const struct sigv4_scope *scope,
                  const struct sigv4_request *request, unsigned seconds, struct strbuf *out, struct err *err);

#endif
