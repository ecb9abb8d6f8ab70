#include "aws/http.h"

#include "aws/trust.h"
#include "aws/url.h"
#include "base/secret.h"
#include "base/strbuf.h"
#include "base/text.h"

#include <curl/curl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_SECONDS 10
#define TOTAL_SECONDS 60.0
#define SILENCE_SECONDS 30L /* without a byte either way */
#define POLL_MILLISECONDS 1000
#define NAP_MILLISECONDS 50 /* while only a higher cancel level would stop the call */
#define MAX_CACHED_CONNECTIONS 4L

struct http {
    CURLM *multi; /* keeps the connections */
    CURL *easy;
    char *user_agent;
    const struct trust *trust;
    const struct cancel *cancel;
};

/* One request under way. */
struct exchange {
    struct http *http;
    const struct http_request *request;
    struct http_response *response;
    struct strbuf body;
    struct curl_slist *headers;
    char reason[CURL_ERROR_SIZE];
};

struct http *http_new(const struct http_settings *settings, struct err *err)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http) {
        err_memory(err);
        return NULL;
    }
    http->user_agent = settings->user_agent ? strdup(settings->user_agent) : NULL;
    http->trust = settings->trust;
    http->cancel = settings->cancel;
    http->easy = curl_easy_init();
    http->multi = curl_multi_init();
    if (!http->easy || !http->multi || (settings->user_agent && !http->user_agent)) {
        http_free(http);
        err_memory(err);
        return NULL;
    }
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, MAX_CACHED_CONNECTIONS);
    return http;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->easy);
    curl_multi_cleanup(http->multi);
    free(http->user_agent);
    free(http);
}

void http_response_free(struct http_response *response)
{
    free(response->body);
    response->body = NULL;
    response->length = 0;
}

/* --- what comes back ------------------------------------------------------------------------------------ */

/* Masked before it is cut, since half a secret is not found any more. */
static void keep_header(char *field, size_t size, const char *value, size_t length,
                        const char *const *secrets)
{
    AUTO_FREE char *copy = strndup(value, length);
    if (!copy)
        return;
    secret_mask(copy, strlen(copy), secrets);
    snprintf(field, size, "%s", copy);
}

static void read_header(const struct exchange *exchange, const char *line, size_t length)
{
    struct http_response *response = exchange->response;
    const struct {
        const char *name;
        char *field;
        size_t size;
    } wanted[] = {
        {"Date:", response->date, sizeof response->date},
        {"Retry-After:", response->retry_after, sizeof response->retry_after},
        {"x-amzn-RequestId:", response->request_id, sizeof response->request_id},
        {"x-amz-request-id:", response->request_id, sizeof response->request_id},
        {"ETag:", response->etag, sizeof response->etag},
        {"x-amz-checksum-sha256:", response->checksum_sha256, sizeof response->checksum_sha256},
        {"x-amz-bucket-region:", response->bucket_region, sizeof response->bucket_region},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++) {
        size_t name_length = strlen(wanted[i].name);
        if (length < name_length || strncasecmp(line, wanted[i].name, name_length) != 0)
            continue;
        const char *value = line + name_length;
        const char *end = line + length;
        while (value < end && (*value == ' ' || *value == '\t'))
            value++;
        while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
            end--;
        keep_header(wanted[i].field, wanted[i].size, value, (size_t)(end - value),
                    exchange->request->secrets);
    }
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    size_t length = size * count;
    if (length > 5 && strncmp(line, "HTTP/", 5) == 0) /* an interim answer came before */
        *exchange->response = (struct http_response){.content_length = -1};
    read_header(exchange, line, length);
    return length;
}

/* Anything but the whole length makes curl give up. */
static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    strbuf_add(&exchange->body, data, size * count);
    return exchange->body.failed ? 0 : size * count;
}

/* --- what goes out -------------------------------------------------------------------------------------- */

