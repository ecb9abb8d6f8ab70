/*
 * The signer against AWS's own documentation and, where SIGV4_VECTORS names their directory, against AWS's
 * published test vectors (awslabs/aws-c-auth, tests/aws-signing-test-suite/v4): each case in the header and
 * in the query.
 */
#include "unit.h"

#include "aws/sigv4.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/parse.h"
#include "base/text.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_ITEMS 16
#define CASES 38

/* https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html */
static void signs_the_documented_presigned_link(void **state UNUSED)
{
    struct err err;
    AUTO_STRBUF struct strbuf query = STRBUF_INIT(4096);
    const struct sigv4_keys keys = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", NULL};
    const struct sigv4_scope scope = {1369353600, "us-east-1", "s3"};
    const struct http_header host = {"Host", "examplebucket.s3.amazonaws.com"};
    const struct sigv4_request request = {.method = "GET",
                                          .path = "/test.txt",
                                          .headers = &host,
                                          .header_count = 1,
                                          .payload_hash = "UNSIGNED-PAYLOAD"};
    assert_succeeds(sigv4_presign(&keys, &scope, &request, 86400, &query, &err), err);
    assert_true(text_ends_with(strbuf_text(&query),
                               "&X-Amz-Signature="
                               "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
}

static void a_secret_that_is_too_long_is_refused(void **state UNUSED)
{
    struct err err;
    char secret[1024], signature[SHA256_HEX_SIZE];
    const struct sigv4_scope scope = {0, "us-east-1", "s3"};
    memset(secret, 'x', sizeof secret - 1);
    secret[sizeof secret - 1] = '\0';
    assert_fails(sigv4_signature(secret, &scope, "text", signature, &err), err, ERR_AUTH);
}

/* --- the vectors ---------------------------------------------------------------------------------------- */

struct vector {
    char *text; /* of request.txt, cut up in place */
    cJSON *context;
    struct uri_param params[MAX_ITEMS];
    struct http_header headers[MAX_ITEMS];
    char date[SIGV4_DATE_SIZE];
    char payload_hash[SHA256_HEX_SIZE];
    struct sigv4_keys keys;
    struct sigv4_scope scope;
    struct sigv4_request request;
    bool sign_token;
    bool sign_body;
};

static char *read_part(const char *directory, const char *name)
{
    struct err err = {0};
    size_t length = 0;
    AUTO_FREE char *path = fs_join(directory, name, &err);
    char *text = path ? fs_read_file(path, 1u << 20, &length, &err) : NULL;
    if (!text)
        fail_msg("%s", err.message);
    return text;
}

static void assert_part(const char *directory, const char *name, const char *text)
{
    AUTO_FREE char *wanted = read_part(directory, name);
    if (strcmp(text, wanted) != 0)
        fail_msg("%s/%s:\n%s\nbut this was made:\n%s", directory, name, wanted, text);
}

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static void decode_in_place(char *text)
{
    char *out = text;
    for (; *text; text++) {
        if (*text == '%' && text[1] && text[2]) {
            *out++ = (char)(hex_digit(text[1]) * 16 + hex_digit(text[2]));
            text += 2;
        } else {
            *out++ = *text;
        }
    }
    *out = '\0';
}

static char *cut(char *text, char at)
{
    char *found = strchr(text, at);
    if (!found)
        return text + strlen(text);
    *found = '\0';
    return found + 1;
}

static void read_query(struct vector *vector, char *query)
{
    while (*query) {
        char *next = cut(query, '&');
        char *value = cut(query, '=');
        decode_in_place(query);
        decode_in_place(value);
        assert_true(vector->request.param_count < MAX_ITEMS);
        vector->params[vector->request.param_count++] = (struct uri_param){query, value};
        query = next;
    }
    vector->request.params = vector->params;
}

static void add_header(struct vector *vector, const char *name, const char *value)
{
    assert_true(vector->request.header_count < MAX_ITEMS);
    vector->headers[vector->request.header_count++] = (struct http_header){name, value};
}

/* Header lines up to the empty one; a line that begins with a blank continues the one before. */
static char *read_headers(struct vector *vector, char *line)
{
    while (*line && *line != '\n') {
        char *end = strchr(line, '\n');
        while (end && (end[1] == ' ' || end[1] == '\t'))
            end = strchr(end + 1, '\n');
        char *next = end ? end + 1 : line + strlen(line);
        if (end)
            *end = '\0';
        add_header(vector, line, cut(line, ':'));
        line = next;
    }
    return *line ? line + 1 : line;
}

static void read_request(struct vector *vector)
{
    struct err err;
    char *rest = cut(vector->text, '\n');
    char *target = cut(vector->text, ' ');
    *strrchr(target, ' ') = '\0';
    char *query = cut(target, '?');
    vector->request.method = vector->text;
    vector->request.path = target;
    vector->request.encode_path = true;
    read_query(vector, query);
    const char *body = read_headers(vector, rest);
    assert_succeeds(sha256_hex(body, strlen(body), vector->payload_hash, &err), err);
    vector->request.headers = vector->headers;
    vector->request.payload_hash = vector->payload_hash;
}

static void read_context(struct vector *vector)
{
    const cJSON *json = vector->context;
    struct err err;
    assert_succeeds(parse_timestamp(json_string_or(json, "timestamp", ""), &vector->scope.time, &err), err);
    vector->scope.region = json_string_or(json, "region", "");
    vector->scope.service = json_string_or(json, "service", "");
    vector->keys.access_key_id = json_string_or(json, "credentials.access_key_id", "");
    vector->keys.secret_access_key = json_string_or(json, "credentials.secret_access_key", "");
    vector->keys.session_token = json_string_or(json, "credentials.token", NULL);
    vector->request.normalise_path = cJSON_IsTrue(json_at(json, "normalize"));
    vector->sign_body = cJSON_IsTrue(json_at(json, "sign_body"));
    vector->sign_token = vector->keys.session_token && !cJSON_IsTrue(json_at(json, "omit_session_token"));
    sigv4_date(vector->scope.time, vector->date);
}

static void vector_load(struct vector *vector, const char *directory)
{
    struct err err = {0};
    AUTO_FREE char *context = read_part(directory, "context.json");
    *vector = (struct vector){.text = read_part(directory, "request.txt")};
    vector->context = json_parse(context, strlen(context), 1u << 20, &err);
    assert_non_null(vector->context);
    read_request(vector);
    read_context(vector);
}

static void vector_free(struct vector *vector)
{
    free(vector->text);
    cJSON_Delete(vector->context);
}

static void assert_chain(const struct vector *vector, const char *directory, bool in_query)
{
    struct err err;
    AUTO_STRBUF struct strbuf canonical = STRBUF_INIT(65536), to_sign = STRBUF_INIT(65536);
    char signature[SHA256_HEX_SIZE];
    assert_succeeds(sigv4_canonical_request(&vector->request, &canonical, &err), err);
    assert_part(directory, in_query ? "query-canonical-request.txt" : "header-canonical-request.txt",
                strbuf_text(&canonical));
    assert_succeeds(sigv4_string_to_sign(&vector->scope, strbuf_text(&canonical), &to_sign, &err), err);
    assert_part(directory, in_query ? "query-string-to-sign.txt" : "header-string-to-sign.txt",
                strbuf_text(&to_sign));
    assert_succeeds(sigv4_signature(vector->keys.secret_access_key, &vector->scope, strbuf_text(&to_sign),
                                    signature, &err),
                    err);
    assert_part(directory, in_query ? "query-signature.txt" : "header-signature.txt", signature);
}

static void check_header_form(const char *directory)
{
    struct err err;
    CLEANUP(vector_free) struct vector vector;
    AUTO_STRBUF struct strbuf authorization = STRBUF_INIT(65536);
    vector_load(&vector, directory);
    add_header(&vector, "X-Amz-Date", vector.date);
    if (vector.sign_token)
        add_header(&vector, "X-Amz-Security-Token", vector.keys.session_token);
    if (vector.sign_body)
        add_header(&vector, "x-amz-content-sha256", vector.payload_hash);
    assert_chain(&vector, directory, false);
    assert_succeeds(sigv4_authorization(&vector.keys, &vector.scope, &vector.request, &authorization, &err),
                    err);
    AUTO_FREE char *wanted = read_part(directory, "header-signed-request.txt");
    if (!strstr(wanted, strbuf_text(&authorization)))
        fail_msg("%s: not in the signed request: %s", directory, strbuf_text(&authorization));
}

/* The query that presigning makes, taken apart again, is what the vector's chain signs. */
static void check_query_form(const char *directory)
{
    struct err err;
    CLEANUP(vector_free) struct vector vector;
    AUTO_STRBUF struct strbuf query = STRBUF_INIT(65536);
    vector_load(&vector, directory);
    if (!vector.sign_token)
        vector.keys.session_token = NULL;
    assert_succeeds(sigv4_presign(&vector.keys, &vector.scope, &vector.request, 3600, &query, &err), err);
    char *signature = strstr(query.data, "&X-Amz-Signature=");
    assert_non_null(signature);
    *signature = '\0';
    assert_part(directory, "query-signature.txt", signature + strlen("&X-Amz-Signature="));
    vector.request.param_count = 0;
    read_query(&vector, query.data);
    assert_chain(&vector, directory, true);
}

static void every_published_vector_holds_in_header_and_query(void **state UNUSED)
{
    const char *root = getenv("SIGV4_VECTORS");
    if (!root)
        skip();
    size_t cases = 0;
    DIR *directory = opendir(root);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        AUTO_FREE char *path = fs_join(root, entry->d_name, NULL);
        if (!fs_is_directory(path))
            continue;
        check_header_form(path);
        check_query_form(path);
        cases++;
    }
    closedir(directory);
    assert_true(cases >= CASES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_the_documented_presigned_link),
        cmocka_unit_test(a_secret_that_is_too_long_is_refused),
        cmocka_unit_test(every_published_vector_holds_in_header_and_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
