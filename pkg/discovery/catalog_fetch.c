#include "discovery/catalog.h"
#include "discovery/select.h"

#include <stdio.h>

int catalog_fetch(struct aws_client *client, const char *const *names, size_t count, struct catalog *catalog,
                  struct err *err)
{
    CLEANUP(ec2_types_free) struct ec2_types types = {0};
    *catalog = (struct catalog){.online = true};
    snprintf(catalog->source, sizeof catalog->source, "DescribeInstanceTypes of %s", aws_region(client->aws));
    if (ec2_describe_instance_types(client, names, count, &types, err) < 0)
        return -1;
    return catalog_from_types(&types, catalog, err);
}

int catalog_fetch_for(struct aws_client *client, const char *const *words, size_t count,
                      struct catalog *catalog, struct err *err)
{
    AUTO_FREE const char **names = calloc(count + 1, sizeof *names);
    if (!names)
        return err_memory(err);
    size_t name_count = 0;
    bool pattern = false;
    for (size_t i = 0; i < count; i++) {
        struct instance_type_name name;
        pattern = pattern || is_type_pattern(words[i]);
        if (instance_type_parse(words[i], &name, NULL) == 0)
            names[name_count++] = words[i];
    }
    *catalog = (struct catalog){.online = true};
    if (count && !pattern && name_count == 0)
        return 0;
    return catalog_fetch(client, names, pattern ? 0 : name_count, catalog, err);
}
