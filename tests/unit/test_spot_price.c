/* Spot instances: what they cost by EC2's history, and how often they are kept by the advisor's data. */
#include "unit.h"

#include "scripted_aws.h"

#include "aws/spot_advisor.h"
#include "discovery/spot_price.h"

#include <math.h>
#include <string.h>

#define DAY 86400
#define FROM ((int64_t)1800000000)
#define TO (FROM + 7 * DAY)

/* --- the history -----------------------------------------------------------------------------------------
 */

static bool find(const struct ec2_spot_price *items, size_t count, struct spot_price *price)
{
    struct err err;
    bool found = false;
    AUTO_FREE struct ec2_spot_price *copy = malloc(count * sizeof *copy + 1);
    if (count > 0)
        memcpy(copy, items, count * sizeof *copy);
    const struct ec2_spot_prices history = {copy, count};
    assert_succeeds(spot_price_find(&history, "m7i.large", "us-east-1", FROM, TO, price, &found, &err), err);
    return found;
}

static void each_price_weighs_by_how_long_it_held(void **state UNUSED)
{
    /* newest first, as EC2 gives them; the oldest held already when the week began */
    static const struct ec2_spot_price items[] = {
        {"m7i.large", "us-east-1a", 0.04, TO - DAY},
        {"m7i.large", "us-east-1a", 0.02, TO - 3 * DAY},
        {"m7i.large", "us-east-1a", 0.09, FROM - 30 * DAY},
    };
    struct spot_price price;
    assert_true(find(items, ARRAY_LENGTH(items), &price));
    assert_true(price.current == 0.04);
    assert_true(fabs(price.average - (4 * 0.09 + 2 * 0.02 + 0.04) / 7) < 1e-12);
    assert_string_equal(price.zone, "us-east-1a");
}

static void a_zone_that_is_new_counts_from_its_first_price(void **state UNUSED)
{
    static const struct ec2_spot_price items[] = {
        {"m7i.large", "us-east-1a", 0.03, TO - DAY},
        {"m7i.large", "us-east-1a", 0.01, TO - 2 * DAY},
    };
    struct spot_price price;
    assert_true(find(items, ARRAY_LENGTH(items), &price));
    assert_true(fabs(price.average - 0.02) < 1e-12);
}

static void the_zone_that_is_cheapest_now_counts(void **state UNUSED)
{
    static const struct ec2_spot_price items[] = {
        {"m7i.large", "us-east-1b", 0.02, TO - DAY},   {"m7i.large", "us-east-1a", 0.03, FROM - DAY},
        {"m7i.large", "us-east-1b", 0.08, FROM - DAY}, {"m7i.large", "us-east-1-bos-1a", 0.001, FROM},
        {"m7i.xlarge", "us-east-1c", 0.001, FROM},     {"m7i.large", "us-east-2a", 0.001, FROM},
        {"m7i.large", "us-east-1c", 0, FROM},
    };
    struct spot_price price;
    assert_true(find(items, ARRAY_LENGTH(items), &price));
    assert_string_equal(price.zone, "us-east-1b");
    assert_true(price.current == 0.02);
    assert_true(fabs(price.average - (6 * 0.08 + 0.02) / 7) < 1e-12);
}

static void a_price_of_this_second_is_its_own_average(void **state UNUSED)
{
    static const struct ec2_spot_price items[] = {{"m7i.large", "us-east-1a", 0.03, TO + 5}};
    struct spot_price price;
    assert_true(find(items, 1, &price));
    assert_true(price.average == 0.03);
}

static void without_a_price_nothing_is_found(void **state UNUSED)
{
    struct spot_price price;
    assert_false(find(NULL, 0, &price));
}

#define PRICE(zone, price, time)                                                                             \
    "<item><instanceType>m7i.large</instanceType><productDescription>Linux/UNIX</productDescription>"        \
    "<spotPrice>" price "</spotPrice><timestamp>" time "</timestamp><availabilityZone>" zone                 \
    "</availabilityZone></item>"
#define HISTORY(items, token)                                                                                \
    "<DescribeSpotPriceHistoryResponse><spotPriceHistorySet>" items                                          \
    "</spotPriceHistorySet><nextToken>" token "</nextToken></DescribeSpotPriceHistoryResponse>"

static const char *const types[] = {"m7i.large"};

