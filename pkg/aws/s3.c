#include "aws/s3.h"

#include "aws/account.h"
#include "aws/call.h"
#include "base/digest.h"
#include "base/parse.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PATH (8u << 10) /* a key has at most 1024 bytes, each encoded as three characters */
#define MAX_PAGES 100000

/* A bucket and a key, as a request names them. */
struct location {
    const char *host_prefix; /* the bucket where it is part of the host name */
    struct strbuf path;
};

static void location_free(struct location *location)
{
    strbuf_free(&location->path);
}
#define AUTO_LOCATION CLEANUP(location_free)

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
int s3_check_bucket_name(const char *bucket, struct err *err)
{
    size_t length = strlen(bucket);
    bool good = length >= 3 && length <= 63 && is_alphanumeric(bucket[0]) &&
                is_alphanumeric(bucket[length - 1]) && !strstr(bucket, "..");
    for (size_t i = 0; good && i < length; i++)
        good = is_alphanumeric(bucket[i]) || bucket[i] == '-' || bucket[i] == '.';
    if (good)
        return 0;
    return err_set(
        err, ERR_USAGE,
        "'%.80s' can't be a bucket: names have 3 to 63 of a-z, 0-9, '-' and '.', with a letter or digit "
        "at both ends",
        bucket);
}

/* key NULL: the bucket itself. */
static int locate(const struct aws *aws, const char *bucket, const char *key, struct location *location,
                  struct err *err)
{
    /* A certificate for *.s3.REGION.amazonaws.com does not cover a name with more dots. */
    bool in_host = aws->real[AWS_S3] && !strchr(bucket, '.');
    *location = (struct location){.path = STRBUF_INIT(MAX_PATH)};
    if (s3_check_bucket_name(bucket, err) < 0)
        return -1;
    strbuf_addc(&location->path, '/');
    if (in_host)
        location->host_prefix = bucket;
    else
        strbuf_addf(&location->path, key ? "%s/" : "%s", bucket);
    if (key)
        uri_encode(&location->path, key, true);
    return strbuf_ok(&location->path, "the object's path", err);
}

static struct aws_call call_at(const struct location *location, const char *action, const char *method)
{
    return (struct aws_call){
        .service = AWS_S3,
        .action = action,
        .method = method,
        .host_prefix = location->host_prefix,
        .path = strbuf_text(&location->path),
        .expects = CALL_NOTHING,
    };
}

/* The answers to HEAD have no body to say what is wrong, or which permission lacks. */
static int explain_head(const struct aws_client *client, const struct http_response *response,
                        const char *what, const char *permission, struct err *err)
{
    if (response->bucket_region[0] && strcmp(response->bucket_region, aws_region(client->aws)) != 0)
        return err_set(err, ERR_CONFIG, "%s is in region %.40s, not in %s", what, response->bucket_region,
                       aws_region(client->aws));
    if (response->status == 400)
        return err_set(err, ERR_AUTH, "%s: S3 refuses the request; the credentials may have expired", what);
    if (response->status == 403)
        return err_set(err, ERR_AUTH, "%s: these credentials have no permission for it (%s)", what,
                       permission);
    if (response->status == 404)
        return err_set(err, ERR_NOT_FOUND, "%s does not exist", what);
    return err_prepend(err, "%s", what);
}

int s3_head_bucket(struct aws_client *client, const char *bucket, struct err *err)
{
    AUTO_LOCATION struct location location;
    AUTO_ANSWER struct aws_answer answer = {0};
    if (locate(client->aws, bucket, NULL, &location, err) < 0)
        return -1;
    const struct aws_call call = call_at(&location, "HeadBucket", "HEAD");
    if (aws_call(client, &call, &answer, err) == 0)
        return 0;
    AUTO_STRBUF struct strbuf what = STRBUF_INIT(128);
    strbuf_addf(&what, "bucket %s", bucket);
    return explain_head(client, &answer.http, strbuf_text(&what), "s3:ListBucket", err);
}

