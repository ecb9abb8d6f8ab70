/* The Price List: what it is asked, and what is believed of its answers. */
#include "unit.h"

#include "scripted_aws.h"

#include "aws/pricing.h"

#include <math.h>
#include <string.h>

/* A product as AWS writes it. */
#define ATTRIBUTES(type, region, more)                                                                       \
    "{\"instanceType\":\"" type "\",\"regionCode\":\"" region "\",\"operatingSystem\":\"Linux\","            \
    "\"tenancy\":\"Shared\",\"preInstalledSw\":\"NA\",\"capacitystatus\":\"Used\"" more "}"
#define TERM(attributes, unit, price)                                                                        \
    "{\"sku\":\"S\",\"termAttributes\":" attributes ",\"priceDimensions\":{\"S.T.R\":{\"unit\":\"" unit      \
    "\",\"beginRange\":\"0\",\"endRange\":\"Inf\",\"pricePerUnit\":{" price "}}}}"
#define LEASE(length, class, option)                                                                         \
    "{\"LeaseContractLength\":\"" length "\",\"OfferingClass\":\"" class "\",\"PurchaseOption\":\"" option   \
                                                                         "\"}"
#define PRODUCT(attributes, on_demand, reserved)                                                             \
    "{\"product\":{\"sku\":\"S\",\"attributes\":" attributes "},\"terms\":{\"OnDemand\":{" on_demand         \
    "},\"Reserved\":{" reserved "}},\"version\":\"1\",\"publicationDate\":\"2026-11-18T22:09:41Z\"}"
#define PLAIN ATTRIBUTES("m7i.large", "us-east-1", "")
#define ON_DEMAND(price) "\"S.OD\":" TERM("{}", "Hrs", "\"USD\":\"" price "\"")

#define LEASED(name, length, class, option, price)                                                           \
    "\"" name "\":" TERM(LEASE(length, class, option), "Hrs", "\"USD\":\"" price "\"")
#define ONE_YEAR LEASED("S.1", "1yr", "standard", "No Upfront", "0.0635000000")
#define THREE_YEARS LEASED("S.2", "3yr", "standard", "No Upfront", "0.0435000000")
#define CONVERTIBLE LEASED("S.3", "1yr", "convertible", "No Upfront", "9")
#define PAID_UPFRONT LEASED("S.4", "3yr", "standard", "All Upfront", "9")

static const char whole[] =
    PRODUCT(PLAIN, ON_DEMAND("0.1008000000"), ONE_YEAR "," THREE_YEARS "," CONVERTIBLE "," PAID_UPFRONT);

static int read_product(const char *text, struct listed_prices *prices, struct err *err)
{
    *prices = listed_prices_none();
    return price_list_read(text, strlen(text), "m7i.large", "us-east-1", prices, err);
}

static void assert_unknown(const char *text)
{
    struct err err;
    struct listed_prices prices;
    assert_succeeds(read_product(text, &prices, &err), err);
    if (!isnan(prices.on_demand) || !isnan(prices.reserved_1yr) || !isnan(prices.reserved_3yr))
        fail_msg("a price was found in %s", text);
}

static void a_product_has_its_prices_by_the_hour(void **state UNUSED)
{
    struct err err;
    struct listed_prices prices;
    assert_succeeds(read_product(whole, &prices, &err), err);
    assert_true(prices.on_demand == 0.1008);
    assert_true(prices.reserved_1yr == 0.0635);
    assert_true(prices.reserved_3yr == 0.0435);
    assert_string_equal(prices.published, "2026-11-18T22:09:41Z");
}

static void what_is_not_reserved_without_upfront_has_no_such_price(void **state UNUSED)
{
    struct err err;
    struct listed_prices prices;
    assert_succeeds(read_product(PRODUCT(PLAIN, ON_DEMAND("0.1"), ""), &prices, &err), err);
    assert_true(prices.on_demand == 0.1);
    assert_true(isnan(prices.reserved_1yr) && isnan(prices.reserved_3yr));
}

