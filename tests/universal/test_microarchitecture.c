#include "topology/microarchitecture.h"

#include "test.h"

#include <string.h>

/* What processors of EC2's instance types, and some others, say of themselves: EAX of CPUID leaf 1. */
static const struct {
    const char *vendor;
    uint32_t signature;
    const char *name;
} x86_cpus[] = {
    {"GenuineIntel", 0x000206D7, "Sandy Bridge"},    /* Xeon E5-2670: cc2 */
    {"GenuineIntel", 0x000306E4, "Ivy Bridge"},      /* Xeon E5-2680 v2: c3 */
    {"GenuineIntel", 0x000306F2, "Haswell"},         /* Xeon E5-2666 v3: c4 */
    {"GenuineIntel", 0x000406F1, "Broadwell"},       /* Xeon E5-2686 v4: m4, r4 */
    {"GenuineIntel", 0x00050653, "Skylake-SP"},      /* Xeon Platinum 8124M, an early stepping */
    {"GenuineIntel", 0x00050654, "Skylake-SP"},      /* Xeon Platinum 8175M: m5 */
    {"GenuineIntel", 0x00050657, "Cascade Lake"},    /* Xeon Platinum 8259CL: m5n */
    {"GenuineIntel", 0x0005065B, "Cooper Lake"},     /* Xeon Platinum 8380H */
    {"GenuineIntel", 0x000606A6, "Ice Lake"},        /* Xeon Platinum 8375C: m6i */
    {"GenuineIntel", 0x000806F8, "Sapphire Rapids"}, /* Xeon Platinum 8488C: m7i */
    {"GenuineIntel", 0x000C06F2, "Emerald Rapids"},  /* Xeon Platinum 8559C: i7ie */
    {"GenuineIntel", 0x000A06D1, "Granite Rapids"},  /* Xeon 6975P-C: m8i */
    {"GenuineIntel", 0x000A06F3, "Sierra Forest"},   /* Xeon 6780E */
    {"AuthenticAMD", 0x00800F12, "Zen 1"},           /* EPYC 7571: m5a */
    {"AuthenticAMD", 0x00830F10, "Zen 2"},           /* EPYC 7R32: c5a */
    {"AuthenticAMD", 0x00A00F11, "Zen 3"},           /* EPYC 7R13: m6a */
    {"AuthenticAMD", 0x00A10F11, "Zen 4"},           /* EPYC 9R14: m7a */
    {"AuthenticAMD", 0x00AA0F02, "Zen 4"},           /* EPYC 9754 */
    {"AuthenticAMD", 0x00B00F21, "Zen 5"},           /* EPYC 9R45: m8a */
    {"AuthenticAMD", 0x00B10F10, "Zen 5"},           /* EPYC 9965 */
};

TEST(x86_processors_are_known_by_family_model_and_stepping)
{
    for (size_t i = 0; i < ARRAY_LENGTH(x86_cpus); i++) {
        const char *name = microarchitecture_x86(x86_cpus[i].vendor, x86_cpus[i].signature);
        if (!name || strcmp(name, x86_cpus[i].name) != 0)
            fail_msg("%s 0x%08x is %s, not %s", x86_cpus[i].vendor, x86_cpus[i].signature,
                     name ? name : "unknown", x86_cpus[i].name);
    }
}

TEST(what_is_not_in_the_table_has_no_name)
{
    assert_null(microarchitecture_x86("GenuineIntel", 0x00000663)); /* QEMU's qemu64 says so of Intel */
    assert_null(microarchitecture_x86("GenuineIntel", 0x000306C3)); /* Haswell, but no server's */
    assert_null(microarchitecture_x86("GenuineIntel", 0x00050658)); /* a stepping between two generations */
    assert_null(
        microarchitecture_x86("GenuineIntel", 0x00A10F11)); /* the numbers of one, the name of another */
    assert_null(microarchitecture_x86("AuthenticAMD", 0x000806F8));
    assert_null(microarchitecture_x86("AuthenticAMD", 0x00B50F00)); /* announced, not in the table */
    assert_null(microarchitecture_x86("", 0x000806F8));
    assert_null(microarchitecture_x86("CentaurHauls", 0x000006FE));
    assert_null(microarchitecture_arm64(0x000F0510)); /* QEMU's own */
    assert_null(microarchitecture_arm64(0x41000000));
    assert_null(microarchitecture_arm64(0xC00FD0C1)); /* the part of one, the implementer of another */
    assert_null(implementer_arm64(0x000F0510));
}

