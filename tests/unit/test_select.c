#include "unit.h"

#include "discovery/select.h"

#include <stdio.h>
#include <string.h>

static const char table[] = "{\"source\":\"a test\",\"date\":\"2026-01-01\",\"types\":["
                            "[\"c7g.large\",[\"arm64\"],\"AWS\",2,4096],"
                            "[\"m7i.large\",[\"x86_64\"],\"Intel\",2,8192],"
                            "[\"m7i.xlarge\",[\"x86_64\"],\"Intel\",4,16384],"
                            "[\"m7i.metal-24xl\",[\"x86_64\"],\"Intel\",96,393216],"
                            "[\"mac2.metal\",[\"arm64_mac\"],\"Apple\",8,16384],"
                            "[\"m9x.large\",[\"arm64\"],\"AWS\",2,8192]]}";

static struct catalog test_catalog(bool online)
{
    struct catalog catalog;
    struct err err = {0};
    assert_succeeds(catalog_parse(table, sizeof table - 1, &catalog, &err), err);
    catalog.online = online;
    return catalog;
}

static void keep_line(void *context, enum log_level level UNUSED, const char *line)
{
    snprintf(context, 512, "%s", line);
}

static void assert_names(const struct selection *selection, const char *wanted)
{
    char names[512] = "";
    for (size_t i = 0; i < selection->count; i++) {
        size_t length = strlen(names);
        snprintf(names + length, sizeof names - length, "%s%s", i ? "," : "", selection->types[i].name.name);
    }
    assert_string_equal(names, wanted);
}

static void assert_run_takes(const char *const *words, size_t count, const char *wanted)
{
    AUTO_CATALOG struct catalog catalog = test_catalog(true);
    AUTO_SELECTION struct selection selection = {0};
    struct err err = {0};
    assert_succeeds(select_for_run(&catalog, words, count, NULL, &selection, &err), err);
    assert_names(&selection, wanted);
}

static void assert_run_refuses(const char *const *words, size_t count, const char *says)
{
    AUTO_CATALOG struct catalog catalog = test_catalog(true);
    AUTO_SELECTION struct selection selection = {0};
    struct err err = {0};
    assert_fails(select_for_run(&catalog, words, count, NULL, &selection, &err), err, ERR_USAGE);
    assert_int_equal(selection.count, 0);
    if (!strstr(err.message, says))
        fail_msg("'%s' does not say '%s'", err.message, says);
}

#define RUN_TAKES(wanted, ...)                                                                               \
    assert_run_takes((const char *const[]){__VA_ARGS__}, ARRAY_LENGTH(((const char *const[]){__VA_ARGS__})), \
                     wanted)
#define RUN_REFUSES(says, ...)                                                                               \
    assert_run_refuses((const char *const[]){__VA_ARGS__},                                                   \
                       ARRAY_LENGTH(((const char *const[]){__VA_ARGS__})), says)

static void a_run_takes_names_in_their_order(void **state UNUSED)
{
    RUN_TAKES("m7i.large,c7g.large", "m7i.large", "c7g.large");
}

static void a_pattern_brings_its_types_in_the_catalogues_order(void **state UNUSED)
{
    RUN_TAKES("m7i.large,m7i.xlarge,m7i.metal-24xl", "m7i.*");
    RUN_TAKES("c7g.large", "c?g.large");
}

static void a_pattern_brings_no_type_twice(void **state UNUSED)
{
    RUN_TAKES("m7i.xlarge,m7i.large,m7i.metal-24xl", "m7i.xlarge", "m7i.*");
    RUN_TAKES("m7i.large,m7i.xlarge,m7i.metal-24xl", "m7i.*", "m7i.xlarge");
}

static void a_run_refuses_a_type_named_twice(void **state UNUSED)
{
    RUN_REFUSES("'m7i.large' is named twice", "m7i.large", "c7g.large", "m7i.large");
}

static void a_run_refuses_mac_types_with_the_reason(void **state UNUSED)
{
    RUN_REFUSES("macOS", "mac2.metal");
    RUN_REFUSES("can be run", "mac*");
}

static void a_run_refuses_what_is_unknown_and_says_what_may_be_meant(void **state UNUSED)
{
    RUN_REFUSES("did you mean 'm7i.large'?", "m7i.lagre");
    RUN_REFUSES("did you mean 'm7i.xlarge'?", "m7i.3xlarge");
    RUN_REFUSES("did you mean 'm7i.large'?", "M7I.Large");
    RUN_REFUSES("no size", "m7i");
    RUN_REFUSES("matches 'z9.*'", "z9.*");
    RUN_REFUSES("empty", "m7i.large", "");
}

