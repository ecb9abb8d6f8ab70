/* The options of `run`: what it takes, and how a run's journal says them. */
#ifndef CMD_RUN_OPTIONS_H
#define CMD_RUN_OPTIONS_H

#include "command.h"

#include "orchestrator/plan.h"

#include <stdbool.h>
#include <stdint.h>

struct run_options {
    struct string_list instance_types;
    bool local;
    char *local_name;
    struct string_list benchmarks;
    struct string_list suite_options;
    uint64_t iterations;
    uint64_t max_concurrency;
    char *output_dir;
    char *s3_bucket;
    bool dry_run;
    char *resume;
    char *image;
    char *image_archive;
    bool no_attestation;
    uint64_t timeout;
    uint64_t boot_timeout;
    uint64_t host_key_grace;
    uint64_t silence_timeout;
    uint64_t lifetime_margin;
    uint64_t store_timeout;
    uint64_t teardown_timeout;
    uint64_t lease;
    uint64_t lookup_timeout;
    char *ami;
    char *subnet;
    char *security_group;
    char *ssh_cidr;
    char *caller_address_url;
    int address; /* enum address_choice */
    uint64_t ssh_port;
    char *ssh_user;
    char *key_pair;
    char *key_file;
    char *state_dir;
};

#define RUN_OPTION_COUNT 34
extern const struct option_spec run_option_specs[RUN_OPTION_COUNT];

/* The options as words by which another process can finish the run, from any directory: paths are absolute,
 * and the types are those of the plan. words must be empty; string_list_free frees them. */
int run_options_words(const struct run_options *chosen, const struct plan *plan, struct string_list *words,
                      struct err *err);

#endif
