/* The table of commands. */
#ifndef CMD_COMMANDS_H
#define CMD_COMMANDS_H

#include "command.h"

/* In the order of the help; NULL at the end. */
extern const struct command *const all_commands[];

extern const struct command command_cleanup;
extern const struct command command_completion;
extern const struct command command_discover_amis;
extern const struct command command_discover_infrastructure;
extern const struct command command_discover_instances;
extern const struct command command_discover_prices;
extern const struct command command_help;
extern const struct command command_logs;
extern const struct command command_process;
extern const struct command command_run;
extern const struct command command_status;
extern const struct command command_validate;
extern const struct command command_version;

#endif
