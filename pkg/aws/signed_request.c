#include "aws/account.h"
#include "aws/call.h"
#include "aws/endpoint.h"
#include "aws/sigv4.h"
#include "aws/url.h"

#include <math.h>
#include <openssl/crypto.h>
#include <string.h>

#define OWN_HEADERS 5 /* Host, X-Amz-Date, X-Amz-Security-Token, x-amz-content-sha256, Authorization */

/* Where a call goes. */
struct target {
    struct strbuf host; /* with the port, where the endpoint names one */
    struct strbuf path; /* the endpoint's own, then the call's */
    struct strbuf url;
};

/* The headers of one request. */
struct header_list {
    struct http_header items[CALL_MAX_HEADERS + OWN_HEADERS];
    size_t count;
};

static void target_free(struct target *target)
{
    strbuf_free(&target->host);
    strbuf_free(&target->path);
    strbuf_free(&target->url);
}

static int find_target(const struct aws *aws, const struct aws_call *call, struct target *target,
                       struct err *err)
{
    const char *endpoint = aws_endpoint(aws, call->service);
    const char *host = strstr(endpoint, "://") + 3;
    size_t host_length = strcspn(host, "/");
    if (call->host_prefix)
        strbuf_addf(&target->host, "%s.", call->host_prefix);
    strbuf_add(&target->host, host, host_length);
    strbuf_addf(&target->path, "%s%s", host + host_length, call->path);
    strbuf_add(&target->url, endpoint, (size_t)(host - endpoint));
    strbuf_addf(&target->url, "%s%s", strbuf_text(&target->host), strbuf_text(&target->path));
    if (call->param_count > 0) {
        strbuf_addc(&target->url, '?');
        if (uri_canonical_query(&target->url, call->params, call->param_count, err) < 0)
            return -1;
    }
    if (strbuf_ok(&target->host, "the host name", err) < 0 || strbuf_ok(&target->path, "the path", err) < 0)
        return -1;
    return strbuf_ok(&target->url, "the address", err);
}

static void add_header(struct header_list *list, const char *name, const char *value)
{
    list->items[list->count++] = (struct http_header){name, value};
}

/* What is signed along with the call's own headers. */
static void add_own_headers(struct header_list *list, const struct aws_call *call, const char *host,
                            const char *date, const char *payload_hash, const char *session_token)
{
    add_header(list, "Host", host);
    add_header(list, "X-Amz-Date", date);
    if (session_token)
        add_header(list, "X-Amz-Security-Token", session_token);
    if (call->service == AWS_S3)
        add_header(list, "x-amz-content-sha256", payload_hash);
    for (size_t i = 0; i < CALL_MAX_HEADERS && call->headers[i].name; i++)
        add_header(list, call->headers[i].name, call->headers[i].value);
}

static int authorize(struct aws_client *client, const struct aws_call *call, const struct target *target,
                     struct header_list *headers, const struct credentials *credentials, int64_t time,
                     const char *payload_hash, struct strbuf *authorization, struct err *err)
{
    const struct sigv4_keys keys = {credentials->access_key_id, credentials->secret_access_key,
                                    credentials->session_token};
    const struct sigv4_scope scope = {time, service_region(call->service, client->aws->region),
                                      service_name(call->service)};
    const struct sigv4_request request = {
        .method = call->method,
        .path = strbuf_text(&target->path),
        .encode_path = call->service != AWS_S3,
        .normalise_path = call->service != AWS_S3,
        .params = call->params,
        .param_count = call->param_count,
        .headers = headers->items,
        .header_count = headers->count,
        .payload_hash = payload_hash,
    };
    if (sigv4_authorization(&keys, &scope, &request, authorization, err) < 0)
        return -1;
    add_header(headers, "Authorization", strbuf_text(authorization));
    return 0;
}

/* The signature stands at the end of the header. */
static const char *signature_in(const struct strbuf *authorization)
{
    size_t length = authorization->length;
    return strbuf_text(authorization) + (length < SHA256_HEX_SIZE ? length : length - (SHA256_HEX_SIZE - 1));
}

/* What is left until the client's deadline, 0 where it has none. */
static double seconds_left(const struct aws_client *client)
{
    double deadline = client->policy.deadline;
    if (deadline <= 0 || !isfinite(deadline))
        return 0;
    return fmax(fmin(deadline - clock_monotonic(&client->aws->clock), 60), 0.01);
}

static int send_to(struct aws_client *client, const struct aws_call *call, const struct target *target,
                   const struct credentials *credentials, int64_t time, struct http_response *response,
                   struct err *err)
{
    char date[SIGV4_DATE_SIZE], payload_hash[SHA256_HEX_SIZE];
    struct header_list headers = {0};
    AUTO_STRBUF struct strbuf authorization = STRBUF_INIT(4096);
    const char *token = credentials ? credentials->session_token : NULL;
    sigv4_date(time, date);
    if (sha256_hex(call->body ? call->body : "", call->body_length, payload_hash, err) < 0)
        return -1;
    add_own_headers(&headers, call, strbuf_text(&target->host), date, payload_hash, token);
    if (credentials &&
        authorize(client, call, target, &headers, credentials, time, payload_hash, &authorization, err) < 0)
        return -1;
    const char *const signed_with[] = {credentials ? credentials->secret_access_key : NULL,
                                       strbuf_text(&authorization), signature_in(&authorization), token,
                                       NULL};
    const char *const told[] = {call->secret, NULL};
    const struct http_request request = {
        .method = call->method,
        .url = strbuf_text(&target->url),
        .headers = headers.items,
        .header_count = headers.count,
        .body = call->body,
        .body_length = call->body_length,
        .max_body = call->max_answer,
        .seconds = seconds_left(client),
        .stop_at = client->policy.stop_at,
        .secrets = credentials ? signed_with : told,
    };
    return http_perform(client->http, &request, response, err);
}

int signed_request_send(struct aws_client *client, const struct aws_call *call,
                        const struct credentials *credentials, int64_t time, struct http_response *response,
                        struct err *err)
{
    CLEANUP(target_free)
    struct target target = {STRBUF_INIT(1024), STRBUF_INIT(URL_MAX_BYTES), STRBUF_INIT(URL_MAX_BYTES)};
    *response = (struct http_response){.content_length = -1};
    if (find_target(client->aws, call, &target, err) < 0)
        return -1;
    return send_to(client, call, &target, credentials, time, response, err);
}
