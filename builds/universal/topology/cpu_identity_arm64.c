#include "topology/cpu_identity.h"

#include "topology/microarchitecture.h"
#include "topology/system_file.h"

#include <asm/hwcap.h>
#include <string.h>
#include <sys/auxv.h>

/* What QEMU's "max" CPU, the default of qemu-aarch64, has in MIDR_EL1: no implementer, part 'Q'. */
#define MIDR_QEMU 0x000F0510U

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

/* A core without a name is called by its numbers, which is what it says of itself. */
static void name_core(uint32_t midr, struct cpu_identity *identity)
{
    const char *vendor = implementer_arm64(midr);
    identity->microarchitecture = microarchitecture_arm64(midr);
    snprintf(identity->vendor, sizeof identity->vendor, "%s", vendor ? vendor : "");
    if (identity->microarchitecture)
        snprintf(identity->model, sizeof identity->model, "%s", identity->microarchitecture);
    else
        snprintf(identity->model, sizeof identity->model, "implementer 0x%02x part 0x%03x", midr >> 24,
                 midr >> 4 & 0xFFF);
}

static void name_product(const char *root, uint32_t midr, struct cpu_identity *identity)
{
    char vendor[64], product[64];
    if (system_file_read(root, "/sys/devices/virtual/dmi/id/sys_vendor", vendor, sizeof vendor) &&
        system_file_read(root, "/sys/devices/virtual/dmi/id/product_name", product, sizeof product))
        identity->product = graviton_generation(midr, vendor, product);
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
        snprintf(identity->id, sizeof identity->id, "0x%08x", (uint32_t)midr.value);
        name_core((uint32_t)midr.value, identity);
        name_product(root, (uint32_t)midr.value, identity);
    }
    read_hypervisor(root, identity->hypervisor, sizeof identity->hypervisor);
    char unused[32];
    identity->emulated = (midr.known && midr.value == MIDR_QEMU) ||
                         system_text_field(cpuinfo, "vendor_id", unused, sizeof unused);
}
