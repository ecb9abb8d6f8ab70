/* AWS's shared files: every property has a section and a name in lower case, and errors give no text away. */
#include "fuzz.h"

#include "aws/ini.h"

static int check_property(void *context, const char *section, const char *key, const char *value,
                          struct err *err UNUSED)
{
    ++*(size_t *)context;
    require(section[0] && key[0]);
    for (; *key; key++)
        require(*key != '\n' && *key != '=' && !(*key >= 'A' && *key <= 'Z'));
    require(!strchr(value, '\n') && !strchr(section, ']'));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    size_t properties = 0;
    if (ini_parse((const char *)data, size, check_property, &properties, &err) < 0)
        require(err.kind == ERR_CONFIG && strlen(err.message) < 100);
    require(properties <= size / 2);
    return 0;
}
