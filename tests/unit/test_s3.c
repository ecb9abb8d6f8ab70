/* S3, SSM and STS: what is sent, and what their answers mean. */
#include "unit.h"

#include "scripted_aws.h"

#include "aws/account.h"
#include "aws/call.h"
#include "aws/s3.h"
#include "aws/ssm.h"
#include "aws/sts.h"

static const struct s3_put example = {
    .bucket = "results",
    .key = "a=b/c d",
    .content_type = "application/json",
    .data = "{}",
    .length = 2,
    .only_if_absent = true,
};
#define EXAMPLE_CHECKSUM "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="

static void bucket_names_are_checked(void **state UNUSED)
{
    static const char *const good[] = {"abc", "my.bucket-1", "123"};
    static const char *const bad[] = {"ab",
                                      "Abc",
                                      "a_b",
                                      "-abc",
                                      "abc-",
                                      "a..b",
                                      "a/b",
                                      "a b",
                                      "",
                                      "abc?x",
                                      "0123456789012345678901234567890123456789012345678901234567890123"};
    struct err err;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_succeeds(s3_check_bucket_name(good[i], &err), err);
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_fails(s3_check_bucket_name(bad[i], &err), err, ERR_USAGE);
}

static void an_object_goes_out_once_with_its_checksums(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200});
    assert_succeeds(s3_put_object(&scripted.client, &example, &err), err);
    const char *request = script_request(&scripted.server, 0);
    assert_int_equal(strncmp(request, "PUT /results/a%3Db/c%20d HTTP/1.1\r\n", 35), 0);
    assert_non_null(strstr(request, "\r\nIf-None-Match: *\r\n"));
    assert_non_null(strstr(request, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(request, "\r\nx-amz-checksum-sha256: " EXAMPLE_CHECKSUM "\r\n"));
    assert_non_null(strstr(request, "\r\nx-amz-content-sha256: "
                                    "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\r\n"));
    assert_non_null(strstr(request, "SignedHeaders=content-type;host;if-none-match;x-amz-checksum-sha256;"
                                    "x-amz-content-sha256;x-amz-date;x-amz-sdk-checksum-algorithm;"
                                    "x-amz-security-token, "));
}

static void overwriting_must_be_asked_for(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200});
    struct s3_put put = example;
    put.only_if_absent = false;
    assert_succeeds(s3_put_object(&scripted.client, &put, &err), err);
    assert_null(strstr(script_request(&scripted.server, 0), "If-None-Match"));
}

static void an_object_that_is_there_already_is_left_alone(void **state UNUSED)
{
    WITH_SCRIPT({.status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>"});
    assert_fails(s3_put_object(&scripted.client, &example, &err), err, ERR_EXISTS);
    assert_int_equal(scripted.server.request_count, 1);
    assert_non_null(strstr(err.message, "s3://results/a=b/c d"));
}

static void a_conflict_with_another_writer_is_waited_out(void **state UNUSED)
{
    WITH_SCRIPT({.status = 409, .body = "<Error><Code>ConditionalRequestConflict</Code></Error>"},
                {.status = 200});
    assert_succeeds(s3_put_object(&scripted.client, &example, &err), err);
    assert_int_equal(scripted.server.request_count, 2);
}

static void a_200_with_an_error_in_it_is_a_failure(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200, .body = "<?xml version=\"1.0\"?><Error><Code>InternalError</Code></Error>"});
    assert_fails(s3_put_object(&scripted.client, &example, &err), err, ERR_NETWORK);
    assert_int_equal(scripted.server.request_count, 3);
}

static void a_bucket_in_another_region_is_said_to_be_there(void **state UNUSED)
{
    WITH_SCRIPT({.status = 301, .headers = "x-amz-bucket-region: eu-west-1\r\n"});
    assert_fails(s3_head_bucket(&scripted.client, "results", &err), err, ERR_CONFIG);
    assert_non_null(strstr(err.message, "eu-west-1"));
    assert_int_equal(strncmp(script_request(&scripted.server, 0), "HEAD /results HTTP/1.1\r\n", 24), 0);
}

