/*
 * sign_request: the signer by itself, for tests that compare it with another one. Reads one JSON document per
 * line from stdin and prints, for each, the value of the Authorization header, or with "expires" the signed
 * query.
 * {"access_key", "secret_key", "token"?, "time", "region", "service", "method", "path", "params": [[name,
 * value]…], "headers": [[name, value]…], "payload_hash", "expires"?}
 */
#include "aws/sigv4.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DOCUMENT (1u << 20)

static const char *member(const cJSON *pair, int index)
{
    const char *text = cJSON_GetStringValue(cJSON_GetArrayItem(pair, index));
    return text ? text : "";
}

static struct uri_param *read_params(const cJSON *list, size_t *count)
{
    const cJSON *pair = NULL;
    struct uri_param *params = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *params);
    cJSON_ArrayForEach(pair, list)
    {
        if (params)
            params[(*count)++] = (struct uri_param){member(pair, 0), member(pair, 1)};
    }
    return params;
}

static struct http_header *read_headers(const cJSON *list, size_t *count)
{
    const cJSON *pair = NULL;
    struct http_header *headers = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *headers);
    cJSON_ArrayForEach(pair, list)
    {
        if (headers)
            headers[(*count)++] = (struct http_header){member(pair, 0), member(pair, 1)};
    }
    return headers;
}

static int sign(const cJSON *json, struct strbuf *out, struct err *err)
{
    struct sigv4_scope scope = {.region = json_string_or(json, "region", ""),
                                .service = json_string_or(json, "service", "")};
    const struct sigv4_keys keys = {json_string_or(json, "access_key", ""),
                                    json_string_or(json, "secret_key", ""),
                                    json_string_or(json, "token", NULL)};
    bool is_s3 = strcmp(scope.service, "s3") == 0;
    struct sigv4_request request = {
        .method = json_string_or(json, "method", "GET"),
        .path = json_string_or(json, "path", "/"),
        .encode_path = !is_s3,
        .normalise_path = !is_s3,
        .payload_hash = json_string_or(json, "payload_hash", ""),
    };
    AUTO_FREE struct uri_param *params = read_params(json_at(json, "params"), &request.param_count);
    AUTO_FREE struct http_header *headers = read_headers(json_at(json, "headers"), &request.header_count);
    int64_t expires = 0;
    if (!params || !headers)
        return err_memory(err);
    request.params = params;
    request.headers = headers;
    if (json_get_i64(json, "time", &scope.time, err) < 0)
        return -1;
    if (json_get_i64(json, "expires", &expires, NULL) < 0)
        return sigv4_authorization(&keys, &scope, &request, out, err);
    return sigv4_presign(&keys, &scope, &request, (unsigned)expires, out, err);
}

static int sign_line(const char *line, size_t length, struct err *err)
{
    AUTO_STRBUF struct strbuf out = STRBUF_INIT(MAX_DOCUMENT);
    AUTO_JSON cJSON *json = json_parse(line, length, MAX_DOCUMENT, err);
    if (!json || sign(json, &out, err) < 0)
        return -1;
    return puts(strbuf_text(&out)) == EOF ? err_errno(err, "stdout") : 0;
}

int main(void)
{
    AUTO_FREE char *line = NULL;
    size_t size = 0;
    for (ssize_t length; (length = getline(&line, &size, stdin)) > 0;) {
        struct err err = {0};
        if (sign_line(line, (size_t)length, &err) < 0) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
    }
    return 0;
}
