#include "unit.h"

#include "discovery/instance_type.h"

#include <stdio.h>
#include <string.h>

static struct instance_type_name parsed(const char *text)
{
    struct instance_type_name name;
    struct err err = {0};
    assert_succeeds(instance_type_parse(text, &name, &err), err);
    assert_string_equal(name.name, text);
    return name;
}

static void assert_parts(const char *text, const char *letters, unsigned generation, const char *attributes,
                         const char *variant, const char *size)
{
    struct instance_type_name name = parsed(text);
    assert_string_equal(name.letters, letters);
    assert_int_equal(name.generation, generation);
    assert_string_equal(name.attributes, attributes);
    assert_string_equal(name.variant, variant);
    assert_string_equal(name.size, size);
}

static void names_fall_into_letters_generation_attributes_variant_and_size(void **state UNUSED)
{
    assert_parts("m7i.large", "m", 7, "i", "", "large");
    assert_parts("c8gb.metal-24xl", "c", 8, "gb", "", "metal-24xl");
    assert_parts("is4gen.8xlarge", "is", 4, "gen", "", "8xlarge");
    assert_parts("m7i-flex.large", "m", 7, "i", "flex", "large");
    assert_parts("u7i-12tb.224xlarge", "u", 7, "i", "12tb", "224xlarge");
    assert_parts("trn1n.32xlarge", "trn", 1, "n", "", "32xlarge");
    assert_parts("p6-b200.48xlarge", "p", 6, "", "b200", "48xlarge");
    assert_parts("c10gd.xlarge", "c", 10, "gd", "", "xlarge");
    assert_string_equal(parsed("m7i-flex.large").family, "m7i-flex");
}

static void high_memory_names_have_the_memory_before_the_generation(void **state UNUSED)
{
    assert_parts("u-6tb1.112xlarge", "u", 1, "", "6tb", "112xlarge");
    assert_parts("u-24tb1.metal", "u", 1, "", "24tb", "metal");
    assert_string_equal(parsed("u-6tb1.metal").family, "u-6tb1");
}

static void mac_names_may_lack_a_generation(void **state UNUSED)
{
    assert_parts("mac-m4pro.metal", "mac", 0, "", "m4pro", "metal");
    assert_parts("mac2-m1ultra.metal", "mac", 2, "", "m1ultra", "metal");
}

struct expectation {
    const char *name;
    enum architecture architecture;
    enum processor_vendor vendor;
};

static void assert_processors(const struct expectation *expectations, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct instance_type_name name = parsed(expectations[i].name);
        if (name.architecture != expectations[i].architecture || name.vendor != expectations[i].vendor)
            fail_msg("%s: architecture %d, vendor %d", name.name, (int)name.architecture, (int)name.vendor);
    }
}

static void a_g_among_the_attributes_is_graviton(void **state UNUSED)
{
    static const struct expectation expectations[] = {
        {"c6g.large", ARCH_ARM64, VENDOR_GRAVITON},      {"c7gn.large", ARCH_ARM64, VENDOR_GRAVITON},
        {"x2gd.medium", ARCH_ARM64, VENDOR_GRAVITON},    {"im4gn.large", ARCH_ARM64, VENDOR_GRAVITON},
        {"is4gen.medium", ARCH_ARM64, VENDOR_GRAVITON},  {"hpc7g.4xlarge", ARCH_ARM64, VENDOR_GRAVITON},
        {"g5g.xlarge", ARCH_ARM64, VENDOR_GRAVITON},     {"i8ge.large", ARCH_ARM64, VENDOR_GRAVITON},
        {"x8g.large", ARCH_ARM64, VENDOR_GRAVITON},      {"c9g.large", ARCH_ARM64, VENDOR_GRAVITON},
        {"m9gd.large", ARCH_ARM64, VENDOR_GRAVITON},     {"c8gb.metal-24xl", ARCH_ARM64, VENDOR_GRAVITON},
        {"r12gbn.metal", ARCH_ARM64, VENDOR_GRAVITON},   {"t4g.nano", ARCH_ARM64, VENDOR_GRAVITON},
        {"m9g-flex.large", ARCH_ARM64, VENDOR_GRAVITON},
    };
    assert_processors(expectations, ARRAY_LENGTH(expectations));
}

