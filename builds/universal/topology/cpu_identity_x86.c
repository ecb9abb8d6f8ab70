#include "topology/cpu_identity.h"

#include "topology/microarchitecture.h"
#include "topology/system_file.h"

#include <cpuid.h>
#include <string.h>

#define LEAF_HYPERVISOR 0x40000000U
#define LEAF_BRAND 0x80000002U
#define BIT_HYPERVISOR (1U << 31)

struct signature_row {
    const char *signature;
    const char *name;
};

static const struct signature_row hypervisors[] = {
    {"KVMKVMKVM", "kvm"},       {"Microsoft Hv", "hyperv"}, {"XenVMMXenVMM", "xen"},
    {"VMwareVMware", "vmware"}, {"TCGTCGTCGTCG", "qemu"},   {"bhyve bhyve ", "bhyve"},
};

static void read_vendor(char *vendor)
{
    unsigned words[3], unused;
    __cpuid(0, unused, words[0], words[2], words[1]);
    memcpy(vendor, words, sizeof words);
    vendor[sizeof words] = '\0';
}

static void read_model(char *model, size_t size)
{
    char brand[49] = "";
    if ((unsigned)__get_cpuid_max(0x80000000U, NULL) < LEAF_BRAND + 2)
        return;
    for (unsigned i = 0; i < 3; i++) {
        unsigned words[4];
        __cpuid(LEAF_BRAND + i, words[0], words[1], words[2], words[3]);
        memcpy(brand + i * sizeof words, words, sizeof words);
    }
    const char *start = brand + strspn(brand, " "); /* Intel pads at the front, AMD behind */
    size_t length = strlen(start);
    while (length > 0 && start[length - 1] == ' ')
        length--;
    snprintf(model, size, "%.*s", (int)length, start);
}

static void read_signature(struct cpu_identity *identity)
{
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
        return;
    snprintf(identity->id, sizeof identity->id, "0x%08x", eax);
    identity->microarchitecture = microarchitecture_x86(identity->vendor, eax);
}

static void read_hypervisor(char *hypervisor, size_t size)
{
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
        return;
    if (!(ecx & BIT_HYPERVISOR)) {
        snprintf(hypervisor, size, "none");
        return;
    }
    unsigned words[3];
    char signature[sizeof words + 1] = "";
    __cpuid(LEAF_HYPERVISOR, eax, words[0], words[1], words[2]);
    memcpy(signature, words, sizeof words);
    for (size_t i = 0; i < ARRAY_LENGTH(hypervisors); i++)
        if (strcmp(signature, hypervisors[i].signature) == 0)
            snprintf(hypervisor, size, "%s", hypervisors[i].name);
}

void cpu_identity_ask_cpu(const char *root, const char *cpuinfo, struct cpu_identity *identity)
{
    (void)root;
    char unused[32];
    read_vendor(identity->vendor);
    read_model(identity->model, sizeof identity->model);
    read_signature(identity);
    read_hypervisor(identity->hypervisor, sizeof identity->hypervisor);
    system_text_field(cpuinfo, "microcode", identity->microcode, sizeof identity->microcode);
    identity->emulated = strcmp(identity->hypervisor, "qemu") == 0 ||
                         system_text_field(cpuinfo, "CPU implementer", unused, sizeof unused);
}
