/*
 * What the name of an EC2 instance type says by itself.
 *
 * A name is FAMILY.SIZE. A family is letters, a generation and attribute letters, with at times a variant
 * behind a dash: "m7i-flex" is m, 7, i, flex; "is4gen" is is, 4, gen. A size is a word ("large"), a multiple
 * ("24xlarge") or bare metal ("metal", "metal-24xl"). Names that break the pattern: "u-6tb1" (the memory
 * stands before the generation) and "mac-m4" (no generation).
 *
 * Source: "Amazon EC2 instance type naming conventions" in the EC2 instance types guide. A g among the
 * attributes is a Graviton processor; a g among the family's letters ("g4dn") or in the size ("large") is
 * not.
 */
#ifndef DISCOVERY_INSTANCE_TYPE_H
#define DISCOVERY_INSTANCE_TYPE_H

#include "base/error.h"

#include <stdbool.h>

enum architecture { ARCH_UNKNOWN, ARCH_X86_64, ARCH_ARM64, ARCH_X86_64_MAC, ARCH_ARM64_MAC };

/* EC2's word ("x86_64"), or NULL for ARCH_UNKNOWN. Static. */
const char *architecture_name(enum architecture architecture);
/* ARCH_UNKNOWN for any other word; i386 is not an architecture of its own here. */
enum architecture architecture_from_name(const char *name);

enum processor_vendor { VENDOR_UNKNOWN, VENDOR_INTEL, VENDOR_AMD, VENDOR_GRAVITON, VENDOR_APPLE };

/* "intel", "amd", "graviton", "apple", or NULL for VENDOR_UNKNOWN. Static. */
const char *processor_vendor_name(enum processor_vendor vendor);
/* From the Manufacturer that EC2 tells: "Intel", "AMD", "AWS", "Apple"; VENDOR_UNKNOWN for any other. */
enum processor_vendor processor_vendor_from_manufacturer(const char *manufacturer);

#define INSTANCE_TYPE_SIZE 32 /* characters of a name with its NUL; the longest known has 18 */

struct instance_type_name {
    char name[INSTANCE_TYPE_SIZE];
    char family[INSTANCE_TYPE_SIZE];     /* "c8gb", "m7i-flex", "u-6tb1" */
    char letters[INSTANCE_TYPE_SIZE];    /* "c", "m", "u" */
    unsigned generation;                 /* 8, 7, 1; 0: the name has none ("mac-m4") */
    char attributes[INSTANCE_TYPE_SIZE]; /* "gb", "i", "" */
    char variant[INSTANCE_TYPE_SIZE];    /* behind the dash: "flex", "6tb", "gb200", "m4"; mostly empty */
    char size[INSTANCE_TYPE_SIZE];       /* "metal-24xl" */
    enum architecture architecture;
    enum processor_vendor vendor; /* VENDOR_UNKNOWN where the name does not say it */
    bool runnable;                /* this program can run benchmarks on it */
    const char *reason;           /* why not; NULL when runnable. Static. */
};

/* ERR_USAGE for what is not the name of an instance type, saying what is wrong with it. */
int instance_type_parse(const char *text, struct instance_type_name *name, struct err *err);

#endif
