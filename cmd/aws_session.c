#include "aws_session.h"

void aws_session_close(struct aws_session *session)
{
    aws_client_destroy(&session->client);
    aws_close(session->aws);
    if (session->libraries)
        aws_global_cleanup();
    *session = (struct aws_session){0};
}

int aws_session_open(struct program *program, struct aws_session *session, struct err *err)
{
    return aws_session_open_in(program, program->account.region, session, err);
}

int aws_session_open_in(struct program *program, const char *region, struct aws_session *session,
                        struct err *err)
{
    const struct aws_options options = {.region = region,
                                        .profile = program->account.profile,
                                        .endpoint = program->account.endpoint_url,
                                        .log = &program->log,
                                        .clock = &program->clock,
                                        .cancel = &program->cancel};
    if (aws_global_init(err) < 0)
        return -1;
    session->libraries = true;
    session->aws = aws_open(&options, err);
    if (!session->aws)
        return -1;
    return aws_client_init(&session->client, session->aws, err);
}