static void another_product_says_nothing(void **state UNUSED)
{
    assert_unknown(PRODUCT(ATTRIBUTES("m7i.xlarge", "us-east-1", ""), ON_DEMAND("0.2"), ""));
    assert_unknown(PRODUCT(ATTRIBUTES("m7i.large", "eu-west-1", ""), ON_DEMAND("0.2"), ""));
    assert_unknown(PRODUCT(ATTRIBUTES("m7i.large", "us-east-1", ",\"marketoption\":\"CapacityBlock\""),
                           ON_DEMAND("0.2"), ""));
    assert_unknown("{\"product\":{\"attributes\":{\"instanceType\":\"m7i.large\"}},\"terms\":{}}");
}

static void what_is_no_hourly_price_in_dollars_says_nothing(void **state UNUSED)
{
    assert_unknown(PRODUCT(PLAIN, "\"S.OD\":" TERM("{}", "Quantity", "\"USD\":\"0.2\""), ""));
    assert_unknown(PRODUCT(PLAIN, "\"S.OD\":" TERM("{}", "Hrs", "\"CNY\":\"0.2\""), ""));
    assert_unknown(PRODUCT(PLAIN, "\"S.OD\":" TERM("{}", "Hrs", "\"USD\":0.2"), ""));
    assert_unknown(PRODUCT(PLAIN, ON_DEMAND("0.0000000000"), ""));
}

static void text_that_is_no_product_is_refused_or_says_nothing(void **state UNUSED)
{
    static const char *const refused[] = {
        "",
        "{",
        "not JSON",
        whole + 1,
        "{\"product\":1,\"product\":2}",
        PRODUCT(PLAIN, ON_DEMAND("-1"), ""),
        PRODUCT(PLAIN, ON_DEMAND("1e9"), ""),
        PRODUCT(PLAIN, ON_DEMAND("nan"), ""),
        PRODUCT(PLAIN, ON_DEMAND("0.1 USD"), ""),
        PRODUCT(PLAIN, ON_DEMAND(""), ""),
    };
    static const char *const empty[] = {
        "null",
        "[]",
        "7",
        "{}",
        "{\"product\":[],\"terms\":[]}",
        "{\"product\":{\"attributes\":\"x\"},\"terms\":{\"OnDemand\":7}}",
        "{\"product\":{\"attributes\":" PLAIN "},\"terms\":{\"OnDemand\":[[],{},null],\"Reserved\":\"x\"}}",
        "{\"product\":{\"attributes\":" PLAIN "},\"terms\":{\"OnDemand\":{\"a\":{\"priceDimensions\":7}}}}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        struct err err;
        struct listed_prices prices;
        assert_fails(read_product(refused[i], &prices, &err), err, ERR_DATA);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(empty); i++)
        assert_unknown(empty[i]);
}

static void two_prices_for_the_same_are_refused(void **state UNUSED)
{
    struct err err;
    struct listed_prices prices;
    assert_fails(
        read_product(PRODUCT(PLAIN, ON_DEMAND("0.1") ",\"X\":" TERM("{}", "Hrs", "\"USD\":\"0.2\""), ""),
                     &prices, &err),
        err, ERR_DATA);
    assert_succeeds(
        read_product(PRODUCT(PLAIN, ON_DEMAND("0.1") ",\"X\":" TERM("{}", "Hrs", "\"USD\":\"0.10\""), ""),
                     &prices, &err),
        err);
}

static void a_time_that_is_none_is_left_out(void **state UNUSED)
{
    struct err err;
    struct listed_prices prices;
    assert_succeeds(read_product("{\"product\":{\"attributes\":" PLAIN "},\"publicationDate\":\"yesterday\"}",
                                 &prices, &err),
                    err);
    assert_string_equal(prices.published, "");
}

/* A product within a string of the answer. */
#define QUOTED                                                                                               \
    "\"{\\\"product\\\":{\\\"attributes\\\":{\\\"instanceType\\\":\\\"m7i.large\\\","                        \
    "\\\"regionCode\\\":\\\"eu-west-1\\\",\\\"operatingSystem\\\":\\\"Linux\\\",\\\"tenancy\\\":"            \
    "\\\"Shared\\\",\\\"preInstalledSw\\\":\\\"NA\\\",\\\"capacitystatus\\\":\\\"Used\\\"}},"                \
    "\\\"terms\\\":{\\\"OnDemand\\\":{\\\"T\\\":{\\\"priceDimensions\\\":{\\\"D\\\":{\\\"unit\\\":"          \
    "\\\"Hrs\\\",\\\"pricePerUnit\\\":{\\\"USD\\\":\\\"0.25\\\"}}}}}}}\""

