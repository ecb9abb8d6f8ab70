/* What is read of prices: products of the Price List, the Spot Instance Advisor's file, prices.json. A price
 * is an amount or unknown, and a table that is taken makes a processed file that meets its schema. */
#include "fuzz.h"

#include "aws/pricing.h"
#include "aws/spot_advisor.h"
#include "results/aggregate.h"
#include "results/price_table.h"
#include "results/schema.h"

#include <math.h>

static bool is_price(double price)
{
    return isnan(price) || (price > 0 && price <= 1e6);
}

static void check_product(const char *text, size_t size)
{
    struct err err = {0};
    struct listed_prices prices = listed_prices_none();
    if (price_list_read(text, size, "m7i.large", "us-east-1", &prices, &err) < 0)
        require(err.kind == ERR_DATA && err.message[0]);
    require(is_price(prices.on_demand) && is_price(prices.reserved_1yr) && is_price(prices.reserved_3yr));
    require(strlen(prices.published) == 0 || prices.published[4] == '-');
}

static void check_advisor(const char *text, size_t size)
{
    AUTO_JSON cJSON *advisor = json_parse(text, size, SPOT_ADVISOR_MAX_BYTES, NULL);
    double reliability = spot_advisor_reliability(advisor, "us-east-1", "m7i.large");
    require(isnan(reliability) || (reliability >= 0 && reliability <= 1));
}

static void require_schema(const char *name, const cJSON *tree, struct err *err)
{
    AUTO_SCHEMA struct schema *schema = schema_load(name, err);
    require(schema && tree);
    require_success(schema_require(schema, tree, err), err);
}

static void check_table(const char *text, size_t size)
{
    struct err err = {0};
    AUTO_JSON cJSON *table = price_table_read(text, size, &err);
    if (!table) {
        require(err.kind == ERR_DATA && err.message[0]);
        return;
    }
    const struct aggregate_options options = {.include_sandbox = true, .prices = table};
    AUTO_AGGREGATE struct aggregate *aggregate = aggregate_new(&options, &err);
    AUTO_JSON cJSON *file = aggregate_price_file(aggregate, &err);
    require_schema(SCHEMA_PRICE_PERFORMANCE, file, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = fuzz_text(data, size);
    check_product(text, size);
    check_advisor(text, size);
    check_table(text, size);
    return 0;
}
