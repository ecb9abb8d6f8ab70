#include "aws/sigv4.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define TEXT_LIMIT (256u << 10) /* of any text that is built here */
#define PRESIGN_PARAMS 6

void sigv4_date(int64_t time, char date[SIGV4_DATE_SIZE])
{
    time_t seconds = (time_t)time;
    struct tm when = {0};
    gmtime_r(&seconds, &when);
    if (strftime(date, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &when) == 0)
        date[0] = '\0';
}

/* --- headers -------------------------------------------------------------------------------------------- */

/* By name; those of one name stay in the order in which they were given. */
static int compare_headers(const void *left, const void *right)
{
    const struct http_header *a = *(const struct http_header *const *)left;
    const struct http_header *b = *(const struct http_header *const *)right;
    int by_name = strcasecmp(a->name, b->name);
    return by_name ? by_name : (a > b) - (a < b);
}

static const struct http_header **sorted_headers(const struct sigv4_request *request, struct err *err)
{
    const struct http_header **sorted = calloc(request->header_count + 1, sizeof *sorted);
    if (!sorted) {
        err_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < request->header_count; i++)
        sorted[i] = &request->headers[i];
    qsort(sorted, request->header_count, sizeof *sorted, compare_headers);
    return sorted;
}

static void add_lower_case(struct strbuf *out, const char *text)
{
    for (; *text; text++)
        strbuf_addc(out, *text >= 'A' && *text <= 'Z' ? (char)(*text + ('a' - 'A')) : *text);
}

/* Without white space at the ends, and with one space for any run of it inside. */
static void add_trimmed(struct strbuf *out, const char *value)
{
    static const char white[] = " \t\r\n\v\f";
    value += strspn(value, white);
    while (*value) {
        size_t length = strcspn(value, white);
        strbuf_add(out, value, length);
        value += length;
        value += strspn(value, white);
        if (*value)
            strbuf_addc(out, ' ');
    }
}

static bool same_name(const struct http_header *a, const struct http_header *b)
{
    return a && b && strcasecmp(a->name, b->name) == 0;
}

static void add_canonical_headers(struct strbuf *out, const struct http_header *const *sorted)
{
    for (const struct http_header *previous = NULL; *sorted; previous = *sorted++) {
        if (same_name(*sorted, previous)) {
            strbuf_addc(out, ',');
        } else {
            add_lower_case(out, (*sorted)->name);
            strbuf_addc(out, ':');
        }
        add_trimmed(out, (*sorted)->value);
        if (!same_name(*sorted, sorted[1]))
            strbuf_addc(out, '\n');
    }
}

static void add_header_names(struct strbuf *out, const struct http_header *const *sorted)
{
    for (const struct http_header *previous = NULL; *sorted; previous = *sorted++) {
        if (same_name(*sorted, previous))
            continue;
        if (previous)
            strbuf_addc(out, ';');
        add_lower_case(out, (*sorted)->name);
    }
}

static int add_signed_headers(const struct sigv4_request *request, struct strbuf *out, struct err *err)
{
    AUTO_FREE const struct http_header **sorted = sorted_headers(request, err);
    if (!sorted)
        return -1;
    add_header_names(out, sorted);
    return 0;
}

/* --- the chain ------------------------------------------------------------------------------------------ */

static int add_canonical_path(const struct sigv4_request *request, struct strbuf *out, struct err *err)
{
    AUTO_STRBUF struct strbuf path = STRBUF_INIT(TEXT_LIMIT);
    if (request->normalise_path)
        uri_normalise_path(&path, request->path);
    else
        strbuf_adds(&path, request->path);
    if (request->encode_path)
        uri_encode(out, strbuf_text(&path), true);
    else
        strbuf_adds(out, strbuf_text(&path));
    return strbuf_ok(&path, "the path of a request", err);
}

int sigv4_canonical_request(const struct sigv4_request *request, struct strbuf *out, struct err *err)
{
    AUTO_FREE const struct http_header **sorted = sorted_headers(request, err);
    if (!sorted)
        return -1;
    strbuf_addf(out, "%s\n", request->method);
    if (add_canonical_path(request, out, err) < 0)
        return -1;
    strbuf_addc(out, '\n');
    if (uri_canonical_query(out, request->params, request->param_count, err) < 0)
        return -1;
    strbuf_addc(out, '\n');
    add_canonical_headers(out, sorted);
    strbuf_addc(out, '\n');
    add_header_names(out, sorted);
    strbuf_addf(out, "\n%s", request->payload_hash);
    return strbuf_ok(out, "the canonical request", err);
}

/* "20150830/us-east-1/service/aws4_request" */
static void add_scope(struct strbuf *out, const struct sigv4_scope *scope)
{
    char date[SIGV4_DATE_SIZE];
    sigv4_date(scope->time, date);
    strbuf_addf(out, "%.8s/%s/%s/aws4_request", date, scope->region, scope->service);
}

int sigv4_string_to_sign(const struct sigv4_scope *scope, const char *canonical_request, struct strbuf *out,
                         struct err *err)
{
    char date[SIGV4_DATE_SIZE];
    char hash[SHA256_HEX_SIZE];
    sigv4_date(scope->time, date);
    if (sha256_hex(canonical_request, strlen(canonical_request), hash, err) < 0)
        return -1;
    strbuf_addf(out, ALGORITHM "\n%s\n", date);
    add_scope(out, scope);
    strbuf_addf(out, "\n%s", hash);
    return strbuf_ok(out, "the string to sign", err);
}

