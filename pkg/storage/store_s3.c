#include "storage/store_s3.h"

#include "aws/s3.h"
#include "base/text.h"

#include <string.h>

#define URL_START "s3://"

struct s3_store {
    struct aws_client *client;
    struct s3_location location;
};

bool is_s3_url(const char *text)
{
    return text_starts_with(text, URL_START);
}

int s3_location_parse(const char *url, struct s3_location *location, struct err *err)
{
    *location = (struct s3_location){0};
    if (!is_s3_url(url))
        return err_set(err, ERR_USAGE, "'%.128s' is not of the form s3://BUCKET/PREFIX", url);
    const char *bucket = url + strlen(URL_START);
    size_t bucket_length = strcspn(bucket, "/");
    const char *prefix = bucket + bucket_length;
    prefix += strspn(prefix, "/");
    size_t prefix_length = strlen(prefix);
    while (prefix_length > 0 && prefix[prefix_length - 1] == '/')
        prefix_length--;
    if (bucket_length >= sizeof location->bucket)
        return err_set(err, ERR_USAGE, "'%.128s' has a bucket name of more than 63 characters", url);
    if (prefix_length + 2 > sizeof location->prefix)
        return err_set(err, ERR_USAGE, "'%.128s…' has a prefix of more than 511 characters", url);
    memcpy(location->bucket, bucket, bucket_length);
    snprintf(location->prefix, sizeof location->prefix, "%.*s%s", (int)prefix_length, prefix,
             prefix_length ? "/" : "");
    return s3_check_bucket_name(location->bucket, err);
}

/* The object's own key: the prefix and ours. The caller free()s it. */
static char *object_key(const struct s3_store *store, const char *key, struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(1024); /* S3's own limit */
    strbuf_adds(&text, store->location.prefix);
    strbuf_adds(&text, key);
    return strbuf_take(&text, "an S3 key", err);
}

/* Whether the object that is there already is what we meant to put. S3 may not know a checksum of what
 * another tool put; then the bytes are compared. */
static int confirm_same(const struct s3_store *store, const char *key, const void *data, size_t length,
                        struct err *err)
{
    struct s3_object_info info;
    char wanted[S3_CHECKSUM_SIZE];
    if (s3_head_object(store->client, store->location.bucket, key, &info, err) < 0 ||
        s3_checksum(data, length, wanted, err) < 0)
        return -1;
    bool same = info.size >= 0 && (uint64_t)info.size == length;
    if (same && info.checksum_sha256[0]) {
        same = strcmp(info.checksum_sha256, wanted) == 0;
    } else if (same) {
        size_t present_length = 0;
        AUTO_FREE char *present =
            s3_get_object(store->client, store->location.bucket, key, length, &present_length, err);
        if (!present)
            return -1;
        same = present_length == length && memcmp(present, data, length) == 0;
    }
    return same ? 0
                : err_set(err, ERR_EXISTS, "s3://%s/%s is there already, with other content",
                          store->location.bucket, key);
}

static int put(void *context, const char *key, const void *data, size_t length, struct err *err)
{
    const struct s3_store *store = context;
    struct err failure = {0};
    AUTO_FREE char *object = object_key(store, key, err);
    if (!object)
        return -1;
    struct s3_put request = {
        .bucket = store->location.bucket,
        .key = object,
        .content_type = "application/json",
        .data = data,
        .length = length,
        .only_if_absent = true,
    };
    if (s3_put_object(store->client, &request, &failure) == 0)
        return 0;
    if (failure.kind == ERR_EXISTS)
        return confirm_same(store, object, data, length, err);
    if (err)
        *err = failure;
    return -1;
}

static char *get(void *context, const char *key, size_t max_bytes, size_t *length, struct err *err)
{
    const struct s3_store *store = context;
    AUTO_FREE char *object = object_key(store, key, err);
    if (!object)
        return NULL;
    return s3_get_object(store->client, store->location.bucket, object, max_bytes, length, err);
}

struct listing {
    size_t prefix_length; /* of the store's own prefix, which its keys do not have */
    store_visit visit;
    void *visitor;
};

static int list_object(void *context, const char *key, int64_t size UNUSED, struct err *err)
{
    const struct listing *listing = context;
    size_t length = strlen(key);
    /* A key that ends in a slash is a folder that somebody made in the console. */
    if (length <= listing->prefix_length || key[length - 1] == '/')
        return 0;
    return listing->visit(listing->visitor, key + listing->prefix_length, err);
}

static int list(void *context, const char *prefix, store_visit visit, void *visitor, struct err *err)
{
    const struct s3_store *store = context;
    struct listing listing = {strlen(store->location.prefix), visit, visitor};
    AUTO_FREE char *full = object_key(store, prefix, err);
    if (!full)
        return -1;
    return s3_list_objects(store->client, store->location.bucket, full, list_object, &listing, err);
}

static const struct store_operations s3_operations = {
    .put = put,
    .get = get,
    .list = list,
    .close = free,
};

int store_open_s3(struct store *store, struct aws_client *client, const struct s3_location *location,
                  struct err *err)
{
    struct s3_store *context = calloc(1, sizeof *context);
    if (!context)
        return err_memory(err);
    context->client = client;
    context->location = *location;
    *store = (struct store){&s3_operations, context};
    return 0;
}
