#include "discovery/instance_type.h"

#include "base/parse.h"
#include "base/text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const architecture_names[] = {
    [ARCH_X86_64] = "x86_64",
    [ARCH_ARM64] = "arm64",
    [ARCH_X86_64_MAC] = "x86_64_mac",
    [ARCH_ARM64_MAC] = "arm64_mac",
};

const char *architecture_name(enum architecture architecture)
{
    return architecture_names[architecture];
}

enum architecture architecture_from_name(const char *name)
{
    for (size_t i = ARCH_X86_64; i < ARRAY_LENGTH(architecture_names); i++)
        if (strcmp(name, architecture_names[i]) == 0)
            return (enum architecture)i;
    return ARCH_UNKNOWN;
}

/* What this project and what EC2's Manufacturer call each. */
static const struct {
    const char *name;
    const char *manufacturer;
} vendors[] = {
    [VENDOR_INTEL] = {"intel", "Intel"},
    [VENDOR_AMD] = {"amd", "AMD"},
    [VENDOR_GRAVITON] = {"graviton", "AWS"},
    [VENDOR_APPLE] = {"apple", "Apple"},
};

const char *processor_vendor_name(enum processor_vendor vendor)
{
    return vendors[vendor].name;
}

enum processor_vendor processor_vendor_from_manufacturer(const char *manufacturer)
{
    for (size_t i = VENDOR_INTEL; i < ARRAY_LENGTH(vendors); i++)
        if (strcmp(manufacturer, vendors[i].manufacturer) == 0)
            return (enum processor_vendor)i;
    return VENDOR_UNKNOWN;
}

static int malformed(const char *text, const char *why, struct err *err)
{
    return err_set(err, ERR_USAGE, "'%.40s' is not the name of an instance type: %s", text, why);
}

/* Copies what lies between two places of the name, which INSTANCE_TYPE_SIZE bounds. */
static void copy_part(char out[INSTANCE_TYPE_SIZE], const char *from, const char *to)
{
    size_t length = (size_t)(to - from);
    memcpy(out, from, length);
    out[length] = '\0';
}

static bool is_lower_or_digit(char c)
{
    return is_lower(c) || is_digit(c);
}

/* A number of at least min, written without leading zeros. */
static bool read_count(struct cursor *cursor, uint32_t min, uint32_t *value)
{
    return !cursor_done(cursor) && *cursor->at != '0' && cursor_number(cursor, value) && *value >= min;
}

static bool skip_word(struct cursor *cursor, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0)
        return false;
    cursor->at += length;
    return true;
}

/* "6tb1" behind "u-": memory in TiB, then the generation. */
static bool read_memory_and_generation(struct cursor *cursor, struct instance_type_name *name)
{
    const char *start = cursor->at;
    uint32_t tebibytes = 0, generation = 0;
    if (!read_count(cursor, 1, &tebibytes) || !skip_word(cursor, "tb"))
        return false;
    copy_part(name->variant, start, cursor->at);
    if (!read_count(cursor, 1, &generation))
        return false;
    name->generation = generation;
    return true;
}

/* Letters and digits behind a dash: "flex", "12tb", "gb200", "m4". */
static bool read_variant(struct cursor *cursor, struct instance_type_name *name)
{
    const char *start = cursor->at;
    if (cursor_while(cursor, is_lower_or_digit) == 0)
        return false;
    copy_part(name->variant, start, cursor->at);
    return true;
}

/* The family without generation: only these two are known to exist, others are more likely mistyped. */
static bool read_without_generation(struct cursor *cursor, struct instance_type_name *name)
{
    if (strcmp(name->letters, "u") == 0)
        return read_memory_and_generation(cursor, name);
    return strcmp(name->letters, "mac") == 0 && read_variant(cursor, name);
}

static bool read_generation_and_attributes(struct cursor *cursor, struct instance_type_name *name)
{
    uint32_t generation = 0;
    if (!read_count(cursor, 1, &generation))
        return false;
    name->generation = generation;
    const char *start = cursor->at;
    cursor_while(cursor, is_lower);
    copy_part(name->attributes, start, cursor->at);
    return !cursor_skip(cursor, '-') || read_variant(cursor, name);
}

