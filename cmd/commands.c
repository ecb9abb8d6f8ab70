#include "commands.h"

const struct command *const all_commands[] = {
    &command_help,
    &command_version,
    NULL,
};
