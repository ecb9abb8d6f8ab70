#include "commands.h"

const struct command *const all_commands[] = {
    &command_completion,
    &command_help,
    &command_version,
    NULL,
};
