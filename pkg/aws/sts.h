/* Who the credentials belong to. */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/aws.h"

struct sts_identity {
    char account[16];
    char arn[256];
    char user_id[160];
};

int sts_get_caller_identity(struct aws_client *client, struct sts_identity *identity, struct err *err);

#endif
