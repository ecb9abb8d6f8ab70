#include "commands.h"

const struct command *const all_commands[] = {
    &command_run,
    &command_status,
    &command_logs,
    &command_discover_instances,
    &command_discover_infrastructure,
    &command_discover_amis,
    &command_discover_prices,
    &command_process,
    &command_validate,
    &command_cleanup,
    &command_completion,
    &command_help,
    &command_version,
    NULL,
};
