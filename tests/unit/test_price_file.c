/* prices.json, and price-performance.json that is made of it and of results. */
#include "unit.h"

#include "sample_results.h"

#include "results/aggregate.h"
#include "results/inspect.h"
#include "results/price_table.h"

static cJSON *new_table(bool sandbox)
{
    struct err err = {0};
    const struct price_table_facts facts = {
        .sandbox = sandbox,
        .region = "us-east-1",
        .origins = {[SOURCE_PRICE_LIST] = {"https://api.pricing.us-east-1.amazonaws.com", SAMPLE_TIME},
                    [SOURCE_SPOT_HISTORY] = {"https://ec2.us-east-1.amazonaws.com", SAMPLE_TIME}},
    };
    cJSON *table = price_table_new(&facts, &err);
    assert_non_null(table);
    return table;
}

static void add_prices(cJSON *table, const char *type, double on_demand)
{
    struct err err;
    const struct type_prices prices = {.on_demand = on_demand,
                                       .reserved_1yr = 0.06,
                                       .reserved_3yr = NAN,
                                       .spot_current = 0.04,
                                       .spot_average = 0.05,
                                       .spot_reliability = 0.95,
                                       .spot_zone = "us-east-1a",
                                       .list_published = "2026-11-18T22:09:41Z"};
    assert_succeeds(price_table_add(table, type, &prices, &err), err);
}

/* The table written and read again, as files go. */
static cJSON *through_a_file(const cJSON *table)
{
    struct err err = {0};
    AUTO_FREE char *text = json_print(table, true, &err);
    cJSON *again = price_table_read(text, strlen(text), &err);
    if (!again)
        fail_msg("%s", err.message);
    return again;
}

static void add_suite(struct aggregate *aggregate, const struct document_facts *facts, const char *suite)
{
    struct err err = {0};
    const char *reason = NULL;
    AUTO_DOCUMENT struct document document = {0};
    sample_document(suite, facts, &document);
    AUTO_JSON cJSON *tree = sample_tree(document.text, document.length);
    assert_int_equal(aggregate_add(aggregate, tree, &reason, &err), AGGREGATE_USED);
}

/* m7i.large: triad 41.5 GB/s, LINPACK 111 GFLOPS. */
static struct aggregate *new_aggregate(const cJSON *prices)
{
    struct err err = {0};
    struct document_facts facts = sample_facts();
    const struct aggregate_options options = {.include_sandbox = true, .prices = prices};
    struct aggregate *aggregate = aggregate_new(&options, &err);
    assert_non_null(aggregate);
    add_suite(aggregate, &facts, "stream");
    facts.seconds_billed = 90;
    add_suite(aggregate, &facts, "linpack");
    return aggregate;
}

/* The tree, after the schema of its kind has found nothing in it. */
static cJSON *checked(cJSON *tree, const char *schema_name)
{
    struct err err = {0};
    AUTO_SCHEMA struct schema *schema = schema_load(schema_name, &err);
    assert_non_null(schema);
    assert_non_null(tree);
    assert_succeeds(schema_require(schema, tree, &err), err);
    return tree;
}

static cJSON *price_file_of(const struct aggregate *aggregate)
{
    return checked(aggregate_price_file(aggregate, NULL), SCHEMA_PRICE_PERFORMANCE);
}

static cJSON *metadata_of(const struct aggregate *aggregate)
{
    return checked(aggregate_metadata(aggregate, NULL), SCHEMA_METADATA);
}

static const cJSON *member(const cJSON *tree, const char *object, const char *type)
{
    return cJSON_GetObjectItemCaseSensitive(json_at(tree, object), type);
}

static void assert_number(const cJSON *tree, const char *path, double wanted)
{
    double value = NAN;
    struct err err;
    assert_succeeds(json_get_double(tree, path, &value, &err), err);
    if (fabs(value - wanted) > 1e-12)
        fail_msg("%s is %.17g, not %.17g", path, value, wanted);
}

static void holds_every_field_that_the_consumer_reads(void **state UNUSED)
{
    AUTO_JSON cJSON *table = new_table(false);
    add_prices(table, "m7i.large", 0.1);
    AUTO_JSON cJSON *prices = through_a_file(table);
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(prices);
    AUTO_JSON cJSON *file = price_file_of(aggregate);
    const cJSON *m7i = member(file, "instances", "m7i.large");
    assert_non_null(m7i);
    assert_number(m7i, "onDemand", 0.1);
    assert_number(m7i, "spot.current", 0.04);
    assert_number(m7i, "spot.average7d", 0.05);
    assert_number(m7i, "spot.reliability", 0.95);
    assert_number(m7i, "reserved.term1yr", 0.06);
    assert_true(cJSON_IsNull(json_at(m7i, "reserved.term3yr")));
    assert_number(m7i, "costEfficiency.costPerGflop", 0.1 / 111);
    assert_number(m7i, "costEfficiency.costPerGBs", 0.1 / 41.5);
    assert_number(m7i, "costEfficiency.costPerResult", 0.1 * 90 / 2 / 3600);
    assert_null(json_at(file, "notice"));
    assert_string_equal(json_string_or(file, "prices.sources.onDemand.time", ""), "2026-11-20T15:30:45Z");
    assert_string_equal(json_string_or(file, "prices.sources.spot.endpoint", ""),
                        "https://ec2.us-east-1.amazonaws.com");
    assert_true(cJSON_IsNull(json_at(file, "prices.sources.reliability")));
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    assert_null(member(metadata, "typesWithoutPrice", "m7i.large"));
}

