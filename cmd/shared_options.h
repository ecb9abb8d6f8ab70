/* Rows of options that several commands have: what they are called and what they take is written once. Where
 * commands do different things with them, each gives its own help text, and what it excludes or NULL. */
#ifndef CMD_SHARED_OPTIONS_H
#define CMD_SHARED_OPTIONS_H

#include "options.h"

#define STATE_DIR_OPTION(structure, field)                                                                   \
    {                                                                                                        \
        .name = "state-dir", .type = OPTION_PATH, .value_name = "DIR", .from_environment = true,             \
        .help = "Where the journals of runs are kept. Default: $XDG_STATE_HOME/aws-benchmark-collector.",    \
        .offset = OPTION_AT(structure, field)                                                                \
    }

#define S3_BUCKET_OPTION(structure, field, excluded, help_text)                                              \
    {                                                                                                        \
        .name = "s3-bucket", .type = OPTION_STRING, .value_name = "BUCKET[/PREFIX]",                         \
        .from_environment = true, .not_with = (excluded), .help = (help_text),                               \
        .offset = OPTION_AT(structure, field)                                                                \
    }

#define TEARDOWN_TIMEOUT_OPTION(structure, field, excluded, help_text)                                       \
    {                                                                                                        \
        .name = "teardown-timeout", .type = OPTION_DURATION, .value_name = "TIME", .default_text = "15m",    \
        .min = 1, .max = 86400, .not_with = (excluded), .help = (help_text),                                 \
        .offset = OPTION_AT(structure, field)                                                                \
    }

#endif
