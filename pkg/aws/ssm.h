/* SSM's parameter store, where AWS publishes its image ids. */
#ifndef AWS_SSM_H
#define AWS_SSM_H

#include "aws/aws.h"

/* The value of a String parameter, free()d by the caller. NULL: ERR_NOT_FOUND when there is none of that
 * name, ERR_AUTH, ERR_NETWORK, ERR_DATA. */
char *ssm_get_parameter(struct aws_client *client, const char *name, struct err *err);

#endif