int s3_checksum(const void *data, size_t length, char checksum[S3_CHECKSUM_SIZE], struct err *err)
{
    unsigned char digest[SHA256_BYTES];
    AUTO_STRBUF struct strbuf base64 = STRBUF_INIT(S3_CHECKSUM_SIZE);
    if (sha256(data, length, digest, err) < 0)
        return -1;
    base64_encode(&base64, digest, sizeof digest);
    if (strbuf_ok(&base64, "the checksum", err) < 0)
        return -1;
    memcpy(checksum, strbuf_text(&base64), S3_CHECKSUM_SIZE);
    return 0;
}

static int put_with_checksum(struct aws_client *client, const struct s3_put *put, const char *checksum,
                             const char *wanted_fault, struct err *err)
{
    AUTO_LOCATION struct location location;
    AUTO_ANSWER struct aws_answer answer = {0};
    if (locate(client->aws, put->bucket, put->key, &location, err) < 0)
        return -1;
    struct aws_call call = call_at(&location, "PutObject", "PUT");
    const struct http_header headers[] = {
        {"Content-Type", put->content_type ? put->content_type : "application/octet-stream"},
        {"x-amz-checksum-sha256", checksum},
        {"x-amz-sdk-checksum-algorithm", "SHA256"},
        {put->only_if_absent ? "If-None-Match" : NULL, "*"},
    };
    memcpy(call.headers, headers, sizeof headers);
    call.body = put->data;
    call.body_length = put->length;
    call.wanted_fault = wanted_fault;
    return aws_call(client, &call, &answer, err);
}

int s3_put_object(struct aws_client *client, const struct s3_put *put, struct err *err)
{
    char checksum[S3_CHECKSUM_SIZE];
    if (s3_checksum(put->data, put->length, checksum, err) < 0)
        return -1;
    if (put_with_checksum(client, put, checksum, NULL, err) == 0)
        return 0;
    return err_prepend(err, "s3://%s/%s", put->bucket, put->key);
}

int s3_check_put(struct aws_client *client, const char *bucket, const char *key, struct err *err)
{
    static const char sent[] = "whether this may be written";
    static const char other[] = "something else";
    struct s3_put put = {.bucket = bucket, .key = key, .data = sent, .length = strlen(sent)};
    char wrong_checksum[S3_CHECKSUM_SIZE];
    if (s3_checksum(other, strlen(other), wrong_checksum, err) < 0)
        return -1;
    if (put_with_checksum(client, &put, wrong_checksum, "BadDigest", err) == 0)
        return err_set(err, ERR_CONFIG,
                       "s3://%s/%s: S3 took bytes that do not have their checksum: not a store to trust",
                       bucket, key);
    if (strcmp(err->code, "BadDigest") == 0 || strcmp(err->code, "XAmzContentChecksumMismatch") == 0) {
        err_clear(err);
        return 0;
    }
    return err_prepend(err, "s3://%s may not be written to", bucket);
}

int s3_head_object(struct aws_client *client, const char *bucket, const char *key,
                   struct s3_object_info *info, struct err *err)
{
    AUTO_LOCATION struct location location;
    AUTO_ANSWER struct aws_answer answer = {0};
    *info = (struct s3_object_info){0};
    if (locate(client->aws, bucket, key, &location, err) < 0)
        return -1;
    struct aws_call call = call_at(&location, "HeadObject", "HEAD");
    call.headers[0] = (struct http_header){"x-amz-checksum-mode", "ENABLED"};
    if (aws_call(client, &call, &answer, err) < 0) {
        AUTO_STRBUF struct strbuf what = STRBUF_INIT(MAX_PATH);
        strbuf_addf(&what, "s3://%s/%s", bucket, key);
        return explain_head(client, &answer.http, strbuf_text(&what), "s3:GetObject, s3:ListBucket", err);
    }
    info->size = answer.http.content_length;
    memcpy(info->etag, answer.http.etag, sizeof info->etag);
    if (strlen(answer.http.checksum_sha256) == S3_CHECKSUM_SIZE - 1)
        memcpy(info->checksum_sha256, answer.http.checksum_sha256, S3_CHECKSUM_SIZE);
    return 0;
}

