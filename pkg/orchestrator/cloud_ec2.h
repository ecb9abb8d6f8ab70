/* EC2 as a cloud (cloud.h). */
#ifndef ORCHESTRATOR_CLOUD_EC2_H
#define ORCHESTRATOR_CLOUD_EC2_H

#include "aws/aws.h"
#include "orchestrator/cloud.h"

/* What the sessions share; it must outlive them. */
struct ec2_account {
    struct aws *aws;
    const struct cancel *cancel;
};

struct cloud cloud_ec2(struct ec2_account *account);

#endif