static int add_header(struct exchange *exchange, const char *name, const char *value, struct err *err)
{
    AUTO_STRBUF struct strbuf line = STRBUF_SECRET(64u << 10);
    if (strpbrk(value, "\r\n"))
        return err_set(err, ERR_INTERNAL, "the value of header %s has a line end", name);
    strbuf_addf(&line, *value ? "%s: %s" : "%s;", name, value);
    if (strbuf_ok(&line, "a header", err) < 0)
        return -1;
    struct curl_slist *headers = curl_slist_append(exchange->headers, strbuf_text(&line));
    if (!headers)
        return err_memory(err);
    exchange->headers = headers;
    return 0;
}

/* Without curl's own additions: what is signed is what is sent. */
static int add_headers(struct exchange *exchange, struct err *err)
{
    const struct http_request *request = exchange->request;
    for (size_t i = 0; i < request->header_count; i++) {
        if (add_header(exchange, request->headers[i].name, request->headers[i].value, err) < 0)
            return -1;
    }
    static const char *const unwanted[] = {"Expect:", "Accept:"};
    for (size_t i = 0; i < ARRAY_LENGTH(unwanted); i++) {
        struct curl_slist *headers = curl_slist_append(exchange->headers, unwanted[i]);
        if (!headers)
            return err_memory(err);
        exchange->headers = headers;
    }
    return 0;
}

static void set_method(CURL *easy, const struct http_request *request)
{
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request->body || strcmp(request->method, "GET") != 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? (const char *)request->body : "");
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    }
}

static void set_limits(CURL *easy, const struct http_request *request)
{
    double seconds = request->seconds > 0 ? request->seconds : TOTAL_SECONDS;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(fmin(seconds, CONNECT_SECONDS) * 1000));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)ceil(fmin(seconds, 86400) * 1000));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, SILENCE_SECONDS);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
}

static void set_up(struct exchange *exchange, bool local)
{
    struct http *http = exchange->http;
    CURL *easy = http->easy;
    curl_easy_reset(easy); /* the options; connections stay */
    curl_easy_setopt(easy, CURLOPT_URL, exchange->request->url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2); /* the oldest, as AWS's own */
    if (local)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (http->user_agent)
        curl_easy_setopt(easy, CURLOPT_USERAGENT, http->user_agent);
    set_method(easy, exchange->request);
    set_limits(easy, exchange->request);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->reason);
}

/* --- the exchange --------------------------------------------------------------------------------------- */

static int check_stop(const struct exchange *exchange, struct err *err)
{
    enum cancel_level from = exchange->request->stop_at ? exchange->request->stop_at : CANCEL_DRAIN;
    const struct cancel *cancel = exchange->http->cancel;
    return cancel ? cancel_check(cancel, from, err) : 0;
}

/* Waits for the connection, or for the user to ask to stop. */
static CURLMcode wait_for_traffic(const struct exchange *exchange)
{
    const struct cancel *cancel = exchange->http->cancel;
    if (!cancel || cancel_requested(cancel)) /* readable already: it would not wake for the higher level */
        return curl_multi_poll(exchange->http->multi, NULL, 0, cancel ? NAP_MILLISECONDS : POLL_MILLISECONDS,
                               NULL);
    struct curl_waitfd wake = {.fd = cancel_fd(cancel), .events = CURL_WAIT_POLLIN};
    return curl_multi_poll(exchange->http->multi, &wake, 1, POLL_MILLISECONDS, NULL);
}

static int drive(const struct exchange *exchange, CURLcode *code, struct err *err)
{
    CURLM *multi = exchange->http->multi;
    int running = 1;
    for (;;) {
        if (check_stop(exchange, err) < 0)
            return -1;
        CURLMcode multi_code = curl_multi_perform(multi, &running);
        if (multi_code == CURLM_OK && running)
            multi_code = wait_for_traffic(exchange);
        if (multi_code != CURLM_OK)
            return err_set(err, ERR_INTERNAL, "libcurl: %s", curl_multi_strerror(multi_code));
        int left = 0;
        CURLMsg *message = curl_multi_info_read(multi, &left);
        if (message && message->msg == CURLMSG_DONE) {
            *code = message->data.result;
            return 0;
        }
    }
}

