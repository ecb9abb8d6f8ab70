/*
 * EC2 (query API, version 2016-11-15). Lists are filled whole, page after page, and freed by their own
 * function; a zeroed list may be freed. Fields that EC2 leaves out are empty strings. Failures are typed by
 * EC2's error code, which stands in err.code: ERR_CAPACITY     InsufficientInstanceCapacity and the like:
 * another zone may have it, with a new token ERR_UNSUPPORTED  Unsupported: not in this zone or not at all
 *   ERR_QUOTA        VcpuLimitExceeded and other limits of the account
 *   ERR_NOT_FOUND    Invalid….NotFound; for an id that is seconds old it only means "not yet"
 *   ERR_AUTH         credentials wrong, expired or without the permission
 *   ERR_THROTTLED, ERR_NETWORK   still so after all retries
 *   ERR_CONFIG       EC2 refuses the request as it stands
 */
#ifndef AWS_EC2_H
#define AWS_EC2_H

#include "aws/aws.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EC2_ID_SIZE 40
#define EC2_ZONE_SIZE 48
#define EC2_TYPE_SIZE 64
#define EC2_CLIENT_TOKEN_SIZE 65
#define EC2_USER_DATA_MAX 16384 /* bytes before base64 */

struct ec2_tag {
    const char *key;
    const char *value;
};

/* As read: owned, with the text that they point to. */
struct ec2_tags {
    struct ec2_tag *items;
    size_t count;
    char *text;
};
/* The tag's value, or NULL. */
const char *ec2_tag_value(const struct ec2_tags *tags, const char *key);

/* values: any of them may match; '*' and '?' are wildcards. */
struct ec2_filter {
    const char *name;
    const char *const *values;
    size_t value_count;
};

/* EC2_FILTER("vpc-id", vpc): a filter on one or a few values. */
#define EC2_FILTER(filter_name, ...)                                                                         \
    ((struct ec2_filter){(filter_name), (const char *const[]){__VA_ARGS__},                                  \
                         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)})

/* --- instances ----------------------------------------------------------------------------------------- */

enum ec2_state {
    EC2_STATE_UNKNOWN,
    EC2_PENDING,
    EC2_RUNNING,
    EC2_SHUTTING_DOWN,
    EC2_TERMINATED,
    EC2_STOPPING,
    EC2_STOPPED,
};
/* "pending", "shutting-down", … Static. */
const char *ec2_state_name(enum ec2_state state);

struct ec2_instance {
    char id[EC2_ID_SIZE];
    enum ec2_state state;
    char state_reason_code[64]; /* "Server.InsufficientInstanceCapacity", "Client.UserInitiatedShutdown" */
    char state_reason[256];
    char type[EC2_TYPE_SIZE];
    char zone[EC2_ZONE_SIZE];
    char image_id[EC2_ID_SIZE];
    char architecture[16]; /* "x86_64", "arm64", … */
    char subnet_id[EC2_ID_SIZE];
    char vpc_id[EC2_ID_SIZE];
    char private_ip[48];
    char public_ip[48];
    char client_token[EC2_CLIENT_TOKEN_SIZE];
    int64_t launch_time; /* seconds since the epoch, 0 when not told */
    struct ec2_tags tags;
};

struct ec2_instances {
    struct ec2_instance *items;
    size_t count;
};

void ec2_instance_free(struct ec2_instance *instance);
void ec2_instances_free(struct ec2_instances *list);

/* One on-demand instance. It terminates when it shuts itself down, its metadata service asks for session
 * tokens and answers one network hop away; the tags go on instance, volumes and network interfaces. */
struct ec2_launch {
    const char *image_id;
    const char *instance_type;
    const char *client_token; /* at most 64 printable ASCII characters; new for every new intent */
    const char *subnet_id;
    const char *const *security_group_ids;
    size_t security_group_count;
    const void *user_data; /* raw; NULL: none. Longer than EC2_USER_DATA_MAX is refused. */
    size_t user_data_length;
    const char *key_name; /* NULL: none */
    const struct ec2_tag *tags;
    size_t tag_count;
};

/* Appends the exact bytes of the request's body, to be written to the journal before it is sent: the same
 * token is only idempotent with the same parameters. ERR_USAGE when something required is missing or too
 * long. */
int ec2_run_instances_encode(const struct ec2_launch *launch, struct strbuf *body, struct err *err);
/* Sends such a body. After ERR_NETWORK, ERR_DATA or ERR_CANCELLED the instance may exist all the same: ask
 * for its client token. The caller frees the instance. */
int ec2_run_instances_send(struct aws_client *client, const char *body, size_t length,
                           struct ec2_instance *instance, struct err *err);