static int hmac_text(unsigned char key[SHA256_BYTES], const char *text, struct err *err)
{
    unsigned char digest[SHA256_BYTES];
    if (hmac_sha256(key, SHA256_BYTES, text, strlen(text), digest, err) < 0)
        return -1;
    memcpy(key, digest, sizeof digest);
    return 0;
}

/* HMAC of HMAC of …: secret, date, region, service, "aws4_request". */
static int signing_key(const char *secret, const struct sigv4_scope *scope, unsigned char key[SHA256_BYTES],
                       struct err *err)
{
    char date[SIGV4_DATE_SIZE];
    sigv4_date(scope->time, date);
    char first[512];
    int length = snprintf(first, sizeof first, "AWS4%s", secret);
    int result = -1;
    if (length < 0 || (size_t)length >= sizeof first)
        err_set(err, ERR_AUTH, "the secret access key is longer than %zu bytes", sizeof first - 5);
    else
        result = hmac_sha256(first, (size_t)length, date, 8, key, err);
    OPENSSL_cleanse(first, sizeof first);
    if (result < 0 || hmac_text(key, scope->region, err) < 0 || hmac_text(key, scope->service, err) < 0)
        return -1;
    return hmac_text(key, "aws4_request", err);
}

int sigv4_signature(const char *secret_access_key, const struct sigv4_scope *scope,
                    const char *string_to_sign, char signature[SHA256_HEX_SIZE], struct err *err)
{
    unsigned char key[SHA256_BYTES];
    int result = signing_key(secret_access_key, scope, key, err);
    if (result == 0)
        result = hmac_text(key, string_to_sign, err);
    if (result == 0)
        hex_encode(key, SHA256_BYTES, signature);
    OPENSSL_cleanse(key, sizeof key);
    return result;
}

static int sign(const struct sigv4_keys *keys, const struct sigv4_scope *scope,
                const struct sigv4_request *request, char signature[SHA256_HEX_SIZE], struct err *err)
{
    AUTO_STRBUF struct strbuf canonical = STRBUF_INIT(TEXT_LIMIT);
    AUTO_STRBUF struct strbuf to_sign = STRBUF_INIT(TEXT_LIMIT);
    if (sigv4_canonical_request(request, &canonical, err) < 0 ||
        sigv4_string_to_sign(scope, strbuf_text(&canonical), &to_sign, err) < 0)
        return -1;
    return sigv4_signature(keys->secret_access_key, scope, strbuf_text(&to_sign), signature, err);
}

/* --- the two forms of a signed request ------------------------------------------------------------------ */

int sigv4_authorization(const struct sigv4_keys *keys, const struct sigv4_scope *scope,
                        const struct sigv4_request *request, struct strbuf *out, struct err *err)
{
    char signature[SHA256_HEX_SIZE];
    if (sign(keys, scope, request, signature, err) < 0)
        return -1;
    strbuf_addf(out, ALGORITHM " Credential=%s/", keys->access_key_id);
    add_scope(out, scope);
    strbuf_adds(out, ", SignedHeaders=");
    if (add_signed_headers(request, out, err) < 0)
        return -1;
    strbuf_addf(out, ", Signature=%s", signature);
    return strbuf_ok(out, "the Authorization header", err);
}

/* The request's parameters and, behind them, those that say who signed, when and what. Returns how many. */
static size_t presign_params(struct uri_param *params, const struct sigv4_request *request,
                             const struct uri_param *own)
{
    size_t count = request->param_count;
    if (count)
        memcpy(params, request->params, count * sizeof *params);
    for (; own->name; own++) {
        if (own->value && *own->value)
            params[count++] = *own;
    }
    return count;
}

int sigv4_presign(const struct sigv4_keys *keys, const struct sigv4_scope *scope,
                  const struct sigv4_request *request, unsigned seconds, struct strbuf *out, struct err *err)
{
    AUTO_STRBUF struct strbuf credential = STRBUF_INIT(1024), names = STRBUF_INIT(TEXT_LIMIT);
    char date[SIGV4_DATE_SIZE], lifetime[16], signature[SHA256_HEX_SIZE];
    AUTO_FREE struct uri_param *params = calloc(request->param_count + PRESIGN_PARAMS, sizeof *params);
    if (!params)
        return err_memory(err);
    sigv4_date(scope->time, date);
    snprintf(lifetime, sizeof lifetime, "%u", seconds);
    strbuf_addf(&credential, "%s/", keys->access_key_id);
    add_scope(&credential, scope);
    if (add_signed_headers(request, &names, err) < 0 || strbuf_ok(&credential, "the credential", err) < 0 ||
        strbuf_ok(&names, "the list of signed headers", err) < 0)
        return -1;
    const struct uri_param own[] = {
        {"X-Amz-Algorithm", ALGORITHM},
        {"X-Amz-Credential", strbuf_text(&credential)},
        {"X-Amz-Date", date},
        {"X-Amz-Expires", lifetime},
        {"X-Amz-Security-Token", keys->session_token},
        {"X-Amz-SignedHeaders", strbuf_text(&names)},
        {NULL, NULL},
    };
    _Static_assert(ARRAY_LENGTH(own) == PRESIGN_PARAMS + 1, "room for each");
    struct sigv4_request presigned = *request;
    presigned.params = params;
    presigned.param_count = presign_params(params, request, own);
    if (sign(keys, scope, &presigned, signature, err) < 0 ||
        uri_canonical_query(out, params, presigned.param_count, err) < 0)
        return -1;
    strbuf_addf(out, "&X-Amz-Signature=%s", signature);
    return strbuf_ok(out, "the query", err);
}