static void the_list_is_asked_by_type_and_region_page_by_page(void **state UNUSED)
{
    WITH_SCRIPT({"\"NextToken\":\"more\"", 200, "{\"PriceList\":[" QUOTED "]}"},
                {NULL, 200, "{\"PriceList\":[],\"NextToken\":\"more\"}"});
    struct listed_prices prices;
    assert_succeeds(pricing_get(&scripted.client, "m7i.large", "eu-west-1", &prices, &err), err);
    assert_true(prices.on_demand == 0.25);
    const char *asked = script_request(&scripted.server, 0);
    assert_non_null(strstr(asked, "X-Amz-Target: AWSPriceListService.GetProducts\r\n"));
    assert_non_null(strstr(asked, "/us-east-1/pricing/aws4_request"));
    assert_non_null(strstr(asked, "\"ServiceCode\":\"AmazonEC2\""));
    assert_non_null(
        strstr(asked, "{\"Type\":\"TERM_MATCH\",\"Field\":\"instanceType\",\"Value\":\"m7i.large\"}"));
    assert_non_null(
        strstr(asked, "{\"Type\":\"TERM_MATCH\",\"Field\":\"regionCode\",\"Value\":\"eu-west-1\"}"));
    assert_int_equal(scripted.server.request_count, 2);
}

static void a_type_that_is_not_listed_is_not_found(void **state UNUSED)
{
    WITH_SCRIPT({NULL, 200, "{\"PriceList\":[]}"});
    struct listed_prices prices;
    assert_fails(pricing_get(&scripted.client, "m7i.large", "eu-west-1", &prices, &err), err, ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "m7i.large"));
}

static void an_answer_of_another_shape_is_refused(void **state UNUSED)
{
    WITH_SCRIPT({NULL, 200, "{\"PriceList\":[7]}", 1}, {NULL, 200, "{\"PriceList\":{}}"});
    struct listed_prices prices;
    assert_fails(pricing_get(&scripted.client, "m7i.large", "eu-west-1", &prices, &err), err, ERR_DATA);
    assert_fails(pricing_get(&scripted.client, "m7i.large", "eu-west-1", &prices, &err), err, ERR_DATA);
}

static void an_answer_without_end_is_given_up(void **state UNUSED)
{
    WITH_SCRIPT({NULL, 200, "{\"PriceList\":[],\"NextToken\":\"more\"}"});
    struct listed_prices prices;
    assert_fails(pricing_get(&scripted.client, "m7i.large", "eu-west-1", &prices, &err), err, ERR_DATA);
}

static void who_may_not_ask_is_told_what_he_lacks(void **state UNUSED)
{
    WITH_SCRIPT({NULL, 400,
                 "{\"__type\":\"AccessDeniedException\",\"Message\":\"not authorized to perform: "
                 "pricing:GetProducts\"}"});
    struct listed_prices prices;
    assert_fails(pricing_get(&scripted.client, "m7i.large", "eu-west-1", &prices, &err), err, ERR_AUTH);
    assert_non_null(strstr(err.message, "pricing:GetProducts"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_has_its_prices_by_the_hour),
        cmocka_unit_test(what_is_not_reserved_without_upfront_has_no_such_price),
        cmocka_unit_test(another_product_says_nothing),
        cmocka_unit_test(what_is_no_hourly_price_in_dollars_says_nothing),
        cmocka_unit_test(text_that_is_no_product_is_refused_or_says_nothing),
        cmocka_unit_test(two_prices_for_the_same_are_refused),
        cmocka_unit_test(a_time_that_is_none_is_left_out),
        cmocka_unit_test(the_list_is_asked_by_type_and_region_page_by_page),
        cmocka_unit_test(a_type_that_is_not_listed_is_not_found),
        cmocka_unit_test(an_answer_of_another_shape_is_refused),
        cmocka_unit_test(an_answer_without_end_is_given_up),
        cmocka_unit_test(who_may_not_ask_is_told_what_he_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
