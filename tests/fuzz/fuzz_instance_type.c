/* Names of instance types: a name that is taken must be its parts put together again. */
#include "fuzz.h"

#include "discovery/instance_type.h"

/* The name as its parts say it. "u-6tb1" has the variant before the generation, "mac-m4" has no generation.
 */
static void put_together(const struct instance_type_name *name, char *out, size_t size)
{
    if (name->generation == 0)
        snprintf(out, size, "%s-%s.%s", name->letters, name->variant, name->size);
    else if (strncmp(name->family, "u-", 2) == 0)
        snprintf(out, size, "u-%s%u.%s", name->variant, name->generation, name->size);
    else
        snprintf(out, size, "%s%u%s%s%s.%s", name->letters, name->generation, name->attributes,
                 name->variant[0] ? "-" : "", name->variant, name->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_FREE char *text = fuzz_text(data, size);
    char again[4 * INSTANCE_TYPE_SIZE];
    struct instance_type_name name;
    struct err err = {0};
    if (instance_type_parse(text, &name, &err) == 0) {
        put_together(&name, again, sizeof again);
        require(strcmp(again, text) == 0 && strcmp(name.name, text) == 0);
        require(name.architecture != ARCH_UNKNOWN && name.runnable == (name.reason == NULL));
    } else {
        require(err.kind == ERR_USAGE && err.message[0]);
    }
    return 0;
}
