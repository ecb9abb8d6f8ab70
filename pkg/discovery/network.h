/*
 * Where instances may be put: a VPC, for each type the subnets in zones that offer it, and a security group
 * that lets the caller in over SSH, one that exists or a temporary one.
 */
#ifndef DISCOVERY_NETWORK_H
#define DISCOVERY_NETWORK_H

#include "aws/aws.h"
#include "aws/ec2.h"
#include "discovery/instance_type.h"

#include <stddef.h>
#include <stdint.h>

#define NETWORK_CIDR_SIZE 56 /* "2001:db8:…/128" with its NUL */
#define CALLER_ADDRESS_URL "https://checkip.amazonaws.com"

/* What the user asked for; each pointer may be NULL. Everything is borrowed. */
struct network_request {
    const char *vpc_id;            /* default: the VPC of subnet or group, else the default VPC */
    const char *subnet_id;         /* default: any subnet of the VPC, a zone's default subnet first */
    const char *security_group_id; /* default: a temporary group */
    const char *ssh_cidr;          /* who may connect; default: the caller's address, as address_url says */
    const char *address_url;       /* default: CALLER_ADDRESS_URL */
};

/* A place for an instance. */
struct network_place {
    char zone[EC2_ZONE_SIZE];
    char subnet_id[EC2_ID_SIZE];
};

/* The places for one type, the one to try first at the front, at most one for each zone. */
struct network_places {
    char instance_type[INSTANCE_TYPE_SIZE];
    struct network_place *items; /* owned */
    size_t count;
    struct err why_none; /* ERR_UNSUPPORTED with the explanation when count is 0 */
};

struct network_plan {
    char vpc_id[EC2_ID_SIZE];
    char security_group_id[EC2_ID_SIZE]; /* empty: make a temporary one for ssh_cidr */
    char ssh_cidr[NETWORK_CIDR_SIZE];    /* empty when security_group_id is not */
    struct network_places *types;        /* one for each type asked for, in that order */
    size_t type_count;
};

#define AUTO_NETWORK_PLAN CLEANUP(network_plan_free)
void network_plan_free(struct network_plan *plan);

/* Asks EC2 and decides; makes nothing. ERR_CONFIG, saying what to do: no default VPC, a VPC without subnets,
 * an unknown id, subnet and group in different VPCs, a caller address that can't be used. ERR_USAGE: a
 * malformed ssh_cidr. */
int network_plan_make(struct aws_client *client, const struct network_request *request,
                      const char *const *types, size_t type_count, struct network_plan *plan,
                      struct err *err);

/* The caller's address as the URL tells it, as a network of this one address ("203.0.113.7/32"). Private,
 * link-local and other addresses that nobody has on the Internet are refused (ERR_CONFIG); loopback is taken
 * only where the endpoint is not AWS's own. */
int network_caller_cidr(struct aws_client *client, const char *url, char cidr[NETWORK_CIDR_SIZE],
                        struct err *err);

/* Makes a security group for a run that lets TCP to ssh_port in from cidr and nothing else, tagged as this
 * run's (tags.h). id is filled as soon as the group exists, also when the rule could not be added: then the
 * group must be deleted. */
int security_group_create(struct aws_client *client, const char *vpc_id, const char *run_id, const char *cidr,
                          uint16_t ssh_port, char id[EC2_ID_SIZE], struct err *err);

/* Deletes it, waiting while the network interfaces of ended instances still use it, until the client's
 * deadline or its cancel level. A group that does not exist is a success. clock and cancel may be NULL. */
int security_group_delete(struct aws_client *client, const char *id, const struct clock *clock,
                          const struct cancel *cancel, struct err *err);

#endif
