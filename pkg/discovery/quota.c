#include "discovery/quota.h"

#include "base/attributes.h"
#include "base/parse.h"

#include <string.h>

/* The letters that an instance type begins with, and whose limit it counts against. */
static const struct letters_class {
    const char *letters;
    const char *class;
} classes[] = {
    {"dl", "dl"},       {"f", "f"},     {"g", "g and vt"},    {"gr", "g and vt"},
    {"vt", "g and vt"}, {"hpc", "hpc"}, {"inf", "inf"},       {"mac", "mac"},
    {"p", "p"},         {"trn", "trn"}, {"u", "high memory"}, {"x", "x"},
};

const char *quota_class(const char *instance_type)
{
    struct cursor cursor = cursor_over(instance_type);
    size_t length = cursor_while(&cursor, is_lower);
    for (size_t i = 0; i < ARRAY_LENGTH(classes); i++) {
        if (strlen(classes[i].letters) == length && strncmp(classes[i].letters, instance_type, length) == 0)
            return classes[i].class;
    }
    return "standard";
}