static void without_prices_no_type_is_listed_and_the_file_says_why(void **state UNUSED)
{
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(NULL);
    AUTO_JSON cJSON *file = price_file_of(aggregate);
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    assert_string_equal(file->child->string, "notice");
    assert_non_null(strstr(file->child->valuestring, "no prices were given"));
    assert_true(cJSON_IsNull(json_at(file, "prices")));
    assert_int_equal(cJSON_GetArraySize(json_at(file, "instances")), 0);
    assert_non_null(member(metadata, "typesWithoutPrice", "m7i.large"));
}

static void a_type_without_a_price_is_named_with_the_reason(void **state UNUSED)
{
    struct err err;
    struct document_facts facts = sample_facts();
    facts.instance_type = "m7i.xlarge";
    AUTO_JSON cJSON *prices = new_table(false);
    assert_succeeds(price_table_add_unavailable(prices, "m7i.large", "it is not sold", &err), err);
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(prices);
    add_suite(aggregate, &facts, "stream");
    AUTO_JSON cJSON *file = price_file_of(aggregate);
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    assert_int_equal(cJSON_GetArraySize(json_at(file, "instances")), 0);
    assert_string_equal(member(metadata, "typesWithoutPrice", "m7i.large")->valuestring, "it is not sold");
    assert_non_null(strstr(member(metadata, "typesWithoutPrice", "m7i.xlarge")->valuestring, "not among"));
}

static void a_type_without_a_figure_is_named_with_the_cost_that_it_lacks(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    facts.instance_type = "m7i.xlarge";
    AUTO_JSON cJSON *prices = new_table(false);
    add_prices(prices, "m7i.large", 0.1);
    add_prices(prices, "m7i.xlarge", 0.2);
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(prices);
    add_suite(aggregate, &facts, "stream");
    AUTO_JSON cJSON *file = price_file_of(aggregate);
    AUTO_JSON cJSON *metadata = metadata_of(aggregate);
    assert_non_null(member(file, "instances", "m7i.large"));
    assert_null(member(file, "instances", "m7i.xlarge"));
    const cJSON *lacks = member(metadata, "incompleteTypes", "m7i.xlarge");
    bool named = false;
    for (int i = 0; i < cJSON_GetArraySize(lacks); i++)
        named =
            named || strcmp(cJSON_GetArrayItem(lacks, i)->valuestring, "costEfficiency.costPerGflop") == 0;
    assert_true(named);
}

static void prices_of_types_without_results_are_left_out(void **state UNUSED)
{
    AUTO_JSON cJSON *prices = new_table(false);
    add_prices(prices, "m7i.large", 0.1);
    add_prices(prices, "c7g.large", 0.07);
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(prices);
    AUTO_JSON cJSON *file = price_file_of(aggregate);
    assert_int_equal(cJSON_GetArraySize(json_at(file, "instances")), 1);
}