static int transport_error(const struct exchange *exchange, CURLcode code, struct err *err)
{
    const char *reason = exchange->reason[0] ? exchange->reason : curl_easy_strerror(code);
    if (exchange->body.failed)
        return strbuf_ok(&exchange->body, "the answer", err);
    switch (code) {
    case CURLE_SSL_CACERT_BADFILE:
        return err_set(err, ERR_CONFIG, "the certificates to trust could not be read: %s", reason);
    case CURLE_PEER_FAILED_VERIFICATION:
        return err_set(
            err, ERR_NETWORK,
            "the server's certificate is not trusted: %s (AWS_CA_BUNDLE names the certificates to trust)",
            reason);
    case CURLE_COULDNT_RESOLVE_HOST:
        return err_set(err, ERR_NETWORK, "%s (check the network, and the region or address)", reason);
    case CURLE_OUT_OF_MEMORY:
        return err_memory(err);
    default:
        return err_set(err, ERR_NETWORK, "%s", reason);
    }
}

/* Whether the answer's header can be believed about the time: certified, or of this machine. */
static bool is_authentic(CURL *easy, bool local)
{
    char *scheme = NULL;
    char *address = NULL;
    curl_easy_getinfo(easy, CURLINFO_SCHEME, &scheme);
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
    if (scheme && strcasecmp(scheme, "https") == 0)
        return true;
    return local && address && (text_starts_with(address, "127.") || strcmp(address, "::1") == 0);
}

static int finish(struct exchange *exchange, bool local, struct err *err)
{
    struct http_response *response = exchange->response;
    CURL *easy = exchange->http->easy;
    long status = 0;
    curl_off_t length = -1;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    response->status = (int)status;
    response->content_length = length;
    response->authentic = is_authentic(easy, local);
    response->length = exchange->body.length;
    response->body = strbuf_take(&exchange->body, "the answer", err);
    if (!response->body)
        return -1;
    secret_mask(response->body, response->length, exchange->request->secrets);
    return 0;
}

static int run(struct exchange *exchange, struct err *err)
{
    struct http *http = exchange->http;
    AUTO_URL struct url url = {0};
    CURLcode code = CURLE_OK;
    if (url_parse(&url, exchange->request->url, err) < 0 || add_headers(exchange, err) < 0)
        return -1;
    bool local = url_is_local(&url);
    set_up(exchange, local);
    if (http->trust && trust_use(http->trust, http->easy, err) < 0)
        return -1;
    CURLMcode added = curl_multi_add_handle(http->multi, http->easy);
    if (added != CURLM_OK)
        return err_set(err, ERR_INTERNAL, "libcurl: %s", curl_multi_strerror(added));
    int result = drive(exchange, &code, err);
    if (result == 0)
        result = code == CURLE_OK ? finish(exchange, local, err) : transport_error(exchange, code, err);
    curl_multi_remove_handle(http->multi, http->easy);
    return result;
}

/* A session token may be among them. */
static void free_headers(struct curl_slist *headers)
{
    for (struct curl_slist *at = headers; at; at = at->next)
        explicit_bzero(at->data, strlen(at->data));
    curl_slist_free_all(headers);
}

int http_perform(struct http *http, const struct http_request *request, struct http_response *response,
                 struct err *err)
{
    struct exchange exchange = {
        .http = http,
        .request = request,
        .response = response,
        .body = STRBUF_INIT(request->max_body ? request->max_body : HTTP_DEFAULT_MAX_BODY),
    };
    *response = (struct http_response){.content_length = -1};
    int result = run(&exchange, err);
    curl_easy_reset(http->easy); /* nothing of this exchange stays referred to */
    free_headers(exchange.headers);
    strbuf_free(&exchange.body);
    return result;
}

char *http_get(struct http *http, const char *url, size_t max_bytes, double seconds, struct err *err)
{
    struct http_request request = {.method = "GET", .url = url, .max_body = max_bytes, .seconds = seconds};
    struct http_response response;
    char *body = NULL;
    if (http_perform(http, &request, &response, err) < 0)
        err_prepend(err, "%s", url);
    else if (response.status != 200)
        err_set(err, ERR_NETWORK, "%s answered with status %d", url, response.status);
    else
        body = TAKE(response.body);
    http_response_free(&response);
    return body;
}
