/* version */
#include "commands.h"
#include "table.h"

static int version_run(struct program *program, void *options UNUSED, const struct operands *operands UNUSED,
                       struct err *err)
{
    static const struct table_column columns[] = {{"program", "PROGRAM", TABLE_EXACT},
                                                  {"version", "VERSION", TABLE_EXACT}};
    if (program->common.output == OUTPUT_TABLE) {
        fprintf(program->out, "%s %s\n", PROGRAM_NAME, VERSION);
        return EXIT_DONE;
    }
    AUTO_JSON cJSON *rows = cJSON_CreateArray();
    cJSON *row = cJSON_CreateObject();
    if (!cJSON_AddItemToArray(rows, row)) {
        cJSON_Delete(row);
        return err_memory(err);
    }
    if (json_add_string(row, "program", PROGRAM_NAME, err) < 0 ||
        json_add_string(row, "version", VERSION, err) < 0)
        return -1;
    return table_print(program->out, program->common.output, columns, ARRAY_LENGTH(columns), rows, err);
}

const struct command command_version = {
    .name = "version",
    .summary = "Print the version",
    .run = version_run,
};