static void a_g_elsewhere_is_not(void **state UNUSED)
{
    static const struct expectation expectations[] = {
        {"g4dn.xlarge", ARCH_X86_64, VENDOR_UNKNOWN},      {"g6.xlarge", ARCH_X86_64, VENDOR_UNKNOWN},
        {"gr6.4xlarge", ARCH_X86_64, VENDOR_UNKNOWN},      {"gr6f.4xlarge", ARCH_X86_64, VENDOR_UNKNOWN},
        {"t3.large", ARCH_X86_64, VENDOR_UNKNOWN},         {"u-6tb1.112xlarge", ARCH_X86_64, VENDOR_UNKNOWN},
        {"inf2.xlarge", ARCH_X86_64, VENDOR_UNKNOWN},      {"trn2.48xlarge", ARCH_X86_64, VENDOR_UNKNOWN},
        {"p6-b300.48xlarge", ARCH_X86_64, VENDOR_UNKNOWN}, {"g4ad.xlarge", ARCH_X86_64, VENDOR_AMD},
    };
    assert_processors(expectations, ARRAY_LENGTH(expectations));
}

static void the_vendor_is_said_by_a_letter_or_not_at_all(void **state UNUSED)
{
    static const struct expectation expectations[] = {
        {"m7a.large", ARCH_X86_64, VENDOR_AMD},
        {"x8aedz.large", ARCH_X86_64, VENDOR_AMD},
        {"m7i.large", ARCH_X86_64, VENDOR_INTEL},
        {"x2iezn.2xlarge", ARCH_X86_64, VENDOR_INTEL},
        {"m7i-flex.large", ARCH_X86_64, VENDOR_INTEL},
        {"hpc6id.32xlarge", ARCH_X86_64, VENDOR_INTEL},
        {"u7i-12tb.224xlarge", ARCH_X86_64, VENDOR_INTEL},
        {"m5.large", ARCH_X86_64, VENDOR_UNKNOWN},
        {"i3en.large", ARCH_X86_64, VENDOR_UNKNOWN},
        {"trn3.48xlarge", ARCH_X86_64, VENDOR_UNKNOWN},
    };
    assert_processors(expectations, ARRAY_LENGTH(expectations));
}

static void families_whose_letters_mislead_are_exceptions(void **state UNUSED)
{
    static const struct expectation expectations[] = {
        {"a1.large", ARCH_ARM64, VENDOR_GRAVITON},
        {"a1.metal", ARCH_ARM64, VENDOR_GRAVITON},
        {"p6e-gb200.36xlarge", ARCH_ARM64, VENDOR_UNKNOWN},
        {"p6e-gb300.36xlarge", ARCH_ARM64, VENDOR_UNKNOWN},
    };
    assert_processors(expectations, ARRAY_LENGTH(expectations));
}

static void mac_types_are_known_and_refused_with_the_reason(void **state UNUSED)
{
    static const struct expectation expectations[] = {
        {"mac1.metal", ARCH_X86_64_MAC, VENDOR_INTEL},      {"mac2.metal", ARCH_ARM64_MAC, VENDOR_APPLE},
        {"mac2-m2pro.metal", ARCH_ARM64_MAC, VENDOR_APPLE}, {"mac-m4.metal", ARCH_ARM64_MAC, VENDOR_APPLE},
        {"mac-m5max.metal", ARCH_ARM64_MAC, VENDOR_APPLE},
    };
    assert_processors(expectations, ARRAY_LENGTH(expectations));
    for (size_t i = 0; i < ARRAY_LENGTH(expectations); i++) {
        struct instance_type_name name = parsed(expectations[i].name);
        assert_false(name.runnable);
        assert_non_null(strstr(name.reason, "macOS"));
    }
    struct instance_type_name linux_type = parsed("m7i.large");
    assert_true(linux_type.runnable);
    assert_null(linux_type.reason);
}

