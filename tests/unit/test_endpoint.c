#include "unit.h"

#include "aws/endpoint.h"
#include "aws/url.h"

#include <string.h>

static void regions_are_checked_by_their_build(void **state UNUSED)
{
    static const char *const good[] = {"us-east-1",     "eu-central-2",   "us-gov-west-1", "cn-northwest-1",
                                       "us-iso-east-1", "eusc-de-east-1", "mx-central-1"};
    static const char *const bad[] = {"",           "us-east",
                                      "useast1",    "us-east-1a",
                                      "US-EAST-1",  "us--east-1",
                                      "us-east-1/", "us-east-1.evil.com",
                                      "-us-east-1", "us-east-99999999999",
                                      "us east-1",  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbb-1"};
    struct err err;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_succeeds(region_check(good[i], &err), err);
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_fails(region_check(bad[i], &err), err, ERR_CONFIG);
}

static void partitions_follow_from_the_region(void **state UNUSED)
{
    assert_string_equal(region_partition("us-east-1"), "aws");
    assert_string_equal(region_partition("us-gov-east-1"), "aws-us-gov");
    assert_string_equal(region_partition("cn-north-1"), "aws-cn");
    assert_string_equal(region_partition("us-isob-east-1"), "aws-iso-b");
}

static void assert_default(enum aws_service service, const char *region, const char *wanted)
{
    struct err err = {0};
    AUTO_FREE char *endpoint = endpoint_default(service, region, &err);
    assert_string_equal(endpoint, wanted);
    assert_true(endpoint_is_real(endpoint, service, region));
}

static void default_endpoints_are_aws_own(void **state UNUSED)
{
    assert_default(AWS_EC2, "us-east-1", "https://ec2.us-east-1.amazonaws.com");
    assert_default(AWS_S3, "eu-west-1", "https://s3.eu-west-1.amazonaws.com");
    assert_default(AWS_STS, "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn");
    assert_default(AWS_SSM, "us-iso-east-1", "https://ssm.us-iso-east-1.c2s.ic.gov");
}

static void the_price_list_is_asked_in_one_region_of_the_partition(void **state UNUSED)
{
    assert_string_equal(service_region(AWS_EC2, "eu-west-1"), "eu-west-1");
    assert_string_equal(service_region(AWS_PRICING, "eu-west-1"), "us-east-1");
    assert_string_equal(service_region(AWS_PRICING, "cn-north-1"), "cn-northwest-1");
    assert_default(AWS_PRICING, "us-east-1", "https://api.pricing.us-east-1.amazonaws.com");
    assert_default(AWS_PRICING, "eu-west-1", "https://api.pricing.us-east-1.amazonaws.com");
    assert_default(AWS_PRICING, "cn-north-1", "https://api.pricing.cn-northwest-1.amazonaws.com.cn");
    assert_false(endpoint_is_real("https://pricing.us-east-1.amazonaws.com", AWS_PRICING, "us-east-1"));
    assert_false(endpoint_is_real("https://api.pricing.eu-west-1.amazonaws.com", AWS_PRICING, "eu-west-1"));
}

static void documented_variants_are_real(void **state UNUSED)
{
    static const char *const urls[] = {
        "https://ec2.us-east-1.amazonaws.com:443",
        "https://ec2-fips.us-east-1.amazonaws.com",
        "https://ec2.us-east-1.api.aws",
        "https://vpce-0a1b2c3d-xyz.ec2.us-east-1.vpce.amazonaws.com",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        if (!endpoint_is_real(urls[i], AWS_EC2, "us-east-1"))
            fail_msg("%s is AWS's", urls[i]);
    }
    assert_true(endpoint_is_real("https://s3.dualstack.us-east-1.amazonaws.com", AWS_S3, "us-east-1"));
}

static void what_a_customer_could_serve_is_not_real(void **state UNUSED)
{
    static const char *const urls[] = {
        "http://ec2.us-east-1.amazonaws.com",
        "https://ec2.us-east-1.amazonaws.com:8443",
        "https://ec2.eu-west-1.amazonaws.com",
        "https://s3.us-east-1.amazonaws.com",
        "https://bucket.s3.us-east-1.amazonaws.com",
        "https://abc.execute-api.us-east-1.amazonaws.com",
        "https://ec2-203-0-113-7.compute-1.amazonaws.com",
        "https://x.ec2.us-east-1.amazonaws.com",
        "https://lb-1.us-east-1.elb.amazonaws.com",
        "https://vpce-1.vpce-svc-2.us-east-1.vpce.amazonaws.com",
        "https://ec2.us-east-1.amazonaws.com.evil.example",
        "https://ec2.us-east-1.amazonaws.com@127.0.0.1",
        "https://127.0.0.1/ec2.us-east-1.amazonaws.com",
        "https://127.0.0.1#ec2.us-east-1.amazonaws.com",
        "https://127.0.0.1?ec2.us-east-1.amazonaws.com",
        "https://127.0.0.1",
        "https://localhost",
        "ec2.us-east-1.amazonaws.com",
        "",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(urls); i++) {
        if (endpoint_is_real(urls[i], AWS_EC2, "us-east-1"))
            fail_msg("%s could be anybody's", urls[i]);
    }
}

static void custom_endpoints_are_checked(void **state UNUSED)
{
    static const char *const bad[] = {
        "127.0.0.1:5000", "ftp://a/",     "http://",         "http://user:pw@host",
        "http://h?x=1",   "http://h#f",   "http://h:99999",  "file:///etc/passwd",
        "http://a b/",    "http://h?",    "http://h#",       "http://h/a#",
        "http:/h",        "http:///h",    "http:h",          "http://.h",
        "http://a..b",    "http://h/\\b", "http://h\xc3\xa9"};
    char longest[300] = "http://";
    memset(longest + 7, 'a', 254);
    struct err err = {0};
    AUTO_FREE char *endpoint = endpoint_custom("http://127.0.0.1:5000/base/", "AWS_ENDPOINT_URL", &err);
    assert_string_equal(endpoint, "http://127.0.0.1:5000/base");
    assert_null(endpoint_custom(longest, "AWS_ENDPOINT_URL", &err));
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        err_clear(&err);
        if (endpoint_custom(bad[i], "AWS_ENDPOINT_URL", &err))
            fail_msg("%s is no endpoint", bad[i]);
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_non_null(strstr(err.message, "AWS_ENDPOINT_URL"));
    }
}

