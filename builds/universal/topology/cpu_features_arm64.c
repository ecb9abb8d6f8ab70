#include "topology/cpu_features.h"

#include "base/attributes.h"

#include <asm/hwcap.h>
#include <sys/auxv.h>

struct feature_row {
    const char *name;
    unsigned long vector; /* AT_HWCAP or AT_HWCAP2 */
    unsigned long mask;
};

/* Linux, Documentation/arch/arm64/elf_hwcaps.rst */
static const struct feature_row rows[CPU_FEATURES] = {
    [CPU_ASIMD] = {"asimd", AT_HWCAP, HWCAP_ASIMD},
    [CPU_ATOMICS] = {"atomics", AT_HWCAP, HWCAP_ATOMICS},
    [CPU_CRC32] = {"crc32", AT_HWCAP, HWCAP_CRC32},
    [CPU_FPHP] = {"fphp", AT_HWCAP, HWCAP_FPHP},
    [CPU_ASIMDHP] = {"asimdhp", AT_HWCAP, HWCAP_ASIMDHP},
    [CPU_ASIMDDP] = {"asimddp", AT_HWCAP, HWCAP_ASIMDDP},
    [CPU_SVE] = {"sve", AT_HWCAP, HWCAP_SVE},
    [CPU_SVE2] = {"sve2", AT_HWCAP2, HWCAP2_SVE2},
    [CPU_I8MM] = {"i8mm", AT_HWCAP2, HWCAP2_I8MM},
    [CPU_BF16] = {"bf16", AT_HWCAP2, HWCAP2_BF16},
};

cpu_feature_set cpu_features_detect(void)
{
    cpu_feature_set set = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (getauxval(rows[i].vector) & rows[i].mask)
            set |= cpu_feature_bit((enum cpu_feature)i);
    return set;
}

const char *cpu_feature_name(enum cpu_feature feature)
{
    return rows[feature].name;
}
