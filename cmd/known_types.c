#include "known_types.h"

#include "discovery/instance_type.h"

#include <stddef.h>

const char *architecture_of_type(const char *instance_type)
{
    struct instance_type_name name;
    return instance_type_parse(instance_type, &name, NULL) == 0 ? architecture_name(name.architecture) : NULL;
}