/* By ids, by filters (tag:NAME, client-token, instance-state-name, …), by both; or all. An unknown id fails
 * the whole call with ERR_NOT_FOUND, filters just find nothing. Terminated instances are included as long as
 * EC2 remembers them. */
struct ec2_instance_query {
    const char *const *ids;
    size_t id_count;
    const struct ec2_filter *filters;
    size_t filter_count;
};
int ec2_describe_instances(struct aws_client *client, const struct ec2_instance_query *query,
                           struct ec2_instances *list, struct err *err);

/* Asks for termination, which is done only when describe says so. Repeatable. Where one bad id fails a batch,
 * each id is tried by itself, and -1 (with the first error) is returned after all have been. */
int ec2_terminate_instances(struct aws_client *client, const char *const *ids, size_t count, struct err *err);

/* --- instance types ------------------------------------------------------------------------------------ */

struct ec2_type {
    char name[EC2_TYPE_SIZE];
    char architectures[4][16]; /* as EC2 lists them: "i386", "x86_64", "arm64", "x86_64_mac", "arm64_mac" */
    size_t architecture_count;
    char manufacturer[32]; /* "Intel", "AMD", "AWS", "Apple" */
    char features[4][32];  /* "amd-sev-snp", … */
    size_t feature_count;
    char usage_classes[4][24]; /* "on-demand", "spot", "capacity-block" */
    size_t usage_class_count;
    char hypervisor[16]; /* "nitro", "xen", empty for bare metal */
    uint32_t vcpus;
    uint32_t cores;
    uint32_t threads_per_core;
    uint64_t memory_mib;
    double clock_ghz; /* sustained, 0 when not told */
    bool current_generation;
    bool bare_metal;
};

struct ec2_types {
    struct ec2_type *items;
    size_t count;
};
void ec2_types_free(struct ec2_types *list);

/* The named types, or with count 0 all of the region. A name that the region does not know is just absent. */
int ec2_describe_instance_types(struct aws_client *client, const char *const *names, size_t count,
                                struct ec2_types *list, struct err *err);

struct ec2_offering {
    char type[EC2_TYPE_SIZE];
    char zone[EC2_ZONE_SIZE];
};

struct ec2_offerings {
    struct ec2_offering *items;
    size_t count;
};
void ec2_offerings_free(struct ec2_offerings *list);

/* Which zone offers which of the named types; with count 0, of all types. */
int ec2_describe_offerings(struct aws_client *client, const char *const *types, size_t count,
                           struct ec2_offerings *list, struct err *err);

/* --- spot prices --------------------------------------------------------------------------------------- */

/* What an instance of the type with Linux costs in the zone from a time on, until the next price of both. */
struct ec2_spot_price {
    char type[EC2_TYPE_SIZE];
    char zone[EC2_ZONE_SIZE];
    double price;  /* USD an hour */
    int64_t since; /* seconds since the epoch */
};

struct ec2_spot_prices {
    struct ec2_spot_price *items;
    size_t count;
};
void ec2_spot_prices_free(struct ec2_spot_prices *list);

/* Every price of the named types between the two times, with those that held at the first one; in EC2's
 * order. A type that EC2 does not offer so has none. */
int ec2_describe_spot_prices(struct aws_client *client, const char *const *types, size_t count, int64_t from,
                             int64_t to, struct ec2_spot_prices *list, struct err *err);

/* --- images -------------------------------------------------------------------------------------------- */

struct ec2_image {
    char id[EC2_ID_SIZE];
    char name[160];
    char architecture[16];
    char owner_id[32];
    char owner_alias[32]; /* "amazon", "aws-marketplace", or empty */
    char state[24];       /* "available", … */
    char root_device[64]; /* "/dev/xvda" */
    char creation_date[40];
    char deprecation_time[40];
};

/* ERR_NOT_FOUND when the region has no such image. */
int ec2_describe_image(struct aws_client *client, const char *image_id, struct ec2_image *image,
                       struct err *err);

/* --- network ------------------------------------------------------------------------------------------- */

struct ec2_vpc {
    char id[EC2_ID_SIZE];
    char cidr[48];
    bool is_default;
};

struct ec2_vpcs {
    struct ec2_vpc *items;
    size_t count;
};
void ec2_vpcs_free(struct ec2_vpcs *list);
/* Filters: is-default ("true"), vpc-id, … */
int ec2_describe_vpcs(struct aws_client *client, const struct ec2_filter *filters, size_t filter_count,
                      struct ec2_vpcs *list, struct err *err);

struct ec2_subnet {
    char id[EC2_ID_SIZE];
    char vpc_id[EC2_ID_SIZE];
    char zone[EC2_ZONE_SIZE];
    char zone_id[32]; /* "use1-az4": the same place for every account */
    char cidr[48];
    char state[16]; /* "available", "pending" */
    uint32_t free_addresses;
    bool zone_default;      /* the zone's default subnet */
    bool assigns_public_ip; /* at launch */
};

