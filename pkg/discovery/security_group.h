/* The temporary security group of a run. */
#ifndef DISCOVERY_SECURITY_GROUP_H
#define DISCOVERY_SECURITY_GROUP_H

#include "aws/aws.h"
#include "aws/ec2.h"

#include <stdint.h>

struct security_group_order {
    const char *run_id;
    const char *vpc_id;
    const char *cidr; /* who is let in */
    uint16_t ssh_port;
    const char *lease_until; /* timestamp */
};

/* Makes a group that lets TCP to ssh_port in from cidr and nothing else, tagged as the run's (tags.h). A
 * group that the run has already, because an answer was lost, is taken. id is filled as soon as the group
 * exists, also when the rule could not be added: then it must be deleted. */
int security_group_create(struct aws_client *client, const struct security_group_order *order,
                          char id[EC2_ID_SIZE], struct err *err);

/* The group that carries the run's tag; id is empty when there is none, or none is seen yet. */
int security_group_find(struct aws_client *client, const char *run_id, char id[EC2_ID_SIZE], struct err *err);

/* Deletes it, waiting while the network interfaces of ended instances still use it, until the client's
 * deadline or its cancel level. A group that does not exist is a success. clock and cancel may be NULL. */
int security_group_delete(struct aws_client *client, const char *id, const struct clock *clock,
                          const struct cancel *cancel, struct err *err);

#endif
