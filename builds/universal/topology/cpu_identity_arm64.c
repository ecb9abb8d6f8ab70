#include "topology/cpu_identity.h"

#include "base/parse.h"
#include "topology/system_file.h"

#include <asm/hwcap.h>
#include <string.h>
#include <sys/auxv.h>

/* What QEMU's "max" CPU, the default of qemu-aarch64, has in MIDR_EL1: no implementer, part 'Q'. */
#define MIDR_QEMU 0x000F0510U

struct implementer_row {
    unsigned implementer;
    const char *name;
};

struct core_row {
    unsigned implementer, part;
    const char *name;
};

/* Arm Architecture Reference Manual, MIDR_EL1.Implementer. */
static const struct implementer_row implementers[] = {
    {0x41, "ARM"},    {0x42, "Broadcom"}, {0x43, "Cavium"}, {0x46, "Fujitsu"}, {0x48, "HiSilicon"},
    {0x4E, "NVIDIA"}, {0x51, "Qualcomm"}, {0x61, "Apple"},  {0xC0, "Ampere"},
};

/* The technical reference manuals of the cores. */
static const struct core_row cores[] = {
    {0x41, 0xD07, "Cortex-A57"},  {0x41, 0xD08, "Cortex-A72"},    {0x41, 0xD0B, "Cortex-A76"},
    {0x41, 0xD0C, "Neoverse-N1"}, {0x41, 0xD40, "Neoverse-V1"},   {0x41, 0xD49, "Neoverse-N2"},
    {0x41, 0xD4F, "Neoverse-V2"}, {0x41, 0xD83, "Neoverse-V3AE"}, {0x41, 0xD84, "Neoverse-V3"},
    {0x41, 0xD8E, "Neoverse-N3"},
};

/* Linux lets programs read the register where it sets HWCAP_CPUID; else sysfs may show it. */
static struct optional_u64 read_midr(const char *root)
{
    if (getauxval(AT_HWCAP) & HWCAP_CPUID) {
        uint64_t midr;
        __asm__("mrs %0, midr_el1" : "=r"(midr));
        return known_u64(midr & UINT32_MAX);
    }
    char text[32];
    if (!system_file_read(root, "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", text,
                          sizeof text))
        return (struct optional_u64){0};
    char *end = NULL;
    uint64_t midr = strtoull(text, &end, 16);
    if (*end)
        return (struct optional_u64){0};
    return known_u64(midr & UINT32_MAX);
}

static void name_implementer(unsigned implementer, char *vendor, size_t size)
{
    for (size_t i = 0; i < ARRAY_LENGTH(implementers); i++)
        if (implementers[i].implementer == implementer)
            snprintf(vendor, size, "%s", implementers[i].name);
}

/* A core that the table lacks is called by its numbers, which is what it says of itself. */
static void name_core(unsigned implementer, unsigned part, char *model, size_t size)
{
    snprintf(model, size, "implementer 0x%02x part 0x%03x", implementer, part);
    for (size_t i = 0; i < ARRAY_LENGTH(cores); i++)
        if (cores[i].implementer == implementer && cores[i].part == part)
            snprintf(model, size, "%s", cores[i].name);
}

/* The CPU has no bit for it: what Linux knows from the firmware. */
static void read_hypervisor(const char *root, char *hypervisor, size_t size)
{
    if (system_file_read(root, "/sys/hypervisor/type", hypervisor, size))
        return;
    char compatible[64];
    bool known =
        system_file_read(root, "/proc/device-tree/hypervisor/compatible", compatible, sizeof compatible);
    snprintf(hypervisor, size, "%s", known && strcmp(compatible, "linux,kvm") == 0 ? "kvm" : "");
}

void cpu_identity_ask_cpu(const char *root, const char *cpuinfo, struct cpu_identity *identity)
{
    struct optional_u64 midr = read_midr(root);
    if (midr.known) {
        unsigned implementer = (unsigned)(midr.value >> 24);
        name_implementer(implementer, identity->vendor, sizeof identity->vendor);
        name_core(implementer, (unsigned)(midr.value >> 4) & 0xFFF, identity->model, sizeof identity->model);
    }
    read_hypervisor(root, identity->hypervisor, sizeof identity->hypervisor);
    char unused[32];
    identity->emulated = (midr.known && midr.value == MIDR_QEMU) ||
                         system_text_field(cpuinfo, "vendor_id", unused, sizeof unused);
}