static void a_bucket_without_permission_or_existence_says_which(void **state UNUSED)
{
    WITH_SCRIPT({.status = 403}, {.status = 404}, {.status = 400}, {.status = 200});
    assert_fails(s3_head_bucket(&scripted.client, "results", &err), err, ERR_AUTH);
    assert_fails(s3_head_bucket(&scripted.client, "results", &err), err, ERR_NOT_FOUND);
    assert_fails(s3_head_bucket(&scripted.client, "results", &err), err, ERR_AUTH);
    assert_succeeds(s3_head_bucket(&scripted.client, "results", &err), err);
}

static void an_objects_size_and_checksum_are_told(void **state UNUSED)
{
    WITH_SCRIPT(
        {.status = 200,
         .headers = "Content-Length: 2\r\nETag: \"e\"\r\nx-amz-checksum-sha256: " EXAMPLE_CHECKSUM "\r\n"},
        {.status = 200, .headers = "Content-Length: 7\r\nx-amz-checksum-sha256: short\r\n"}, {.status = 404});
    struct s3_object_info info;
    assert_succeeds(s3_head_object(&scripted.client, "results", "k", &info, &err), err);
    assert_int_equal(info.size, 2);
    assert_string_equal(info.checksum_sha256, EXAMPLE_CHECKSUM);
    assert_non_null(strstr(script_request(&scripted.server, 0), "\r\nx-amz-checksum-mode: ENABLED\r\n"));
    assert_succeeds(s3_head_object(&scripted.client, "results", "k", &info, &err), err);
    assert_string_equal(info.checksum_sha256, "");
    assert_fails(s3_head_object(&scripted.client, "results", "k", &info, &err), err, ERR_NOT_FOUND);
}

static void the_checksum_is_that_of_the_bytes(void **state UNUSED)
{
    struct err err;
    char checksum[S3_CHECKSUM_SIZE];
    assert_succeeds(s3_checksum("{}", 2, checksum, &err), err);
    assert_string_equal(checksum, EXAMPLE_CHECKSUM);
}

static void bytes_that_do_not_match_their_checksum_are_not_handed_out(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200, .headers = "x-amz-checksum-sha256: " EXAMPLE_CHECKSUM "\r\n", .body = "{}"},
                {.status = 200, .headers = "x-amz-checksum-sha256: " EXAMPLE_CHECKSUM "\r\n", .body = "{]"},
                {.status = 200, .body = "{]"}, {.status = 200, .body = "too long"});
    size_t length = 0;
    AUTO_FREE char *good = s3_get_object(&scripted.client, "results", "k", 4, &length, &err);
    assert_string_equal(good, "{}");
    assert_int_equal(length, 2);
    assert_null(s3_get_object(&scripted.client, "results", "k", 4, &length, &err));
    assert_int_equal(err.kind, ERR_DATA);
    AUTO_FREE char *unchecked = s3_get_object(&scripted.client, "results", "k", 4, &length, &err);
    assert_string_equal(unchecked, "{]");
    assert_null(s3_get_object(&scripted.client, "results", "k", 4, &length, &err));
    assert_int_equal(err.kind, ERR_DATA);
}

static int note_key(void *context, const char *key, int64_t size, struct err *err UNUSED)
{
    strbuf_addf(context, "%s:%lld ", key, (long long)size);
    return 0;
}

static int refuse_key(void *context UNUSED, const char *key UNUSED, int64_t size UNUSED, struct err *err)
{
    return err_set(err, ERR_INTERNAL, "enough");
}

#define CONTENTS(key) "<Contents><Key>" key "</Key><Size>1</Size></Contents>"