/* Whether the bytes are those that S3 has the checksum of; an object put by others may have none. */
static int check_content(const struct http_response *response, struct err *err)
{
    char checksum[S3_CHECKSUM_SIZE];
    if (strlen(response->checksum_sha256) != S3_CHECKSUM_SIZE - 1)
        return 0;
    if (s3_checksum(response->body, response->length, checksum, err) < 0)
        return -1;
    if (strcmp(checksum, response->checksum_sha256) == 0)
        return 0;
    return err_set(err, ERR_DATA, "the bytes do not match their checksum");
}

char *s3_get_object(struct aws_client *client, const char *bucket, const char *key, size_t max_bytes,
                    size_t *length, struct err *err)
{
    AUTO_LOCATION struct location location;
    AUTO_ANSWER struct aws_answer answer = {0};
    if (locate(client->aws, bucket, key, &location, err) < 0)
        return NULL;
    struct aws_call call = call_at(&location, "GetObject", "GET");
    call.headers[0] = (struct http_header){"x-amz-checksum-mode", "ENABLED"};
    call.max_answer = max_bytes;
    call.expects = CALL_BYTES;
    if (aws_call(client, &call, &answer, err) < 0 || check_content(&answer.http, err) < 0) {
        err_prepend(err, "s3://%s/%s", bucket, key);
        return NULL;
    }
    *length = answer.http.length;
    return TAKE(answer.http.body);
}

/* --- listing -------------------------------------------------------------------------------------------- */

static int visit_page(const struct xml_node *root, s3_visit visit, void *context, struct err *err)
{
    for (const struct xml_node *item = xml_at(root, "Contents"); item; item = xml_next(item)) {
        uint64_t size = 0;
        if (xml_u64(item, "Size", INT64_MAX, &size, err) < 0)
            return -1;
        if (visit(context, xml_text(item, "Key"), (int64_t)size, err) < 0)
            return -1;
    }
    return 0;
}

/* token: where the page begins, and afterwards where the next one does; empty at both ends. */
static int list_page(struct aws_client *client, const struct location *location, const char *prefix,
                     struct strbuf *token, s3_visit visit, void *context, struct err *err)
{
    AUTO_ANSWER struct aws_answer answer = {0};
    struct uri_param params[] = {
        {"list-type", "2"},
        {"prefix", prefix},
        {"continuation-token", strbuf_text(token)},
    };
    struct aws_call call = call_at(location, "ListObjectsV2", "GET");
    call.params = params;
    call.param_count = token->length > 0 ? 3 : 2;
    call.expects = CALL_XML;
    if (aws_call(client, &call, &answer, err) < 0)
        return -1;
    const struct xml_node *root = xml_root(answer.xml);
    strbuf_reset(token);
    if (xml_is_true(root, "IsTruncated"))
        strbuf_adds(token, xml_text(root, "NextContinuationToken"));
    if (strbuf_ok(token, "the token of the next page", err) < 0)
        return -1;
    return visit_page(root, visit, context, err);
}

int s3_list_objects(struct aws_client *client, const char *bucket, const char *prefix, s3_visit visit,
                    void *context, struct err *err)
{
    AUTO_LOCATION struct location location;
    AUTO_STRBUF struct strbuf token = STRBUF_INIT(4096);
    if (locate(client->aws, bucket, NULL, &location, err) < 0)
        return -1;
    for (unsigned page = 0; page < MAX_PAGES; page++) {
        if (list_page(client, &location, prefix ? prefix : "", &token, visit, context, err) < 0)
            return err_prepend(err, "s3://%s", bucket);
        if (token.length == 0)
            return 0;
    }
    return err_set(err, ERR_DATA, "s3://%s: the list has no end after %d pages", bucket, MAX_PAGES);
}