static void what_is_no_name_is_refused(void **state UNUSED)
{
    static const char *const names[] = {
        "",
        ".",
        "m7i",
        "m7i.",
        ".large",
        "7i.large",
        "m.large",
        "mi.large",
        "m0i.large",
        "m07i.large",
        "m7i.large.large",
        "m7i..large",
        "m7i.lagre",
        "m7i.0xlarge",
        "m7i.1xlarge",
        "m7i.02xlarge",
        "m7i.xlarge2",
        "m7i.24xl",
        "m7i.metal-",
        "m7i.metal-x",
        "m7i.metal24",
        "m7i.24xlarge-m",
        "m7i-.large",
        "m7i-flex-b.large",
        "u-6gb1.metal",
        "u-6tb.metal",
        "u-tb1.metal",
        "mac-.metal",
        "m-7i.large",
        "m7i .large",
        " m7i.large",
        "m7i.large ",
        "m7i.large\n",
        "m7i/../x.large",
        "m7i.large;ls",
        "m7i_x.large",
        "m7\303\251.large",
        "m\033[31m7i.large",
        "m99999999999999999999i.large",
        "m7i.99999999999xlarge",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct err err = {0};
        struct instance_type_name name;
        if (instance_type_parse(names[i], &name, &err) == 0)
            fail_msg("'%s' was taken for an instance type", names[i]);
        assert_int_equal(err.kind, ERR_USAGE);
    }
}

static void the_refusal_says_what_is_wrong(void **state UNUSED)
{
    static const struct {
        const char *name, *says;
    } cases[] = {
        {"m7i", "no size"},    {"M7i.large", "lower case"},          {"m7i.hugge", "a size is"},
        {"m.large", "family"}, {"m7i.large\x01", "letters, digits"}, {"", "empty"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct err err = {0};
        struct instance_type_name name;
        assert_fails(instance_type_parse(cases[i].name, &name, &err), err, ERR_USAGE);
        if (!strstr(err.message, cases[i].says))
            fail_msg("'%s' does not say '%s'", err.message, cases[i].says);
    }
}

static void a_name_of_any_length_is_bounded(void **state UNUSED)
{
    static char text[100000];
    struct instance_type_name name;
    struct err err = {0};
    memset(text, 'm', sizeof text - 1);
    assert_fails(instance_type_parse(text, &name, &err), err, ERR_USAGE);
    /* the longest that fits, and one more */
    assert_succeeds(instance_type_parse("abcdefghijklmnopqrstuvw7.xlarge", &name, &err), err);
    assert_int_equal(strlen(name.name), INSTANCE_TYPE_SIZE - 1);
    assert_fails(instance_type_parse("abcdefghijklmnopqrstuvwx7.xlarge", &name, &err), err, ERR_USAGE);
}

static void architectures_and_vendors_are_words_both_ways(void **state UNUSED)
{
    for (int i = ARCH_X86_64; i <= ARCH_ARM64_MAC; i++)
        assert_int_equal(architecture_from_name(architecture_name((enum architecture)i)), i);
    assert_int_equal(architecture_from_name("i386"), ARCH_UNKNOWN);
    assert_null(architecture_name(ARCH_UNKNOWN));
    assert_int_equal(processor_vendor_from_manufacturer("AWS"), VENDOR_GRAVITON);
    assert_int_equal(processor_vendor_from_manufacturer("NVIDIA"), VENDOR_UNKNOWN);
    assert_string_equal(processor_vendor_name(VENDOR_AMD), "amd");
    assert_null(processor_vendor_name(VENDOR_UNKNOWN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_fall_into_letters_generation_attributes_variant_and_size),
        cmocka_unit_test(high_memory_names_have_the_memory_before_the_generation),
        cmocka_unit_test(mac_names_may_lack_a_generation),
        cmocka_unit_test(a_g_among_the_attributes_is_graviton),
        cmocka_unit_test(a_g_elsewhere_is_not),
        cmocka_unit_test(the_vendor_is_said_by_a_letter_or_not_at_all),
        cmocka_unit_test(families_whose_letters_mislead_are_exceptions),
        cmocka_unit_test(mac_types_are_known_and_refused_with_the_reason),
        cmocka_unit_test(what_is_no_name_is_refused),
        cmocka_unit_test(the_refusal_says_what_is_wrong),
        cmocka_unit_test(a_name_of_any_length_is_bounded),
        cmocka_unit_test(architectures_and_vendors_are_words_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