static void keys_are_listed_page_after_page(void **state UNUSED)
{
    WITH_SCRIPT(
        {.status = 200,
         .body = "<ListBucketResult>" CONTENTS("a") CONTENTS(
             "b&amp;") "<IsTruncated>true</IsTruncated><NextContinuationToken>t/=</NextContinuationToken>"
                       "</ListBucketResult>"},
        {.status = 200,
         .body = "<ListBucketResult>" CONTENTS("c") "<IsTruncated>false</IsTruncated></ListBucketResult>"});
    AUTO_STRBUF struct strbuf seen = STRBUF_INIT(1024);
    assert_succeeds(s3_list_objects(&scripted.client, "results", "p/", note_key, &seen, &err), err);
    assert_string_equal(strbuf_text(&seen), "a:1 b&:1 c:1 ");
    assert_int_equal(
        strncmp(script_request(&scripted.server, 0), "GET /results?list-type=2&prefix=p%2F HTTP/1.1\r\n", 46),
        0);
    assert_non_null(strstr(script_request(&scripted.server, 1),
                           "GET /results?continuation-token=t%2F%3D&list-type=2&prefix=p%2F HTTP/1.1\r\n"));
    assert_fails(s3_list_objects(&scripted.client, "results", "p/", refuse_key, NULL, &err), err,
                 ERR_INTERNAL);
}

static int note_upload(void *context, const struct s3_upload *upload, struct err *err UNUSED)
{
    strbuf_addf(context, "%s:%s:%lld ", upload->key, upload->upload_id, (long long)upload->initiated);
    return 0;
}

#define UPLOAD(key, id)                                                                                      \
    "<Upload><Key>" key "</Key><UploadId>" id "</UploadId><Initiated>2027-01-15T08:00:00.000Z</Initiated>"   \
    "</Upload>"

static void unfinished_uploads_are_listed_page_after_page(void **state UNUSED)
{
    WITH_SCRIPT(
        {.status = 200,
         .body = "<R>" UPLOAD("p/a", "1") UPLOAD(
             "p/a",
             "2") "<IsTruncated>true</IsTruncated>"
                  "<NextKeyMarker>p/a</NextKeyMarker><NextUploadIdMarker>2/=</NextUploadIdMarker></R>"},
        {.status = 200, .body = "<R>" UPLOAD("p/b", "3") "<IsTruncated>false</IsTruncated></R>"},
        {.status = 200, .body = "<R><Upload><Initiated>yesterday</Initiated></Upload></R>"});
    AUTO_STRBUF struct strbuf seen = STRBUF_INIT(1024);
    assert_succeeds(s3_list_multipart_uploads(&scripted.client, "results", "p/", note_upload, &seen, &err),
                    err);
    assert_string_equal(strbuf_text(&seen), "p/a:1:1800000000 p/a:2:1800000000 p/b:3:1800000000 ");
    assert_non_null(
        strstr(script_request(&scripted.server, 0), "GET /results?prefix=p%2F&uploads= HTTP/1.1\r\n"));
    assert_non_null(strstr(script_request(&scripted.server, 1),
                           "GET /results?key-marker=p%2Fa&prefix=p%2F&upload-id-marker=2%2F%3D&uploads= "
                           "HTTP/1.1\r\n"));
    assert_fails(s3_list_multipart_uploads(&scripted.client, "results", "p/", note_upload, &seen, &err), err,
                 ERR_DATA);
}

