/* Who the credentials belong to, and those of roles. */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/aws.h"
#include "aws/credentials.h"
#include "aws/xml.h"

struct sts_identity {
    char account[16];
    char arn[256];
    char user_id[160];
};

int sts_get_caller_identity(struct aws_client *client, struct sts_identity *identity, struct err *err);

struct sts_role {
    const char *arn;
    const char *session_name;
    const char *external_id;   /* NULL: none */
    unsigned duration_seconds; /* 0: as STS has it, an hour */
};

/* The role's credentials, asked for with those of a principal that may assume it. The caller frees them.
 * ERR_AUTH: it may not, or the role's trust policy does not let it. */
int sts_assume_role(struct aws_client *client, const struct sts_role *role,
                    const struct credentials *principal, struct credentials *credentials, struct err *err);

/* The same with a token of an OpenID Connect provider, without a signature. */
int sts_assume_role_with_web_identity(struct aws_client *client, const struct sts_role *role,
                                      const char *token, struct credentials *credentials, struct err *err);

/* The credentials in an answer, whose result element is called "AssumeRoleResult", …; pure. ERR_AUTH. */
int sts_read_credentials(const struct xml_node *root, const char *result, struct credentials *credentials,
                         struct err *err);

#endif