static void a_sandboxs_prices_enter_only_when_asked_for_and_are_named_first(void **state UNUSED)
{
    struct err err = {0};
    AUTO_JSON cJSON *prices = new_table(true);
    add_prices(prices, "m7i.large", 0.1);
    const struct aggregate_options options = {.include_local = true, .prices = prices};
    assert_null(aggregate_new(&options, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(prices);
    AUTO_JSON cJSON *file = price_file_of(aggregate);
    assert_string_equal(prices->child->string, "notice");
    assert_string_equal(file->child->string, "notice");
    assert_non_null(strstr(file->child->valuestring, "sandbox"));
}

static void notices_of_results_and_of_prices_stand_together(void **state UNUSED)
{
    struct document_facts facts = sample_facts();
    facts.collection_method = "sandbox";
    facts.instance_type = "m7i.xlarge";
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(NULL);
    add_suite(aggregate, &facts, "stream");
    AUTO_JSON cJSON *file = price_file_of(aggregate);
    assert_string_equal(file->child->string, "notice");
    assert_non_null(strstr(file->child->valuestring, "asked for by name"));
    assert_non_null(strstr(file->child->valuestring, "no prices were given"));
}

static void the_last_result_of_an_instance_says_how_long_it_was_paid_for(void **state UNUSED)
{
    AUTO_JSON cJSON *prices = new_table(false);
    add_prices(prices, "m7i.large", 0.1);
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(prices); /* one of 90 s, with two results */
    struct document_facts facts = sample_facts();
    facts.instance_id = "i-00000000000000001";
    facts.seconds_billed = 30;
    add_suite(aggregate, &facts, "stream");
    facts.instance_type = "m7i.xlarge";
    facts.seconds_billed = 5000;
    add_suite(aggregate, &facts, "stream");
    AUTO_JSON cJSON *file = price_file_of(aggregate);
    assert_number(member(file, "instances", "m7i.large"), "costEfficiency.costPerResult",
                  0.1 * (90 + 30) / 3 / 3600);
}

static void a_result_without_an_instance_has_no_cost(void **state UNUSED)
{
    struct err err = {0};
    struct document_facts facts = sample_facts();
    facts.instance_id = NULL;
    AUTO_JSON cJSON *prices = new_table(false);
    add_prices(prices, "m7i.large", 0.1);
    const struct aggregate_options options = {.prices = prices};
    AUTO_AGGREGATE struct aggregate *aggregate = aggregate_new(&options, &err);
    add_suite(aggregate, &facts, "stream");
    add_suite(aggregate, &facts, "linpack");
    AUTO_JSON cJSON *file = price_file_of(aggregate);
    assert_true(
        cJSON_IsNull(json_at(member(file, "instances", "m7i.large"), "costEfficiency.costPerResult")));
}

static void files_that_hold_no_prices_are_refused(void **state UNUSED)
{
    static const struct {
        const char *path;
        const char *value;
    } changes[] = {
        {"schema", "\"data/schemas/v1.0/metadata.schema.json\""},
        {"sandbox", "\"no\""},
        {"currency", "\"EUR\""},
        {"region", "\"../x\""},
        {"sources.onDemand", "null"},
        {"sources.spot.endpoint", "\"file:///etc/passwd\""},
        {"sources.spot.time", "\"today\""},
        {"instances.x", "{}"},
        {"instances", "[]"},
        {"unavailable", "null"},
        {"more", "1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
        struct err err = {0};
        AUTO_JSON cJSON *table = new_table(false);
        add_prices(table, "m7i.large", 0.1);
        sample_set(table, changes[i].path, sample_tree(changes[i].value, strlen(changes[i].value)));
        AUTO_FREE char *text = json_print(table, true, &err);
        if (price_table_read(text, strlen(text), &err))
            fail_msg("%s: %s was taken", changes[i].path, changes[i].value);
        assert_int_equal(err.kind, ERR_DATA);
    }
}

static void amounts_that_are_no_prices_are_refused(void **state UNUSED)
{
    static const double amounts[] = {0, -1, 1e-300, 1e7};
    for (size_t i = 0; i < ARRAY_LENGTH(amounts); i++) {
        struct err err = {0};
        AUTO_JSON cJSON *table = new_table(false);
        add_prices(table, "m7i.large", amounts[i]);
        AUTO_FREE char *text = json_print(table, true, &err);
        assert_null(price_table_read(text, strlen(text), &err));
    }
}

static void validate_knows_both_files(void **state UNUSED)
{
    struct err err;
    CLEANUP(inspector_free) struct inspector inspector = {0};
    assert_succeeds(inspector_init(&inspector, &err), err);
    AUTO_JSON cJSON *prices = new_table(false);
    add_prices(prices, "m7i.large", 0.1);
    AUTO_AGGREGATE struct aggregate *aggregate = new_aggregate(prices);
    AUTO_JSON cJSON *file = price_file_of(aggregate);
    const cJSON *const trees[] = {prices, file};
    for (size_t i = 0; i < ARRAY_LENGTH(trees); i++) {
        AUTO_INSPECTED struct inspected document = {0};
        AUTO_INSPECTED struct inspected broken = {0};
        AUTO_JSON cJSON *copy = cJSON_Duplicate(trees[i], true);
        AUTO_FREE char *text = json_print(copy, true, &err);
        assert_int_equal(inspect_file(&inspector, text, strlen(text), &document, NULL, NULL), 0);
        cJSON_DeleteItemFromObjectCaseSensitive(copy, "instances");
        AUTO_FREE char *bad = json_print(copy, true, &err);
        assert_int_equal(inspect_file(&inspector, bad, strlen(bad), &broken, NULL, NULL), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_every_field_that_the_consumer_reads),
        cmocka_unit_test(without_prices_no_type_is_listed_and_the_file_says_why),
        cmocka_unit_test(a_type_without_a_price_is_named_with_the_reason),
        cmocka_unit_test(a_type_without_a_figure_is_named_with_the_cost_that_it_lacks),
        cmocka_unit_test(prices_of_types_without_results_are_left_out),
        cmocka_unit_test(a_sandboxs_prices_enter_only_when_asked_for_and_are_named_first),
        cmocka_unit_test(notices_of_results_and_of_prices_stand_together),
        cmocka_unit_test(the_last_result_of_an_instance_says_how_long_it_was_paid_for),
        cmocka_unit_test(a_result_without_an_instance_has_no_cost),
        cmocka_unit_test(files_that_hold_no_prices_are_refused),
        cmocka_unit_test(amounts_that_are_no_prices_are_refused),
        cmocka_unit_test(validate_knows_both_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