static void an_upload_is_aborted_by_its_id(void **state UNUSED)
{
    WITH_SCRIPT({.status = 204}, {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"});
    assert_succeeds(s3_abort_multipart_upload(&scripted.client, "results", "p/a", "u/1", &err), err);
    assert_non_null(
        strstr(script_request(&scripted.server, 0), "DELETE /results/p/a?uploadId=u%2F1 HTTP/1.1\r\n"));
    assert_fails(s3_abort_multipart_upload(&scripted.client, "results", "p/a", "u/1", &err), err,
                 ERR_NOT_FOUND);
}

/* The request that would go to AWS itself, sent to the scripted server by way of a proxy. */
static void the_bucket_is_part_of_the_host_at_aws_own_endpoint_only(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200});
    char proxy[64];
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", scripted.server.port);
    setenv("http_proxy", proxy, 1);
    free(scripted.aws->endpoints[AWS_S3]);
    scripted.aws->endpoints[AWS_S3] = strdup("http://s3.us-east-1.example.com");
    scripted.aws->real[AWS_S3] = true;
    int plain = s3_head_bucket(&scripted.client, "results", &err);
    int dotted = s3_head_bucket(&scripted.client, "my.results", &err);
    unsetenv("http_proxy");
    assert_true(plain == 0 && dotted == 0);
    assert_non_null(
        strstr(script_request(&scripted.server, 0), "\r\nHost: results.s3.us-east-1.example.com\r\n"));
    assert_int_equal(
        strncmp(script_request(&scripted.server, 0), "HEAD http://results.s3.us-east-1.example.com/ ", 46),
        0);
    assert_int_equal(
        strncmp(script_request(&scripted.server, 1), "HEAD http://s3.us-east-1.example.com/my.results ", 48),
        0);
}

static void a_parameter_is_asked_for_by_name(void **state UNUSED)
{
    WITH_SCRIPT({.status = 200, .body = "{\"Parameter\":{\"Name\":\"/a\",\"Value\":\"ami-1\"}}"},
                {.status = 400, .body = "{\"__type\":\"ParameterNotFound\"}"},
                {.status = 200, .body = "{\"Parameter\":{\"Value\":5}}"});
    AUTO_FREE char *value = ssm_get_parameter(&scripted.client, "/a\"", &err);
    assert_string_equal(value, "ami-1");
    assert_non_null(
        strstr(script_request(&scripted.server, 0), "\r\nX-Amz-Target: AmazonSSM.GetParameter\r\n"));
    assert_non_null(strstr(script_request(&scripted.server, 0), "\r\n\r\n{\"Name\":\"/a\\\"\"}"));
    assert_null(ssm_get_parameter(&scripted.client, "/b", &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_null(ssm_get_parameter(&scripted.client, "/c", &err));
    assert_int_equal(err.kind, ERR_DATA);
}

static void the_callers_identity_is_read(void **state UNUSED)
{
    WITH_SCRIPT(
        {.status = 200,
         .body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/u</Arn>"
                 "<UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
                 "</GetCallerIdentityResponse>"},
        {.status = 403, .body = "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"});
    struct sts_identity identity;
    assert_succeeds(sts_get_caller_identity(&scripted.client, &identity, &err), err);
    assert_string_equal(identity.account, "123456789012");
    assert_string_equal(identity.arn, "arn:aws:iam::1:user/u");
    assert_fails(sts_get_caller_identity(&scripted.client, &identity, &err), err, ERR_AUTH);
    assert_non_null(strstr(err.message, "expired"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket_names_are_checked),
        cmocka_unit_test(an_object_goes_out_once_with_its_checksums),
        cmocka_unit_test(overwriting_must_be_asked_for),
        cmocka_unit_test(an_object_that_is_there_already_is_left_alone),
        cmocka_unit_test(a_conflict_with_another_writer_is_waited_out),
        cmocka_unit_test(a_200_with_an_error_in_it_is_a_failure),
        cmocka_unit_test(a_bucket_in_another_region_is_said_to_be_there),
        cmocka_unit_test(a_bucket_without_permission_or_existence_says_which),
        cmocka_unit_test(an_objects_size_and_checksum_are_told),
        cmocka_unit_test(the_checksum_is_that_of_the_bytes),
        cmocka_unit_test(bytes_that_do_not_match_their_checksum_are_not_handed_out),
        cmocka_unit_test(keys_are_listed_page_after_page),
        cmocka_unit_test(unfinished_uploads_are_listed_page_after_page),
        cmocka_unit_test(an_upload_is_aborted_by_its_id),
        cmocka_unit_test(the_bucket_is_part_of_the_host_at_aws_own_endpoint_only),
        cmocka_unit_test(a_parameter_is_asked_for_by_name),
        cmocka_unit_test(the_callers_identity_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
