#include "aws/pricing.h"

#include "aws/call.h"
#include "base/parse.h"
#include "base/strbuf.h"

#include <math.h>
#include <string.h>

#define PRODUCT_MAX_BYTES (1u << 20) /* one takes about 50 KiB, most of it reserved terms */
#define LOWEST_PRICE 1e-6            /* USD an hour; less is nothing */
#define HIGHEST_PRICE 1e6            /* the dearest type costs a few hundred */
#define MAX_PAGES 20                 /* of a hundred products; a type has one or two */

/* What a product must be, and how it is asked for. */
struct attribute {
    const char *name;
    const char *value;
};

static const struct attribute wanted[] = {
    {"operatingSystem", "Linux"},
    {"tenancy", "Shared"},
    {"preInstalledSw", "NA"},
    {"capacitystatus", "Used"},
};

struct listed_prices listed_prices_none(void)
{
    return (struct listed_prices){NAN, NAN, NAN, ""};
}

/* --- one product -----------------------------------------------------------------------------------------
 */

static bool text_is(const cJSON *object, const char *name, const char *value)
{
    return strcmp(json_string_or(object, name, ""), value) == 0;
}

static bool is_wanted(const cJSON *attributes, const char *instance_type, const char *region)
{
    for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++)
        if (!text_is(attributes, wanted[i].name, wanted[i].value))
            return false;
    return text_is(attributes, "instanceType", instance_type) && text_is(attributes, "regionCode", region) &&
           strcmp(json_string_or(attributes, "marketoption", "OnDemand"), "OnDemand") == 0;
}

static int note_price(double *noted, double price, struct err *err)
{
    if (!isnan(*noted) && *noted != price)
        return err_set(err, ERR_DATA, "it has two prices for the same, %g and %g", *noted, price);
    *noted = price;
    return 0;
}

/* A price by the hour in dollars; one of nothing is that of a product that is not sold so. */
static int read_dimension(const cJSON *dimension, double *noted, struct err *err)
{
    double price = 0;
    const char *text = json_string_or(dimension, "pricePerUnit.USD", NULL);
    if (!text || !text_is(dimension, "unit", "Hrs"))
        return 0;
    if (parse_double(text, 0, HIGHEST_PRICE, &price, err) < 0)
        return -1;
    return price >= LOWEST_PRICE ? note_price(noted, price, err) : 0;
}

static int read_term(const cJSON *term, double *noted, struct err *err)
{
    const cJSON *dimension;
    cJSON_ArrayForEach(dimension, json_at(term, "priceDimensions"))
    {
        if (read_dimension(dimension, noted, err) < 0)
            return -1;
    }
    return 0;
}

/* Where the price of a reserved term belongs; NULL: nowhere. */
static double *lease_of(const cJSON *term, struct listed_prices *prices)
{
    const cJSON *attributes = json_at(term, "termAttributes");
    if (!text_is(attributes, "OfferingClass", "standard") ||
        !text_is(attributes, "PurchaseOption", "No Upfront"))
        return NULL;
    if (text_is(attributes, "LeaseContractLength", "1yr"))
        return &prices->reserved_1yr;
    return text_is(attributes, "LeaseContractLength", "3yr") ? &prices->reserved_3yr : NULL;
}

static int read_terms(const cJSON *terms, struct listed_prices *prices, struct err *err)
{
    const cJSON *term;
    cJSON_ArrayForEach(term, json_at(terms, "OnDemand"))
    {
        if (read_term(term, &prices->on_demand, err) < 0)
            return -1;
    }
    cJSON_ArrayForEach(term, json_at(terms, "Reserved"))
    {
        double *noted = lease_of(term, prices);
        if (noted && read_term(term, noted, err) < 0)
            return -1;
    }
    return 0;
}

/* The newest of the products' times. */
static void note_time(const cJSON *product, struct listed_prices *prices)
{
    int64_t seconds = 0;
    const char *published = json_string_or(product, "publicationDate", "");
    if (strlen(published) < sizeof prices->published && strcmp(published, prices->published) > 0 &&
        parse_timestamp(published, &seconds, NULL) == 0)
        snprintf(prices->published, sizeof prices->published, "%s", published);
}

int price_list_read(const char *text, size_t length, const char *instance_type, const char *region,
                    struct listed_prices *prices, struct err *err)
{
    AUTO_JSON cJSON *product = json_parse(text, length, PRODUCT_MAX_BYTES, err);
    if (!product)
        return -1;
    if (!is_wanted(json_at(product, "product.attributes"), instance_type, region))
        return 0;
    note_time(product, prices);
    return read_terms(json_at(product, "terms"), prices, err);
}

