#include "run_options.h"

#include "run_ids.h"

#include "discovery/network.h"
#include "orchestrator/planner.h"

#include <string.h>

static const char *const address_choices[] = {"auto", "public", "private", NULL};

const struct option_spec run_option_specs[RUN_OPTION_COUNT] = {
    {.name = "instance-types",
     .letter = 't',
     .type = OPTION_LIST,
     .value_name = "TYPES",
     .help = "Instance types to measure, or patterns such as 'm7i.*'; separated by commas.",
     .offset = OPTION_AT(struct run_options, instance_types)},
    {.name = "benchmarks",
     .letter = 'b',
     .type = OPTION_LIST,
     .value_name = "SUITES",
     .default_text = "stream,cache,numa",
     .help = "Suites to run on each instance, in this order.",
     .offset = OPTION_AT(struct run_options, benchmarks)},
    {.name = "suite-options",
     .type = OPTION_LIST,
     .value_name = "NAME=VALUE",
     .help = "Parameters given to every suite, as in max-seconds=10 (`IMAGE help` lists them).",
     .offset = OPTION_AT(struct run_options, suite_options)},
    {.name = "iterations",
     .type = OPTION_NUMBER,
     .value_name = "N",
     .default_text = "1",
     .min = 1,
     .max = 100,
     .help = "How often each suite is run on each instance; every time is a result of its own.",
     .offset = OPTION_AT(struct run_options, iterations)},
    {.name = "max-concurrency",
     .letter = 'j',
     .type = OPTION_NUMBER,
     .value_name = "N",
     .default_text = "5",
     .min = 1,
     .max = 1000,
     .help = "Most instances that exist at a time.",
     .offset = OPTION_AT(struct run_options, max_concurrency)},
    {.name = "output-dir",
     .letter = 'd',
     .type = OPTION_PATH,
     .value_name = "DIR",
     .default_text = "results",
     .help = "Where raw results are written first, whatever else becomes of them.",
     .offset = OPTION_AT(struct run_options, output_dir)},
    {.name = "s3-bucket",
     .type = OPTION_STRING,
     .value_name = "BUCKET[/PREFIX]",
     .from_environment = true,
     .help = "Bucket that gets a copy of every result.",
     .offset = OPTION_AT(struct run_options, s3_bucket)},
    {.name = "dry-run",
     .letter = 'n',
     .type = OPTION_FLAG,
     .help = "Print the plan, make and launch nothing.",
     .offset = OPTION_AT(struct run_options, dry_run)},
    {.name = "resume",
     .type = OPTION_STRING,
     .value_name = "RUN_ID",
     .help =
         "Finish an earlier run, with its options: end what it left, send what was not sent, measure what "
         "is missing.",
     .offset = OPTION_AT(struct run_options, resume)},
    {.name = "image",
     .type = OPTION_STRING,
     .value_name = "REFERENCE",
     .help = "Benchmark image that each instance pulls from a registry, instead of the one sent over SSH.",
     .offset = OPTION_AT(struct run_options, image)},
    {.name = "image-archive",
     .type = OPTION_PATH,
     .value_name = "FILE",
     .from_environment = true,
     .help = "Archive with the benchmark image that is sent over SSH. Default: the universal image that came "
             "with "
             "this program (`make image`).",
     .offset = OPTION_AT(struct run_options, image_archive)},
    {.name = "timeout",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .default_text = "30m",
     .min = 1,
     .max = 86400,
     .help = "For one suite, once.",
     .offset = OPTION_AT(struct run_options, timeout)},
    {.name = "boot-timeout",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .default_text = "10m",
     .min = 1,
     .max = 7200,
     .help = "From the launch of an instance until the image is on it.",
     .offset = OPTION_AT(struct run_options, boot_timeout)},
    {.name = "host-key-grace",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .default_text = "30s",
     .min = 1,
     .max = 3600,
     .help =
         "How long an instance that shows another host key than the one it was given is asked again; it is "
         "never logged in to.",
     .offset = OPTION_AT(struct run_options, host_key_grace)},
    {.name = "silence-timeout",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .default_text = "30s",
     .min = 1,
     .max = 3600,
     .help = "After which an instance whose heartbeat has stopped is given up.",
     .offset = OPTION_AT(struct run_options, silence_timeout)},
    {.name = "lifetime-margin",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .default_text = "10m",
     .min = 1,
     .max = 86400,
     .help =
         "An instance switches itself off this long after all of its own timeouts, even if nobody is left to "
         "ask it to.",
     .offset = OPTION_AT(struct run_options, lifetime_margin)},
    {.name = "store-timeout",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .default_text = "10m",
     .min = 1,
     .max = 7200,
     .help = "Until the results of an instance must be in the bucket.",
     .offset = OPTION_AT(struct run_options, store_timeout)},
    {.name = "teardown-timeout",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .default_text = "15m",
     .min = 1,
     .max = 86400,
     .help = "Until EC2 must have confirmed that an instance is terminated.",
     .offset = OPTION_AT(struct run_options, teardown_timeout)},
    {.name = "lease",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .default_text = "10m",
     .min = 1,
     .max = 86400,
     .help = "How long `cleanup` on another machine leaves alone what this run has made, after this program "
             "has died. It is renewed every third of it.",
     .offset = OPTION_AT(struct run_options, lease)},
    {.name = "lookup-timeout",
     .type = OPTION_DURATION,
     .value_name = "TIME",
     .default_text = "60s",
     .min = 1,
     .max = 3600,
     .help = "How long EC2 may not show what it has just made: until then, \"there is no such instance\" is "
             "not believed.",
     .offset = OPTION_AT(struct run_options, lookup_timeout)},
    {.name = "ami",
     .type = OPTION_STRING,
     .value_name = "ID",
     .help = "Machine image. Default: AWS's ECS-optimised Amazon Linux 2023 of each type's architecture.",
     .offset = OPTION_AT(struct run_options, ami)},
    {.name = "subnet",
     .type = OPTION_STRING,
     .value_name = "ID",
     .help = "Subnet for all instances. Default: those of the default VPC, in zones that offer the type.",
     .offset = OPTION_AT(struct run_options, subnet)},
    {.name = "security-group",
     .type = OPTION_STRING,
     .value_name = "ID",
     .help = "Security group for all instances. Default: a temporary one, open to --ssh-cidr alone.",
     .offset = OPTION_AT(struct run_options, security_group)},
    {.name = "ssh-cidr",
     .type = OPTION_STRING,
     .value_name = "CIDR",
     .help = "Who the temporary security group lets in. Default: this machine's public address.",
     .offset = OPTION_AT(struct run_options, ssh_cidr)},
    {.name = "caller-address-url",
     .type = OPTION_STRING,
     .value_name = "URL",
     .default_text = CALLER_ADDRESS_URL,
     .from_environment = true,
     .help = "Who is asked for this machine's public address.",
     .offset = OPTION_AT(struct run_options, caller_address_url)},
    {.name = "address",
     .type = OPTION_CHOICE,
     .choices = address_choices,
     .default_text = "auto",
     .help = "Which address of an instance to connect to; auto is the public one where there is one.",
     .offset = OPTION_AT(struct run_options, address)},
    {.name = "ssh-port",
     .type = OPTION_NUMBER,
     .value_name = "PORT",
     .default_text = "22",
     .min = 1,
     .max = 65535,
     .from_environment = true,
     .help = "Port of SSH on the instances.",
     .offset = OPTION_AT(struct run_options, ssh_port)},
    {.name = "ssh-user",
     .type = OPTION_STRING,
     .value_name = "NAME",
     .default_text = "ec2-user",
     .help = "Who to log in as.",
     .offset = OPTION_AT(struct run_options, ssh_user)},
    {.name = "key-pair",
     .type = OPTION_STRING,
     .value_name = "NAME",
     .help = "EC2 key pair for the instances, with --key-file. Default: a key made for this run, in memory "
             "alone.",
     .offset = OPTION_AT(struct run_options, key_pair)},
    {.name = "key-file",
     .type = OPTION_PATH,
     .value_name = "FILE",
     .help = "Private key (ed25519 or ECDSA, not encrypted) of --key-pair.",
     .offset = OPTION_AT(struct run_options, key_file)},
    STATE_DIR_OPTION(struct run_options, state_dir),
};

/* Those that the plan found, in place of the patterns that named them: the catalogue may change. A type that
 * can't be measured is not asked for again. */
static int take_types(const struct plan *plan, struct string_list *types, struct err *err)
{
    for (size_t i = 0; i < plan->job_count; i++) {
        const char *name = plan->jobs[i].instance_type;
        if (plan_check_words(&name, 1, NULL) == 0 && string_list_add(types, name, strlen(name), err) < 0)
            return -1;
    }
    return 0;
}

int run_options_words(const struct run_options *chosen, const struct plan *plan, struct string_list *words,
                      struct err *err)
{
    AUTO_STRING_LIST struct string_list types = {0};
    if (take_types(plan, &types, err) < 0)
        return -1;
    struct run_options kept = *chosen;
    kept.instance_types = types;
    kept.dry_run = false;
    kept.resume = NULL;
    kept.state_dir = NULL; /* whoever reads this has found the journal */
    const struct option_group group = {NULL, run_option_specs, RUN_OPTION_COUNT, &kept};
    return options_words(&group, words, err);
}
