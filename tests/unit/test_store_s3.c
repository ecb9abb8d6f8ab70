/* A bucket as a store: keys below its prefix, and what an answer that says "exists" means. */
#include "unit.h"

#include "scripted_aws.h"

#include "storage/store_s3.h"

#define CHECKSUM "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=" /* of "{}" */
#define OTHER_CHECKSUM "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define EXISTS                                                                                               \
    {                                                                                                        \
        .contains = "PUT ", .status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>"          \
    }

static void reads_places_in_s3(void **state UNUSED)
{
    struct err err;
    struct s3_location location;
    assert_succeeds(s3_location_parse("s3://my-bucket/a/b//", &location, &err), err);
    assert_string_equal(location.bucket, "my-bucket");
    assert_string_equal(location.prefix, "a/b/");
    assert_succeeds(s3_location_parse("s3://my-bucket", &location, &err), err);
    assert_string_equal(location.prefix, "");
    assert_fails(s3_location_parse("s3://", &location, &err), err, ERR_USAGE);
    assert_fails(s3_location_parse("s3:///key", &location, &err), err, ERR_USAGE);
    assert_fails(s3_location_parse("s3://Bad_Bucket/x", &location, &err), err, ERR_USAGE);
    assert_fails(s3_location_parse("/tmp/x", &location, &err), err, ERR_USAGE);
}

static void open_store(struct scripted_aws *scripted, struct store *store)
{
    struct err err;
    struct s3_location location;
    assert_succeeds(s3_location_parse("s3://results/pre", &location, &err), err);
    assert_succeeds(store_open_s3(store, &scripted->client, &location, &err), err);
}

static void puts_below_its_prefix_and_never_over_another(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200});
    AUTO_STORE struct store store = {0};
    open_store(&scripted, &store);
    assert_succeeds(store_put(&store, "k.json", "{}", 2, &err), err);
    const char *request = script_request(&scripted.server, 0);
    assert_int_equal(strncmp(request, "PUT /results/pre/k.json HTTP/1.1\r\n", 34), 0);
    assert_non_null(strstr(request, "\r\nIf-None-Match: *\r\n"));
    assert_non_null(strstr(request, "\r\nx-amz-checksum-sha256: " CHECKSUM "\r\n"));
}

static void an_object_that_is_ours_already_is_a_success(void **state UNUSED)
{
    WITH_SCRIPT(EXISTS, {.contains = "HEAD ",
                         .status = 200,
                         .headers = "Content-Length: 2\r\nx-amz-checksum-sha256: " CHECKSUM "\r\n"});
    AUTO_STORE struct store store = {0};
    open_store(&scripted, &store);
    assert_succeeds(store_put(&store, "k.json", "{}", 2, &err), err);
}

static void an_object_of_another_is_an_error(void **state UNUSED)
{
    WITH_SCRIPT(EXISTS, {.contains = "HEAD ",
                         .status = 200,
                         .headers = "Content-Length: 2\r\nx-amz-checksum-sha256: " OTHER_CHECKSUM "\r\n"});
    AUTO_STORE struct store store = {0};
    open_store(&scripted, &store);
    assert_fails(store_put(&store, "k.json", "{}", 2, &err), err, ERR_EXISTS);
    assert_non_null(strstr(err.message, "s3://results/pre/k.json"));
}

static void an_object_of_another_size_is_an_error(void **state UNUSED)
{
    WITH_SCRIPT(EXISTS, {.contains = "HEAD ", .status = 200, .headers = "Content-Length: 3\r\n"});
    AUTO_STORE struct store store = {0};
    open_store(&scripted, &store);
    assert_fails(store_put(&store, "k.json", "{}", 2, &err), err, ERR_EXISTS);
}

static void bytes_decide_where_s3_knows_no_checksum(void **state UNUSED)
{
    WITH_SCRIPT(EXISTS, {.contains = "HEAD ", .status = 200, .headers = "Content-Length: 2\r\n"},
                {.contains = "GET ", .status = 200, .body = "{}", .times = 1},
                {.contains = "GET ", .status = 200, .body = "[]"});
    AUTO_STORE struct store store = {0};
    open_store(&scripted, &store);
    assert_succeeds(store_put(&store, "k.json", "{}", 2, &err), err);
    assert_fails(store_put(&store, "k.json", "{}", 2, &err), err, ERR_EXISTS);
}

static void a_refusal_is_not_taken_for_a_success(void **state UNUSED)
{
    WITH_SCRIPT({.status = 403, .body = "<Error><Code>AccessDenied</Code></Error>"});
    AUTO_STORE struct store store = {0};
    open_store(&scripted, &store);
    assert_fails(store_put(&store, "k.json", "{}", 2, &err), err, ERR_AUTH);
}

static int note_key(void *visitor, const char *key, struct err *err UNUSED)
{
    strbuf_addf(visitor, "%s ", key);
    return 0;
}

static void lists_keys_without_its_prefix_and_without_folders(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200,
                 .body = "<ListBucketResult><IsTruncated>false</IsTruncated>"
                         "<Contents><Key>pre/</Key><Size>0</Size></Contents>"
                         "<Contents><Key>pre/results/</Key><Size>0</Size></Contents>"
                         "<Contents><Key>pre/results/a.json</Key><Size>2</Size></Contents>"
                         "</ListBucketResult>"});
    AUTO_STORE struct store store = {0};
    AUTO_STRBUF struct strbuf keys = STRBUF_INIT(1024);
    open_store(&scripted, &store);
    assert_succeeds(store_list(&store, "res", note_key, &keys, &err), err);
    assert_string_equal(strbuf_text(&keys), "results/a.json ");
    assert_non_null(strstr(script_request(&scripted.server, 0), "prefix=pre%2Fres"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_places_in_s3),
        cmocka_unit_test(puts_below_its_prefix_and_never_over_another),
        cmocka_unit_test(an_object_that_is_ours_already_is_a_success),
        cmocka_unit_test(an_object_of_another_is_an_error),
        cmocka_unit_test(an_object_of_another_size_is_an_error),
        cmocka_unit_test(bytes_decide_where_s3_knows_no_checksum),
        cmocka_unit_test(a_refusal_is_not_taken_for_a_success),
        cmocka_unit_test(lists_keys_without_its_prefix_and_without_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