/* --- uploads in parts ----------------------------------------------------------------------------------- */

static int visit_uploads(const struct xml_node *root, s3_visit_upload visit, void *context, struct err *err)
{
    for (const struct xml_node *item = xml_at(root, "Upload"); item; item = xml_next(item)) {
        const char *initiated = xml_text(item, "Initiated");
        struct s3_upload upload = {.key = xml_text(item, "Key"), .upload_id = xml_text(item, "UploadId")};
        if (*initiated && parse_timestamp(initiated, &upload.initiated, err) < 0)
            return err_prepend(err, "Initiated");
        if (visit(context, &upload, err) < 0)
            return -1;
    }
    return 0;
}

/* Where the next page begins; both empty at both ends. */
struct upload_markers {
    struct strbuf key;
    struct strbuf upload_id;
};

static void upload_markers_free(struct upload_markers *markers)
{
    strbuf_free(&markers->key);
    strbuf_free(&markers->upload_id);
}

static int next_page(const struct xml_node *root, struct upload_markers *markers, struct err *err)
{
    strbuf_reset(&markers->key);
    strbuf_reset(&markers->upload_id);
    if (xml_is_true(root, "IsTruncated")) {
        strbuf_adds(&markers->key, xml_text(root, "NextKeyMarker"));
        strbuf_adds(&markers->upload_id, xml_text(root, "NextUploadIdMarker"));
    }
    if (strbuf_ok(&markers->key, "the key marker", err) < 0)
        return -1;
    return strbuf_ok(&markers->upload_id, "the upload marker", err);
}

static int list_uploads_page(struct aws_client *client, const struct location *location, const char *prefix,
                             struct upload_markers *markers, s3_visit_upload visit, void *context,
                             struct err *err)
{
    AUTO_ANSWER struct aws_answer answer = {0};
    struct uri_param params[] = {
        {"uploads", ""},
        {"prefix", prefix},
        {"key-marker", strbuf_text(&markers->key)},
        {"upload-id-marker", strbuf_text(&markers->upload_id)},
    };
    struct aws_call call = call_at(location, "ListMultipartUploads", "GET");
    call.params = params;
    call.param_count = markers->key.length > 0 ? 4 : 2;
    call.expects = CALL_XML;
    if (aws_call(client, &call, &answer, err) < 0)
        return -1;
    const struct xml_node *root = xml_root(answer.xml);
    if (next_page(root, markers, err) < 0)
        return -1;
    return visit_uploads(root, visit, context, err);
}

int s3_list_multipart_uploads(struct aws_client *client, const char *bucket, const char *prefix,
                              s3_visit_upload visit, void *context, struct err *err)
{
    AUTO_LOCATION struct location location;
    CLEANUP(upload_markers_free)
    struct upload_markers markers = {STRBUF_INIT(4096), STRBUF_INIT(4096)};
    if (locate(client->aws, bucket, NULL, &location, err) < 0)
        return -1;
    for (unsigned page = 0; page < MAX_PAGES; page++) {
        if (list_uploads_page(client, &location, prefix, &markers, visit, context, err) < 0)
            return err_prepend(err, "s3://%s", bucket);
        if (markers.key.length == 0)
            return 0;
    }
    return err_set(err, ERR_DATA, "s3://%s: the list has no end after %d pages", bucket, MAX_PAGES);
}

int s3_abort_multipart_upload(struct aws_client *client, const char *bucket, const char *key,
                              const char *upload_id, struct err *err)
{
    AUTO_LOCATION struct location location;
    AUTO_ANSWER struct aws_answer answer = {0};
    if (locate(client->aws, bucket, key, &location, err) < 0)
        return -1;
    struct uri_param params[] = {{"uploadId", upload_id}};
    struct aws_call call = call_at(&location, "AbortMultipartUpload", "DELETE");
    call.params = params;
    call.param_count = 1;
    if (aws_call(client, &call, &answer, err) < 0)
        return err_prepend(err, "s3://%s/%s", bucket, key);
    return 0;
}