static int parse_family(struct instance_type_name *name, struct err *err)
{
    struct cursor cursor = cursor_over(name->family);
    if (cursor_while(&cursor, is_lower) == 0)
        return malformed(name->name, "a family begins with letters, as in m7i", err);
    copy_part(name->letters, name->family, cursor.at);
    bool well_formed = cursor_skip(&cursor, '-') ? read_without_generation(&cursor, name)
                                                 : read_generation_and_attributes(&cursor, name);
    if (!well_formed || !cursor_done(&cursor))
        return malformed(name->name, "a family is letters, a generation and attribute letters, as in m7i",
                         err);
    return 0;
}

/* "large", "24xlarge", "metal", "metal-24xl" */
static bool is_size(const char *size)
{
    static const char *const words[] = {"nano", "micro", "small", "medium", "large", "xlarge", "metal"};
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
        if (strcmp(size, words[i]) == 0)
            return true;
    struct cursor cursor = cursor_over(size);
    uint32_t multiple = 0;
    bool metal = skip_word(&cursor, "metal-");
    return read_count(&cursor, 2, &multiple) && skip_word(&cursor, metal ? "xl" : "xlarge") &&
           cursor_done(&cursor);
}

/* Families whose letters do not tell the architecture by the general rule. NVIDIA's superchips (Grace
 * Hopper, Grace Blackwell, Vera Rubin) have an Arm CPU, which is none of the vendors' known here. The CPU of
 * mac types: "Amazon EC2 Mac instances" in the EC2 user guide. */
static const struct {
    const char *family; /* with wildcards */
    enum architecture architecture;
    enum processor_vendor vendor;
} exceptions[] = {
    {"a1", ARCH_ARM64, VENDOR_GRAVITON},     {"*-gh?00", ARCH_ARM64, VENDOR_UNKNOWN},
    {"*-gb?00", ARCH_ARM64, VENDOR_UNKNOWN}, {"*-vr?00", ARCH_ARM64, VENDOR_UNKNOWN},
    {"mac1", ARCH_X86_64_MAC, VENDOR_INTEL}, {"mac*", ARCH_ARM64_MAC, VENDOR_APPLE},
};

static enum processor_vendor vendor_of_attributes(const char *attributes)
{
    if (strchr(attributes, 'a'))
        return VENDOR_AMD;
    return strchr(attributes, 'i') ? VENDOR_INTEL : VENDOR_UNKNOWN;
}

static void find_processor(struct instance_type_name *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(exceptions); i++) {
        if (!text_matches(exceptions[i].family, name->family))
            continue;
        name->architecture = exceptions[i].architecture;
        name->vendor = exceptions[i].vendor;
        return;
    }
    bool graviton = strchr(name->attributes, 'g') != NULL;
    name->architecture = graviton ? ARCH_ARM64 : ARCH_X86_64;
    name->vendor = graviton ? VENDOR_GRAVITON : vendor_of_attributes(name->attributes);
}

static int check_characters(const char *text, struct err *err)
{
    size_t length = strlen(text);
    if (length == 0)
        return malformed(text, "it is empty", err);
    if (length >= INSTANCE_TYPE_SIZE)
        return malformed(text, "it is too long", err);
    for (const char *at = text; *at; at++) {
        if (*at >= 'A' && *at <= 'Z')
            return malformed(text, "names are in lower case", err);
        if (!is_lower_or_digit(*at) && *at != '.' && *at != '-')
            return malformed(text, "names have letters, digits, '-' and one '.' only", err);
    }
    return 0;
}

int instance_type_parse(const char *text, struct instance_type_name *name, struct err *err)
{
    if (check_characters(text, err) < 0)
        return -1;
    const char *dot = strchr(text, '.');
    if (!dot)
        return malformed(text, "it has no size, as in m7i.large", err);
    *name = (struct instance_type_name){0};
    copy_part(name->name, text, text + strlen(text));
    copy_part(name->family, text, dot);
    copy_part(name->size, dot + 1, text + strlen(text));
    if (parse_family(name, err) < 0)
        return -1;
    if (!is_size(name->size))
        return malformed(text, "a size is a word such as large, 4xlarge or metal-24xl", err);
    find_processor(name);
    bool mac = name->architecture == ARCH_X86_64_MAC || name->architecture == ARCH_ARM64_MAC;
    name->runnable = !mac;
    name->reason = mac ? "it runs macOS on a dedicated host, and benchmarks run in Linux containers" : NULL;
    return 0;
}
