#include "unit.h"

#include "storage/store_s3.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_places_in_s3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
