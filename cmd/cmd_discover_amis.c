/* discover amis */
#include "aws_session.h"
#include "commands.h"
#include "table.h"

#include "discovery/ami.h"

static const struct table_column columns[] = {
    {"architecture", "ARCHITECTURE", TABLE_EXACT},
    {"image_id", "IMAGE", TABLE_EXACT},
    {"name", "NAME", TABLE_EXACT},
    {"owner_id", "OWNER", TABLE_EXACT},
    {"owner_alias", "ALIAS", TABLE_EXACT},
    {"created", "CREATED", TABLE_EXACT},
    {"parameter", NULL, TABLE_EXACT},
};

static int fill_row(cJSON *row, const struct ami *ami, struct err *err)
{
    const struct ec2_image *image = &ami->image;
    if (json_add_string(row, "architecture", architecture_name(ami->architecture), err) < 0 ||
        json_add_string(row, "image_id", image->id, err) < 0 ||
        json_add_string(row, "name", image->name, err) < 0 ||
        json_add_string(row, "owner_id", image->owner_id, err) < 0 ||
        json_add_string(row, "owner_alias", image->owner_alias, err) < 0 ||
        json_add_string(row, "created", image->creation_date, err) < 0)
        return -1;
    return json_add_string(row, "parameter", ami->parameter, err);
}

static int add_image(struct aws_client *client, enum architecture architecture, cJSON *rows, struct err *err)
{
    struct ami ami;
    cJSON *row = cJSON_CreateObject();
    if (!row)
        return err_memory(err);
    cJSON_AddItemToArray(rows, row);
    return ami_find(client, architecture, &ami, err) < 0 ? -1 : fill_row(row, &ami, err);
}

static int discover_amis_run(struct program *program, void *parsed UNUSED,
                             const struct operands *operands UNUSED, struct err *err)
{
    AUTO_AWS_SESSION struct aws_session session = {0};
    AUTO_JSON cJSON *rows = cJSON_CreateArray();
    if (!rows)
        return err_memory(err);
    if (aws_session_open(program, &session, err) < 0 ||
        add_image(&session.client, ARCH_X86_64, rows, err) < 0 ||
        add_image(&session.client, ARCH_ARM64, rows, err) < 0 ||
        table_print(program->out, (enum output_format)program->common.output, columns, ARRAY_LENGTH(columns),
                    rows, err) < 0)
        return -1;
    return EXIT_DONE;
}

const struct command command_discover_amis = {
    .name = "discover amis",
    .summary = "Show the machine image that instances of each architecture boot",
    .description = "The images are AWS's ECS-optimised Amazon Linux 2023, which carries a container engine: "
                   "found through the public SSM parameter of each architecture, and printed only when EC2 "
                   "confirms architecture and owner.",
    .uses_aws = true,
    .run = discover_amis_run,
};