struct ec2_subnets {
    struct ec2_subnet *items;
    size_t count;
};
void ec2_subnets_free(struct ec2_subnets *list);
/* Filters: subnet-id, vpc-id, availability-zone, default-for-az, … */
int ec2_describe_subnets(struct aws_client *client, const struct ec2_filter *filters, size_t filter_count,
                         struct ec2_subnets *list, struct err *err);

struct ec2_security_group {
    char id[EC2_ID_SIZE];
    char name[256];
    char vpc_id[EC2_ID_SIZE];
    char description[256];
};

struct ec2_security_groups {
    struct ec2_security_group *items;
    size_t count;
};
void ec2_security_groups_free(struct ec2_security_groups *list);
/* Filters: group-id, group-name, vpc-id, tag:NAME, … */
int ec2_describe_security_groups(struct aws_client *client, const struct ec2_filter *filters,
                                 size_t filter_count, struct ec2_security_groups *list, struct err *err);

struct ec2_security_group_request {
    const char *name; /* ERR_EXISTS when the VPC has one of that name */
    const char *description;
    const char *vpc_id;
    const struct ec2_tag *tags;
    size_t tag_count;
};
int ec2_create_security_group(struct aws_client *client, const struct ec2_security_group_request *request,
                              char id[EC2_ID_SIZE], struct err *err);

/* Lets TCP in to one port from a network ("203.0.113.7/32", "2001:db8::1/128"). ERR_EXISTS when the rule is
 * there already. */
int ec2_authorize_ingress(struct aws_client *client, const char *group_id, uint16_t port, const char *cidr,
                          struct err *err);

/* ERR_EXISTS (code DependencyViolation) while a network interface still uses it: wait and repeat. */
int ec2_delete_security_group(struct aws_client *client, const char *group_id, struct err *err);

struct ec2_key_pair {
    char id[EC2_ID_SIZE];
    char name[256];
    char type[16]; /* "rsa", "ed25519" */
    char fingerprint[128];
};

struct ec2_key_pairs {
    struct ec2_key_pair *items;
    size_t count;
};
void ec2_key_pairs_free(struct ec2_key_pairs *list);
/* Filters: key-name, key-pair-id, tag:NAME, … */
int ec2_describe_key_pairs(struct aws_client *client, const struct ec2_filter *filters, size_t filter_count,
                           struct ec2_key_pairs *list, struct err *err);

/* --- what is found again by its tags -------------------------------------------------------------------- */

/* Puts the tags on things of any kind, in place of those of the same keys. Where one bad id fails a batch,
 * each is tagged by itself, and -1 (with the first error) is returned after all have been tried. */
int ec2_create_tags(struct aws_client *client, const char *const *ids, size_t count,
                    const struct ec2_tag *tags, size_t tag_count, struct err *err);

enum ec2_resource_kind {
    EC2_SPOT_REQUEST,
    EC2_NETWORK_INTERFACE,
    EC2_VOLUME,
    EC2_SECURITY_GROUP,
    EC2_KEY_PAIR,
};

/* What the kinds have in common. */
struct ec2_resource {
    char id[EC2_ID_SIZE];
    char name[256];                /* of a key pair and of a group */
    char state[24];                /* "available", "in-use", "open", …; empty where the kind has none */
    char owner_id[32];             /* account; empty where it is not told */
    char attached_to[EC2_ID_SIZE]; /* the instance that has it, or that the spot request made */
    int64_t created;               /* seconds since the epoch; 0 where it is not told */
    struct ec2_tags tags;
};

struct ec2_resources {
    struct ec2_resource *items;
    size_t count;
};
void ec2_resources_free(struct ec2_resources *list);

/* Filters: tag-key, tag:NAME, … */
int ec2_describe_resources(struct aws_client *client, enum ec2_resource_kind kind,
                           const struct ec2_filter *filters, size_t filter_count, struct ec2_resources *list,
                           struct err *err);

/* Deletes it (a spot request is cancelled, which leaves its instance alone). ERR_NOT_FOUND when it is gone;
 * ERR_EXISTS while something still uses it: wait and repeat. */
int ec2_delete_resource(struct aws_client *client, enum ec2_resource_kind kind,
                        const struct ec2_resource *resource, struct err *err);

struct ec2_region {
    char name[32];
};

struct ec2_regions {
    struct ec2_region *items;
    size_t count;
};
void ec2_regions_free(struct ec2_regions *list);
/* Those that the account has enabled. */
int ec2_describe_regions(struct aws_client *client, struct ec2_regions *list, struct err *err);

#endif
