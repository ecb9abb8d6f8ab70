#include "unit.h"

#include "discovery/catalog.h"

#include <stdio.h>
#include <string.h>

static struct ec2_type ec2_type(const char *name, const char *architecture, const char *manufacturer)
{
    struct ec2_type type = {.architecture_count = 1, .vcpus = 2, .memory_mib = 8192};
    snprintf(type.name, sizeof type.name, "%s", name);
    snprintf(type.architectures[0], sizeof type.architectures[0], "%s", architecture);
    snprintf(type.manufacturer, sizeof type.manufacturer, "%s", manufacturer);
    return type;
}

static void assert_record(const struct instance_facts *facts, const char *wanted)
{
    struct err err = {0};
    AUTO_JSON cJSON *record = instance_facts_json(facts, &err);
    assert_non_null(record);
    AUTO_FREE char *text = json_print(record, false, &err);
    assert_string_equal(text, wanted);
}

static void every_name_of_the_carried_table_tells_its_architecture(void **state UNUSED)
{
    AUTO_CATALOG struct catalog catalog = {0};
    struct err err = {0};
    assert_succeeds(catalog_load(&catalog, &err), err);
    assert_true(catalog.count > 1200);
    assert_true(catalog.source[0] && catalog.date[0]);
    for (size_t i = 0; i < catalog.count; i++) {
        const struct instance_facts *facts = &catalog.types[i];
        assert_succeeds(catalog_check(&facts->name, facts->architecture, &err), err);
        assert_true(facts->vcpus > 0 && facts->memory_mib > 0 && facts->vendor != VENDOR_UNKNOWN);
        assert_int_equal(facts->runnable, strncmp(facts->name.family, "mac", 3) != 0);
    }
}

static void a_letter_never_contradicts_the_manufacturer(void **state UNUSED)
{
    AUTO_CATALOG struct catalog catalog = {0};
    struct err err = {0};
    assert_succeeds(catalog_load(&catalog, &err), err);
    for (size_t i = 0; i < catalog.count; i++) {
        const struct instance_facts *facts = &catalog.types[i];
        if (facts->name.vendor != VENDOR_UNKNOWN && facts->name.vendor != facts->vendor)
            fail_msg("%s: the name says %s", facts->name.name, processor_vendor_name(facts->name.vendor));
    }
}

static void the_catalogue_is_ordered_by_family_then_by_size(void **state UNUSED)
{
    AUTO_CATALOG struct catalog catalog = {0};
    struct err err = {0};
    assert_succeeds(catalog_load(&catalog, &err), err);
    const struct instance_facts *large = catalog_find(&catalog, "m7i.large");
    assert_non_null(large);
    assert_string_equal(large[1].name.name, "m7i.xlarge");
    assert_string_equal(large[2].name.name, "m7i.2xlarge");
    assert_null(catalog_find(&catalog, "m7i.lar"));
}

static void a_record_has_every_field_in_its_order(void **state UNUSED)
{
    struct ec2_type type = ec2_type("c7gn.large", "arm64", "AWS");
    struct instance_facts facts = instance_facts_from_ec2(&type);
    assert_record(&facts, "{\"instance_type\":\"c7gn.large\",\"instance_family\":\"c7gn\",\"generation\":7,"
                          "\"architecture\":\"arm64\",\"processor_vendor\":\"graviton\",\"vcpus\":2,"
                          "\"memory_mib\":8192,\"runnable\":true,\"reason\":null}");
}

static void what_the_name_does_not_say_is_null(void **state UNUSED)
{
    struct instance_type_name name;
    struct err err = {0};
    assert_succeeds(instance_type_parse("mac-m9.metal", &name, &err), err);
    struct instance_facts facts = instance_facts_from_name(&name);
    facts.vendor = VENDOR_UNKNOWN;
    assert_record(&facts, "{\"instance_type\":\"mac-m9.metal\",\"instance_family\":\"mac-m9\","
                          "\"generation\":null,\"architecture\":\"arm64_mac\",\"processor_vendor\":null,"
                          "\"vcpus\":null,\"memory_mib\":null,\"runnable\":false,\"reason\":\"it runs macOS "
                          "on a dedicated host, and benchmarks run in Linux containers\"}");
}