/* --- asking ----------------------------------------------------------------------------------------------
 */

static int add_filter(cJSON *filters, const char *field, const char *value, struct err *err)
{
    cJSON *filter = cJSON_CreateObject();
    if (!filter || !cJSON_AddItemToArray(filters, filter))
        return err_memory(err);
    if (json_add_string(filter, "Type", "TERM_MATCH", err) < 0 ||
        json_add_string(filter, "Field", field, err) < 0)
        return -1;
    return json_add_string(filter, "Value", value, err);
}

static int add_filters(cJSON *request, const char *instance_type, const char *region, struct err *err)
{
    cJSON *filters = cJSON_AddArrayToObject(request, "Filters");
    if (!filters)
        return err_memory(err);
    for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++)
        if (add_filter(filters, wanted[i].name, wanted[i].value, err) < 0)
            return -1;
    return add_filter(filters, "instanceType", instance_type, err) < 0
               ? -1
               : add_filter(filters, "regionCode", region, err);
}

static char *encode_request(const char *instance_type, const char *region, const struct strbuf *token,
                            struct err *err)
{
    AUTO_JSON cJSON *request = cJSON_CreateObject();
    if (json_add_string(request, "ServiceCode", "AmazonEC2", err) < 0 ||
        json_add_string(request, "FormatVersion", "aws_v1", err) < 0 ||
        add_filters(request, instance_type, region, err) < 0 ||
        json_add_i64(request, "MaxResults", 100, err) < 0 ||
        (token->length && json_add_string(request, "NextToken", strbuf_text(token), err) < 0))
        return NULL;
    return json_print(request, false, err);
}

static int read_page(const cJSON *answer, const char *instance_type, const char *region,
                     struct listed_prices *prices, struct err *err)
{
    const cJSON *item;
    const cJSON *list = json_at(answer, "PriceList");
    if (!cJSON_IsArray(list))
        return err_set(err, ERR_DATA, "the answer has no PriceList");
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item))
            return err_set(err, ERR_DATA, "PriceList holds something else than strings");
        if (price_list_read(item->valuestring, strlen(item->valuestring), instance_type, region, prices,
                            err) < 0)
            return -1;
    }
    return 0;
}

/* One page; token is that of the next one afterwards, empty where there is none. */
static int fetch_page(struct aws_client *client, const char *instance_type, const char *region,
                      struct strbuf *token, struct listed_prices *prices, struct err *err)
{
    AUTO_ANSWER struct aws_answer answer = {0};
    AUTO_FREE char *body = encode_request(instance_type, region, token, err);
    if (!body)
        return -1;
    const struct aws_call call = {
        .service = AWS_PRICING,
        .action = "GetProducts",
        .method = "POST",
        .path = "/",
        .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                    {"X-Amz-Target", "AWSPriceListService.GetProducts"}},
        .body = body,
        .body_length = strlen(body),
        .expects = CALL_JSON,
    };
    if (aws_call(client, &call, &answer, err) < 0)
        return -1;
    strbuf_reset(token);
    strbuf_adds(token, json_string_or(answer.json, "NextToken", ""));
    if (strbuf_ok(token, "the token of the next page", err) < 0)
        return -1;
    return read_page(answer.json, instance_type, region, prices, err);
}

static int fetch(struct aws_client *client, const char *instance_type, const char *region,
                 struct listed_prices *prices, struct err *err)
{
    AUTO_STRBUF struct strbuf token = STRBUF_INIT(16u << 10);
    for (unsigned page = 0; page < MAX_PAGES; page++) {
        if (fetch_page(client, instance_type, region, &token, prices, err) < 0)
            return -1;
        if (token.length == 0)
            return 0;
    }
    return err_set(err, ERR_DATA, "the answer has no end after %d pages", MAX_PAGES);
}

int pricing_get(struct aws_client *client, const char *instance_type, const char *region,
                struct listed_prices *prices, struct err *err)
{
    *prices = listed_prices_none();
    if (fetch(client, instance_type, region, prices, err) < 0)
        return err_prepend(err, "price of %s", instance_type);
    if (isnan(prices->on_demand))
        return err_set(err, ERR_NOT_FOUND,
                       "the AWS Price List has no on-demand price for %s with Linux in %s", instance_type,
                       region);
    return 0;
}
