/*
 * Where instances may be put: a VPC, for each type the subnets in zones that offer it, and a security group
 * that lets the caller in over SSH, one that exists or a temporary one.
 */
#ifndef DISCOVERY_NETWORK_H
#define DISCOVERY_NETWORK_H

#include "aws/aws.h"
#include "aws/ec2.h"
#include "discovery/address.h"
#include "discovery/instance_type.h"
#include "discovery/security_group.h"

#include <stddef.h>

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
    char zone_id[32];
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
    char ssh_cidr[CIDR_SIZE];            /* empty when security_group_id is not */
    struct network_places *types;        /* one for each type asked for, in that order */
    size_t type_count;
};

#define AUTO_NETWORK_PLAN CLEANUP(network_plan_free)
void network_plan_free(struct network_plan *plan);

/* Asks EC2 and decides; makes nothing. ERR_CONFIG, saying what to do: no default VPC, a VPC without subnets,
 * an unknown id, subnet and group in different VPCs, a caller address that can't be used. ERR_USAGE: a
 * malformed ssh_cidr. That a type is offered nowhere here is not a failure: see why_none. */
int network_plan_make(struct aws_client *client, const struct network_request *request,
                      const char *const *types, size_t type_count, struct network_plan *plan,
                      struct err *err);

#endif
