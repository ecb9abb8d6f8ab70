/* version */
#include "commands.h"

static int version_run(struct program *program, void *options UNUSED, const struct operands *operands UNUSED,
                       struct err *err UNUSED)
{
    fprintf(program->out, "%s %s\n", PROGRAM_NAME, VERSION);
    return EXIT_DONE;
}

const struct command command_version = {
    .name = "version",
    .summary = "Print the version",
    .run = version_run,
};
