/* The account of a command that asks AWS in one thread: libraries set up, credentials read, one client. */
#ifndef CMD_AWS_SESSION_H
#define CMD_AWS_SESSION_H

#include "command.h"

#include "aws/aws.h"

struct aws_session {
    bool libraries; /* whether aws_global_init has been called */
    struct aws *aws;
    struct aws_client client;
};

/* `AUTO_AWS_SESSION struct aws_session session = {0};` */
#define AUTO_AWS_SESSION CLEANUP(aws_session_close)
void aws_session_close(struct aws_session *session);

/* With the command's --region and --profile. Errors as aws_open's. */
int aws_session_open(struct program *program, struct aws_session *session, struct err *err);
/* The same account in another region. */
int aws_session_open_in(struct program *program, const char *region, struct aws_session *session,
                        struct err *err);

#endif