static void the_name_that_may_be_meant_is_never_the_word_itself(void **state UNUSED)
{
    /* the program's own table has it, the region has not */
    AUTO_CATALOG struct catalog catalog = test_catalog(true);
    AUTO_SELECTION struct selection selection = {0};
    struct err err = {0};
    const char *const words[] = {"r7i.large"};
    assert_fails(select_for_run(&catalog, words, 1, NULL, &selection, &err), err, ERR_USAGE);
    assert_null(strstr(err.message, "mean 'r7i.large'"));
}

static void a_pattern_leaves_mac_types_out_with_a_warning(void **state UNUSED)
{
    char line[512] = "";
    struct log log;
    log_init(&log, LOG_WARNING, keep_line, line);
    AUTO_CATALOG struct catalog catalog = test_catalog(true);
    AUTO_SELECTION struct selection selection = {0};
    struct err err = {0};
    const char *const words[] = {"m*.metal*"};
    assert_succeeds(select_for_run(&catalog, words, 1, &log, &selection, &err), err);
    assert_names(&selection, "m7i.metal-24xl");
    assert_non_null(strstr(line, "mac2.metal is left out"));
    log_destroy(&log);
}

static void a_disputed_type_is_taken_for_the_plan_to_refuse(void **state UNUSED)
{
    AUTO_CATALOG struct catalog catalog = test_catalog(true);
    AUTO_SELECTION struct selection selection = {0};
    struct err err = {0};
    const char *const words[] = {"m9x.large", "m7i.large"};
    assert_succeeds(select_for_run(&catalog, words, 2, NULL, &selection, &err), err);
    assert_names(&selection, "m9x.large,m7i.large");
    assert_false(selection.types[0].runnable);
    assert_non_null(strstr(selection.types[0].reason, "EC2 says"));
}

struct reasons {
    size_t count;
    char last[1024];
};

static void keep_reason(void *context, const struct err *why)
{
    struct reasons *reasons = context;
    reasons->count++;
    snprintf(reasons->last, sizeof reasons->last, "%s", why->message);
    assert_int_equal(why->kind, ERR_USAGE);
}

static void assert_listing(bool online, const char *const *words, size_t count, const char *wanted,
                           size_t wanted_rejected)
{
    AUTO_CATALOG struct catalog catalog = test_catalog(online);
    AUTO_SELECTION struct selection selection = {0};
    struct reasons reasons = {0};
    size_t rejected = 0;
    struct err err = {0};
    assert_succeeds(
        select_for_listing(&catalog, words, count, keep_reason, &reasons, &selection, &rejected, &err), err);
    assert_names(&selection, wanted);
    assert_int_equal(rejected, wanted_rejected);
    assert_int_equal(reasons.count, wanted_rejected);
}

static void a_listing_leaves_out_bad_words_and_keeps_the_rest_in_order(void **state UNUSED)
{
    const char *const words[] = {"m7i.xlarge", "m7i", "mac2.metal", "M7i.large",
                                 "c7g.*",      "x.*", "m7i.xlarge"};
    assert_listing(false, words, ARRAY_LENGTH(words), "m7i.xlarge,mac2.metal,c7g.large,m7i.xlarge", 3);
}

static void a_listing_knows_types_to_come_offline_only(void **state UNUSED)
{
    const char *const words[] = {"m12gd.large"};
    assert_listing(false, words, 1, "m12gd.large", 0);
    assert_listing(true, words, 1, "", 1);
}

static void a_listing_without_words_is_the_catalogue(void **state UNUSED)
{
    assert_listing(true, NULL, 0, "c7g.large,m7i.large,m7i.xlarge,m7i.metal-24xl,m9x.large,mac2.metal", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_takes_names_in_their_order),
        cmocka_unit_test(a_pattern_brings_its_types_in_the_catalogues_order),
        cmocka_unit_test(a_pattern_brings_no_type_twice),
        cmocka_unit_test(a_run_refuses_a_type_named_twice),
        cmocka_unit_test(a_run_refuses_mac_types_with_the_reason),
        cmocka_unit_test(a_run_refuses_what_is_unknown_and_says_what_may_be_meant),
        cmocka_unit_test(the_name_that_may_be_meant_is_never_the_word_itself),
        cmocka_unit_test(a_pattern_leaves_mac_types_out_with_a_warning),
        cmocka_unit_test(a_disputed_type_is_taken_for_the_plan_to_refuse),
        cmocka_unit_test(a_listing_leaves_out_bad_words_and_keeps_the_rest_in_order),
        cmocka_unit_test(a_listing_knows_types_to_come_offline_only),
        cmocka_unit_test(a_listing_without_words_is_the_catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