static bool is_local(const char *text)
{
    AUTO_URL struct url url = {0};
    struct err err;
    assert_succeeds(url_parse(&url, text, &err), err);
    return url_is_local(&url);
}

static void local_addresses_are_told_from_others(void **state UNUSED)
{
    static const char *const local[] = {"http://127.0.0.1:1", "http://127.10.0.9/",
                                        "https://localhost",  "http://169.254.169.254/latest",
                                        "http://[::1]:80",    "http://s3.localhost"};
    static const char *const remote[] = {"http://10.0.0.1",      "http://127.0.0.1.example.com",
                                         "http://169.253.0.1",   "http://localhost.example.com",
                                         "http://[2001:db8::1]", "http://12.7.0.1"};
    for (size_t i = 0; i < ARRAY_LENGTH(local); i++)
        assert_true(is_local(local[i]));
    for (size_t i = 0; i < ARRAY_LENGTH(remote); i++)
        assert_false(is_local(remote[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_are_checked_by_their_build),
        cmocka_unit_test(partitions_follow_from_the_region),
        cmocka_unit_test(default_endpoints_are_aws_own),
        cmocka_unit_test(the_price_list_is_asked_in_one_region_of_the_partition),
        cmocka_unit_test(documented_variants_are_real),
        cmocka_unit_test(what_a_customer_could_serve_is_not_real),
        cmocka_unit_test(custom_endpoints_are_checked),
        cmocka_unit_test(local_addresses_are_told_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