static void i386_beside_x86_64_is_x86_64(void **state UNUSED)
{
    struct ec2_type type = ec2_type("t2.micro", "i386", "Intel");
    snprintf(type.architectures[type.architecture_count++], sizeof type.architectures[0], "x86_64");
    struct instance_facts facts = instance_facts_from_ec2(&type);
    assert_int_equal(facts.architecture, ARCH_X86_64);
    assert_true(facts.runnable);
}

static void a_type_about_which_ec2_and_name_disagree_is_not_runnable(void **state UNUSED)
{
    struct err err = {0};
    struct ec2_type type = ec2_type("m7i.large", "arm64", "AWS");
    struct instance_facts facts = instance_facts_from_ec2(&type);
    assert_int_equal(facts.architecture, ARCH_ARM64);
    assert_int_equal(facts.vendor, VENDOR_GRAVITON);
    assert_false(facts.runnable);
    assert_non_null(strstr(facts.reason, "arm64"));
    assert_non_null(strstr(facts.reason, "x86_64"));
    assert_fails(catalog_check(&facts.name, facts.architecture, &err), err, ERR_UNSUPPORTED);
}

static void a_type_of_no_known_architecture_is_not_runnable(void **state UNUSED)
{
    struct ec2_type type = ec2_type("m7i.large", "riscv64", "Nobody");
    struct instance_facts facts = instance_facts_from_ec2(&type);
    assert_int_equal(facts.architecture, ARCH_UNKNOWN);
    assert_int_equal(facts.vendor, VENDOR_INTEL);
    assert_false(facts.runnable);
}

static void a_type_with_an_unreadable_name_is_listed_but_not_runnable(void **state UNUSED)
{
    struct ec2_type type = ec2_type("quantum.enormous", "x86_64", "Intel");
    struct instance_facts facts = instance_facts_from_ec2(&type);
    assert_string_equal(facts.name.name, "quantum.enormous");
    assert_string_equal(facts.name.family, "quantum");
    assert_int_equal(facts.architecture, ARCH_X86_64);
    assert_false(facts.runnable);
    assert_non_null(strstr(facts.reason, "quantum.enormous"));
}

static void a_broken_table_is_refused(void **state UNUSED)
{
    static const char *const tables[] = {
        "",
        "[]",
        "{\"source\":\"s\",\"types\":[]}",
        "{\"source\":\"s\",\"date\":\"d\",\"types\":[[]]}",
        "{\"source\":\"s\",\"date\":\"d\",\"types\":[\"m7i.large\"]}",
        "{\"source\":\"s\",\"date\":\"d\",\"types\":[[\"m7i.large\",[],\"Intel\",2,8192]]}",
        "{\"source\":\"s\",\"date\":\"d\",\"types\":[[\"m7i.large\",[\"x86_64\"],\"Intel\",-2,8192]]}",
        "{\"source\":\"s\",\"date\":\"d\",\"types\":[[\"m7i.large\",[\"x86_64\"],\"Intel\",2,1e300]]}",
        "{\"source\":\"s\",\"date\":\"d\",\"types\":[[\"m7i.large\",[1],\"Intel\",2,8192]]}",
        "{\"source\":\"s\",\"date\":\"d\",\"types\":[[\"m7i.large\",[\"x86_64\"],null,2,8192]]}",
        "{\"source\":\"s\",\"date\":\"d\",\"types\":[[\"m7i.large\","
        "[\"a\",\"b\",\"c\",\"d\",\"e\"],\"Intel\",2,8192]]}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        AUTO_CATALOG struct catalog catalog = {0};
        struct err err = {0};
        if (catalog_parse(tables[i], strlen(tables[i]), &catalog, &err) == 0)
            fail_msg("taken: %s", tables[i]);
        assert_int_equal(err.kind, ERR_DATA);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_of_the_carried_table_tells_its_architecture),
        cmocka_unit_test(a_letter_never_contradicts_the_manufacturer),
        cmocka_unit_test(the_catalogue_is_ordered_by_family_then_by_size),
        cmocka_unit_test(a_record_has_every_field_in_its_order),
        cmocka_unit_test(what_the_name_does_not_say_is_null),
        cmocka_unit_test(i386_beside_x86_64_is_x86_64),
        cmocka_unit_test(a_type_about_which_ec2_and_name_disagree_is_not_runnable),
        cmocka_unit_test(a_type_of_no_known_architecture_is_not_runnable),
        cmocka_unit_test(a_type_with_an_unreadable_name_is_listed_but_not_runnable),
        cmocka_unit_test(a_broken_table_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
