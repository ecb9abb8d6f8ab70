#include "topology/microarchitecture.h"

#include "base/attributes.h"

#include <stdbool.h>
#include <string.h>

#define INTEL "GenuineIntel"
#define AMD "AuthenticAMD"
#define HYGON "HygonGenuine"

#define ANY_STEPPING 0, 15

struct x86_row {
    const char *vendor;
    unsigned family;
    unsigned first_model, last_model;
    unsigned first_stepping, last_stepping;
    const char *name;
};

/*
 * Intel: Software Developer's Manual, volume 4, table 2-1, and Linux, arch/x86/include/asm/intel-family.h.
 * Model 55h is three generations, which differ in their stepping: Intel's specification updates of the second
 * and third generation of Xeon Scalable processors. AMD: the revision guides and processor programming
 * references of families 17h, 19h and 1Ah, and the ranges by which Linux (arch/x86/kernel/cpu/amd.c) knows a
 * generation.
 */
static const struct x86_row x86_rows[] = {
    {INTEL, 6, 0x1A, 0x1A, ANY_STEPPING, "Nehalem"},
    {INTEL, 6, 0x2C, 0x2C, ANY_STEPPING, "Westmere"},
    {INTEL, 6, 0x2D, 0x2D, ANY_STEPPING, "Sandy Bridge"},
    {INTEL, 6, 0x3E, 0x3E, ANY_STEPPING, "Ivy Bridge"},
    {INTEL, 6, 0x3F, 0x3F, ANY_STEPPING, "Haswell"},
    {INTEL, 6, 0x4F, 0x4F, ANY_STEPPING, "Broadwell"},
    {INTEL, 6, 0x56, 0x56, ANY_STEPPING, "Broadwell"},
    {INTEL, 6, 0x55, 0x55, 0, 4, "Skylake-SP"},
    {INTEL, 6, 0x55, 0x55, 5, 7, "Cascade Lake"},
    {INTEL, 6, 0x55, 0x55, 10, 11, "Cooper Lake"},
    {INTEL, 6, 0x6A, 0x6A, ANY_STEPPING, "Ice Lake"},
    {INTEL, 6, 0x6C, 0x6C, ANY_STEPPING, "Ice Lake"},
    {INTEL, 6, 0x8F, 0x8F, ANY_STEPPING, "Sapphire Rapids"},
    {INTEL, 6, 0xCF, 0xCF, ANY_STEPPING, "Emerald Rapids"},
    {INTEL, 6, 0xAD, 0xAE, ANY_STEPPING, "Granite Rapids"},
    {INTEL, 6, 0xAF, 0xAF, ANY_STEPPING, "Sierra Forest"},
    {INTEL, 6, 0xDD, 0xDD, ANY_STEPPING, "Clearwater Forest"},
    {AMD, 0x17, 0x00, 0x2F, ANY_STEPPING, "Zen 1"},
    {AMD, 0x17, 0x50, 0x5F, ANY_STEPPING, "Zen 1"},
    {HYGON, 0x18, 0x00, 0x0F, ANY_STEPPING, "Zen 1"},
    {AMD, 0x17, 0x30, 0x4F, ANY_STEPPING, "Zen 2"},
    {AMD, 0x17, 0x60, 0x7F, ANY_STEPPING, "Zen 2"},
    {AMD, 0x17, 0x90, 0x91, ANY_STEPPING, "Zen 2"},
    {AMD, 0x17, 0xA0, 0xAF, ANY_STEPPING, "Zen 2"},
    {AMD, 0x19, 0x00, 0x0F, ANY_STEPPING, "Zen 3"},
    {AMD, 0x19, 0x20, 0x5F, ANY_STEPPING, "Zen 3"},
    {AMD, 0x19, 0x10, 0x1F, ANY_STEPPING, "Zen 4"},
    {AMD, 0x19, 0x60, 0xAF, ANY_STEPPING, "Zen 4"},
    {AMD, 0x1A, 0x00, 0x2F, ANY_STEPPING, "Zen 5"},
    {AMD, 0x1A, 0x40, 0x4F, ANY_STEPPING, "Zen 5"},
    {AMD, 0x1A, 0x60, 0x7F, ANY_STEPPING, "Zen 5"},
};

struct implementer_row {
    unsigned implementer;
    const char *name;
};

