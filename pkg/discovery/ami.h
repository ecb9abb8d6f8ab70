/*
 * Which machine image an instance boots: AWS's own image with a container engine, ECS-optimised Amazon Linux
 * 2023, found through the public SSM parameter of its architecture, then confirmed by DescribeImages.
 */
#ifndef DISCOVERY_AMI_H
#define DISCOVERY_AMI_H

#include "aws/aws.h"
#include "aws/ec2.h"
#include "base/log.h"
#include "discovery/instance_type.h"

struct ami {
    enum architecture architecture;
    struct ec2_image image;
    const char *parameter; /* the SSM parameter that named it; NULL: the user named it. Static. */
};

/* "/aws/service/ecs/optimized-ami/amazon-linux-2023/…"; NULL for an architecture that has none. Static. */
const char *ami_parameter(enum architecture architecture);

/* AWS's recommended image for x86_64 or arm64. ERR_CONFIG: there is none, or it is not available;
 * ERR_SECURITY: it is not Amazon's, or of another architecture than the parameter says. Else the kinds of
 * ssm.h and ec2.h (ERR_AUTH: which permission lacks). */
int ami_find(struct aws_client *client, enum architecture architecture, struct ami *ami, struct err *err);

/* The image that the user names: it must exist, be available and be of the architecture (ERR_CONFIG
 * otherwise). Any owner is taken; one that is not Amazon is named in a warning. */
int ami_use(struct aws_client *client, const char *image_id, enum architecture architecture, struct log *log,
            struct ami *ami, struct err *err);

#endif
