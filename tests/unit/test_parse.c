#include "unit.h"

#include "base/parse.h"

static void whole_numbers_stop_at_nothing_but_the_end(void **state UNUSED)
{
    struct err err;
    uint64_t value = 0;
    assert_succeeds(parse_u64("18446744073709551615", 0, UINT64_MAX, &value, &err), err);
    assert_int_equal(value, UINT64_MAX);
    assert_fails(parse_u64("18446744073709551616", 0, UINT64_MAX, &value, &err), err, ERR_DATA);
    assert_fails(parse_u64("5x", 0, 10, &value, &err), err, ERR_DATA);
    assert_fails(parse_u64("", 0, 10, &value, &err), err, ERR_DATA);
    assert_fails(parse_u64("-1", 0, 10, &value, &err), err, ERR_DATA);
    assert_fails(parse_u64(" 1", 0, 10, &value, &err), err, ERR_DATA);
    assert_fails(parse_u64("11", 0, 10, &value, &err), err, ERR_DATA);
}

static void durations_take_a_unit(void **state UNUSED)
{
    struct err err;
    uint64_t seconds = 0;
    assert_succeeds(parse_duration("2h", 0, 86400, &seconds, &err), err);
    assert_int_equal(seconds, 7200);
    assert_succeeds(parse_duration("90", 0, 86400, &seconds, &err), err);
    assert_int_equal(seconds, 90);
    assert_fails(parse_duration("2h30", 0, 86400, &seconds, &err), err, ERR_DATA);
    assert_fails(parse_duration("9999999999999999999d", 0, UINT64_MAX, &seconds, &err), err, ERR_DATA);
}

static void sizes_know_both_thousands(void **state UNUSED)
{
    struct err err;
    uint64_t bytes = 0;
    assert_succeeds(parse_size("1GiB", 0, UINT64_MAX, &bytes, &err), err);
    assert_int_equal(bytes, 1073741824);
    assert_succeeds(parse_size("1GB", 0, UINT64_MAX, &bytes, &err), err);
    assert_int_equal(bytes, 1000000000);
    assert_fails(parse_size("1gb", 0, UINT64_MAX, &bytes, &err), err, ERR_DATA);
}

static void timestamps_are_utc_and_exact(void **state UNUSED)
{
    struct err err;
    int64_t seconds = 0;
    assert_succeeds(parse_timestamp("2026-11-20T15:30:45Z", &seconds, &err), err);
    assert_int_equal(seconds, 1795188645);
    assert_succeeds(parse_timestamp("1970-01-01T00:00:01.999Z", &seconds, &err), err);
    assert_int_equal(seconds, 1);
    assert_fails(parse_timestamp("2026-11-20T15:30:45+01:00", &seconds, &err), err, ERR_DATA);
    assert_fails(parse_timestamp("2026-13-20T15:30:45Z", &seconds, &err), err, ERR_DATA);
    assert_fails(parse_timestamp("2026-11-20T15:30:45Zx", &seconds, &err), err, ERR_DATA);
}

static void doubles_are_finite_and_plain(void **state UNUSED)
{
    struct err err;
    double value = 0;
    assert_succeeds(parse_double("-1.5", -2, 2, &value, &err), err);
    assert_true(value == -1.5);
    assert_fails(parse_double("nan", -2, 2, &value, &err), err, ERR_DATA);
    assert_fails(parse_double("1e999", 0, 1e300, &value, &err), err, ERR_DATA);
    assert_fails(parse_double("1.5GB", 0, 2, &value, &err), err, ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_stop_at_nothing_but_the_end),
        cmocka_unit_test(durations_take_a_unit),
        cmocka_unit_test(sizes_know_both_thousands),
        cmocka_unit_test(timestamps_are_utc_and_exact),
        cmocka_unit_test(doubles_are_finite_and_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
