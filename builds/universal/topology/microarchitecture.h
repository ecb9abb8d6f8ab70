/*
 * What the designers call a CPU, by the numbers that it has in itself. A number that the tables lack has no
 * name: nothing is guessed from its neighbours.
 */
#ifndef TOPOLOGY_MICROARCHITECTURE_H
#define TOPOLOGY_MICROARCHITECTURE_H

#include <stdint.h>

/* vendor: CPUID leaf 0 ("GenuineIntel"); signature: EAX of leaf 1. Servers' processors, by Intel's name of
 * the generation ("Sapphire Rapids") and AMD's of the core ("Zen 4"). NULL: unknown. */
const char *microarchitecture_x86(const char *vendor, uint32_t signature);

/* midr: MIDR_EL1. The core as lscpu spells it, "Neoverse-V2". NULL: unknown. */
const char *microarchitecture_arm64(uint32_t midr);

/* MIDR_EL1.Implementer in words, "ARM". NULL: unknown. */
const char *implementer_arm64(uint32_t midr);

/* The generation of AWS's own processor, "AWS Graviton4". A core alone does not tell, since others build
 * processors of the same cores: the firmware must say that this is EC2 (sys_vendor "Amazon EC2") and the
 * instance type (product_name "m8g.large") that its processor is a Graviton. NULL: not known to be one. */
const char *graviton_generation(uint32_t midr, const char *sys_vendor, const char *product_name);

#endif
