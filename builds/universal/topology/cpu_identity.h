/* Who made the CPU, what it is called, what it runs under. */
#ifndef TOPOLOGY_CPU_IDENTITY_H
#define TOPOLOGY_CPU_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

/* What is unknown is an empty text. */
struct cpu_identity {
    char vendor[64]; /* "GenuineIntel", "AuthenticAMD"; on arm64 the implementer: "ARM", "Ampere" */
    char model[128]; /* CPUID's brand string; on arm64 the core's name: "Neoverse-V2" */
    char id[16];     /* what the names below are known by: EAX of CPUID leaf 1, or MIDR_EL1, "0x000806f8" */
    const char *microarchitecture; /* "Sapphire Rapids", "Neoverse-V2"; NULL: not in the tables */
    const char *product; /* arm64, where it is sure: "AWS Graviton4"; NULL on x86, whose model names it */
    char microcode[32];  /* "0x2b000603"; arm64 has none */
    char hypervisor[32]; /* "kvm", "xen", …; "none" where the CPU says that it runs on bare metal */
    /* The CPU is emulated: what it says of itself and what Linux says of the machine can't both be true.
     * x86: the hypervisor's signature is TCG's, or /proc/cpuinfo is an arm64 machine's.
     * arm64: MIDR_EL1 is the one that QEMU made up, or /proc/cpuinfo is an x86 machine's. */
    bool emulated;
};

void cpu_identity_read(const char *root, struct cpu_identity *identity);

/* For each architecture to fill in; cpuinfo is the text of /proc/cpuinfo, or empty. */
void cpu_identity_ask_cpu(const char *root, const char *cpuinfo, struct cpu_identity *identity);

#endif