/* Arm Architecture Reference Manual, MIDR_EL1.Implementer. */
static const struct implementer_row implementers[] = {
    {0x41, "ARM"},    {0x42, "Broadcom"}, {0x43, "Cavium"}, {0x46, "Fujitsu"}, {0x48, "HiSilicon"},
    {0x4E, "NVIDIA"}, {0x51, "Qualcomm"}, {0x61, "Apple"},  {0xC0, "Ampere"},
};

#define ARM 0x41

struct core_row {
    unsigned implementer, part;
    const char *name;
};

/* The technical reference manuals of the cores, MIDR_EL1.PartNum. */
static const struct core_row cores[] = {
    {ARM, 0xD07, "Cortex-A57"},  {ARM, 0xD08, "Cortex-A72"},    {ARM, 0xD0B, "Cortex-A76"},
    {ARM, 0xD0C, "Neoverse-N1"}, {ARM, 0xD40, "Neoverse-V1"},   {ARM, 0xD49, "Neoverse-N2"},
    {ARM, 0xD4F, "Neoverse-V2"}, {ARM, 0xD83, "Neoverse-V3AE"}, {ARM, 0xD84, "Neoverse-V3"},
    {ARM, 0xD8E, "Neoverse-N3"},
};

/* AWS's technical guide to Graviton, and for the fifth its announcement. The 3E of c7gn and hpc7g has the
 * cores of the third, and is called by the generation. */
static const struct core_row gravitons[] = {
    {ARM, 0xD08, "AWS Graviton"},  {ARM, 0xD0C, "AWS Graviton2"}, {ARM, 0xD40, "AWS Graviton3"},
    {ARM, 0xD4F, "AWS Graviton4"}, {ARM, 0xD84, "AWS Graviton5"},
};

/* CPUID leaf 1, EAX, as both vendors define it: the extended fields count from family 15 on, Intel's extended
 * model in family 6 too. */
static unsigned family_of(uint32_t signature)
{
    unsigned family = signature >> 8 & 0xF;
    return family == 0xF ? family + (signature >> 20 & 0xFF) : family;
}

static unsigned model_of(uint32_t signature)
{
    unsigned family = signature >> 8 & 0xF;
    unsigned model = signature >> 4 & 0xF;
    return family == 6 || family == 0xF ? model | (signature >> 12 & 0xF0) : model;
}

const char *microarchitecture_x86(const char *vendor, uint32_t signature)
{
    unsigned family = family_of(signature), model = model_of(signature), stepping = signature & 0xF;
    for (size_t i = 0; i < ARRAY_LENGTH(x86_rows); i++) {
        const struct x86_row *row = &x86_rows[i];
        if (strcmp(row->vendor, vendor) == 0 && row->family == family && row->first_model <= model &&
            model <= row->last_model && row->first_stepping <= stepping && stepping <= row->last_stepping)
            return row->name;
    }
    return NULL;
}

static const char *find_core(const struct core_row *rows, size_t count, uint32_t midr)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].implementer == midr >> 24 && rows[i].part == (midr >> 4 & 0xFFF))
            return rows[i].name;
    return NULL;
}

const char *microarchitecture_arm64(uint32_t midr)
{
    return find_core(cores, ARRAY_LENGTH(cores), midr);
}

const char *implementer_arm64(uint32_t midr)
{
    for (size_t i = 0; i < ARRAY_LENGTH(implementers); i++)
        if (implementers[i].implementer == midr >> 24)
            return implementers[i].name;
    return NULL;
}

/* EC2's naming of instance types: series, generation, then attributes of which g says Graviton
 * ("im4gn.large"). The first of them, a1, has none; p6e-gb200 is an Arm host of another make, whose g comes
 * after the dash. */
static bool type_has_graviton(const char *type)
{
    static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
    size_t series = strspn(type, lower);
    size_t generation = strspn(type + series, "0123456789");
    size_t attributes = strspn(type + series + generation, lower);
    bool named = series > 0 && generation > 0;
    bool says_so = memchr(type + series + generation, 'g', attributes) != NULL;
    return strncmp(type, "a1.", 3) == 0 || (named && says_so);
}

const char *graviton_generation(uint32_t midr, const char *sys_vendor, const char *product_name)
{
    if (strcmp(sys_vendor, "Amazon EC2") != 0 || !type_has_graviton(product_name))
        return NULL;
    return find_core(gravitons, ARRAY_LENGTH(gravitons), midr);
}