TEST(arm_cores_are_known_by_implementer_and_part_in_any_revision)
{
    assert_string_equal(microarchitecture_arm64(0x410FD083), "Cortex-A72");
    assert_string_equal(microarchitecture_arm64(0x413FD0C1), "Neoverse-N1");
    assert_string_equal(microarchitecture_arm64(0x414FD0C1), "Neoverse-N1");
    assert_string_equal(microarchitecture_arm64(0x411FD401), "Neoverse-V1");
    assert_string_equal(microarchitecture_arm64(0x410FD4F1), "Neoverse-V2");
    assert_string_equal(microarchitecture_arm64(0x410FD840), "Neoverse-V3");
    assert_string_equal(implementer_arm64(0x413FD0C1), "ARM");
    assert_string_equal(implementer_arm64(0xC00FAC30), "Ampere");
}

TEST(graviton_is_named_where_core_firmware_and_type_agree)
{
    assert_string_equal(graviton_generation(0x410FD083, "Amazon EC2", "a1.xlarge"), "AWS Graviton");
    assert_string_equal(graviton_generation(0x413FD0C1, "Amazon EC2", "m6g.metal"), "AWS Graviton2");
    assert_string_equal(graviton_generation(0x413FD0C1, "Amazon EC2", "im4gn.large"), "AWS Graviton2");
    assert_string_equal(graviton_generation(0x413FD0C1, "Amazon EC2", "g5g.xlarge"), "AWS Graviton2");
    assert_string_equal(graviton_generation(0x411FD401, "Amazon EC2", "hpc7g.16xlarge"), "AWS Graviton3");
    assert_string_equal(graviton_generation(0x410FD4F1, "Amazon EC2", "x8g.48xlarge"), "AWS Graviton4");
    assert_string_equal(graviton_generation(0x410FD4F1, "Amazon EC2", "r8gd.metal-24xl"), "AWS Graviton4");
    assert_string_equal(graviton_generation(0x410FD840, "Amazon EC2", "m9g.large"), "AWS Graviton5");
}

TEST(the_same_core_elsewhere_is_no_graviton)
{
    assert_null(graviton_generation(0x413FD0C1, "GIGABYTE", "m6g.large"));            /* Ampere Altra */
    assert_null(graviton_generation(0x410FD4F0, "Amazon EC2", "p6e-gb200.36xlarge")); /* NVIDIA Grace */
    assert_null(graviton_generation(0x410FD4F0, "Google", "Google Compute Engine"));
    assert_null(graviton_generation(0x410FD490, "Amazon EC2", "m7g.large")); /* a core that no Graviton has */
    assert_null(graviton_generation(0x410FD4F1, "Amazon EC2", "mac2.metal"));
    assert_null(graviton_generation(0x410FD4F1, "Amazon EC2", "g.large"));
    assert_null(graviton_generation(0x410FD4F1, "Amazon EC2", ""));
    assert_null(graviton_generation(0x410FD4F1, "", "m8g.large"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x86_processors_are_known_by_family_model_and_stepping),
        cmocka_unit_test(what_is_not_in_the_table_has_no_name),
        cmocka_unit_test(arm_cores_are_known_by_implementer_and_part_in_any_revision),
        cmocka_unit_test(graviton_is_named_where_core_firmware_and_type_agree),
        cmocka_unit_test(the_same_core_elsewhere_is_no_graviton),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