static void the_history_is_read_page_by_page(void **state UNUSED)
{
    WITH_SCRIPT({"NextToken=n", 200, HISTORY(PRICE("us-east-1b", "0.0500", "2027-01-15T08:00:01.000Z"), "")},
                {NULL, 200, HISTORY(PRICE("us-east-1a", "0.040000", "2027-01-15T08:00:00.000Z"), "n")});
    struct ec2_spot_prices list;
    assert_succeeds(ec2_describe_spot_prices(&scripted.client, types, 1, FROM, TO, &list, &err), err);
    assert_int_equal(list.count, 2);
    assert_true(list.items[0].price == 0.04 && list.items[1].price == 0.05);
    assert_int_equal(list.items[0].since, FROM);
    assert_string_equal(list.items[1].zone, "us-east-1b");
    const char *asked = script_request(&scripted.server, 0);
    assert_non_null(strstr(asked, "&InstanceType.1=m7i.large&ProductDescription.1=Linux%2FUNIX"
                                  "&StartTime=2027-01-15T08%3A00%3A00Z&EndTime=2027-01-22T08%3A00%3A00Z"));
    ec2_spot_prices_free(&list);
}

static void prices_that_are_none_are_refused(void **state UNUSED)
{
    WITH_SCRIPT({NULL, 200, HISTORY(PRICE("us-east-1a", "-1", "2027-01-15T08:00:00Z"), ""), 1},
                {NULL, 200, HISTORY(PRICE("us-east-1a", "", "2027-01-15T08:00:00Z"), ""), 1},
                {NULL, 200, HISTORY(PRICE("us-east-1a", "0.1", "today"), "")});
    for (int i = 0; i < 3; i++) {
        struct ec2_spot_prices list;
        assert_fails(ec2_describe_spot_prices(&scripted.client, types, 1, FROM, TO, &list, &err), err,
                     ERR_DATA);
        assert_int_equal(list.count, 0);
    }
}

/* --- the advisor -----------------------------------------------------------------------------------------
 */

#define ADVICE                                                                                               \
    "{\"ranges\":[{\"index\":0,\"label\":\"<5%\",\"dots\":0,\"max\":5},{\"index\":4,\"label\":\">20%\","     \
    "\"dots\":4,\"max\":100},{\"index\":5,\"max\":\"x\"},{\"index\":6,\"max\":101}],\"spot_advisor\":{"      \
    "\"us-east-1\":{\"Linux\":{\"m7i.large\":{\"s\":70,\"r\":0},\"c7i.large\":{\"s\":70,\"r\":4},"           \
    "\"a.b\":{\"r\":5},\"a.c\":{\"r\":6},\"a.d\":{\"r\":9},\"a.e\":{\"r\":\"0\"},\"a.f\":{\"s\":70},"        \
    "\"a.g\":7}}}}"

static void reliability_is_what_the_range_leaves_at_the_least(void **state UNUSED)
{
    WITH_SCRIPT({NULL, 200, ADVICE});
    AUTO_JSON cJSON *advisor = spot_advisor_get(&scripted.client, scripted.server.url, &err);
    assert_non_null(advisor);
    assert_true(spot_advisor_reliability(advisor, "us-east-1", "m7i.large") == 0.95);
    assert_true(spot_advisor_reliability(advisor, "us-east-1", "c7i.large") == 0);
    assert_null(strstr(script_request(&scripted.server, 0), "Authorization"));
}

static void what_the_advisor_does_not_say_is_unknown(void **state UNUSED)
{
    static const char *const unknown[] = {"a.b", "a.c", "a.d", "a.e", "a.f", "a.g", "x9.large"};
    WITH_SCRIPT({NULL, 200, ADVICE});
    AUTO_JSON cJSON *advisor = spot_advisor_get(&scripted.client, scripted.server.url, &err);
    for (size_t i = 0; i < ARRAY_LENGTH(unknown); i++)
        assert_true(isnan(spot_advisor_reliability(advisor, "us-east-1", unknown[i])));
    assert_true(isnan(spot_advisor_reliability(advisor, "eu-west-1", "m7i.large")));
    assert_true(isnan(spot_advisor_reliability(NULL, "us-east-1", "m7i.large")));
}

static void an_advisor_that_gives_something_else_is_an_error(void **state UNUSED)
{
    WITH_SCRIPT({NULL, 200, "<html>", 1}, {NULL, 403, ""});
    assert_null(spot_advisor_get(&scripted.client, scripted.server.url, &err));
    assert_int_equal(err.kind, ERR_DATA);
    assert_null(spot_advisor_get(&scripted.client, scripted.server.url, &err));
    assert_int_equal(err.kind, ERR_NETWORK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_price_weighs_by_how_long_it_held),
        cmocka_unit_test(a_zone_that_is_new_counts_from_its_first_price),
        cmocka_unit_test(the_zone_that_is_cheapest_now_counts),
        cmocka_unit_test(a_price_of_this_second_is_its_own_average),
        cmocka_unit_test(without_a_price_nothing_is_found),
        cmocka_unit_test(the_history_is_read_page_by_page),
        cmocka_unit_test(prices_that_are_none_are_refused),
        cmocka_unit_test(reliability_is_what_the_range_leaves_at_the_least),
        cmocka_unit_test(what_the_advisor_does_not_say_is_unknown),
        cmocka_unit_test(an_advisor_that_gives_something_else_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
