/* An AWS account whose every service is a scripted server. */
#ifndef SCRIPTED_AWS_H
#define SCRIPTED_AWS_H

#include "scripted_server.h"

#include "aws/aws.h"

struct scripted_aws {
    struct scripted_server server;
    struct aws *aws;
    struct aws_client client;
};

/* EC2's answer with an error code. */
#define EC2_ERROR(code)                                                                                      \
    "<Response><Errors><Error><Code>" code "</Code><Message>as scripted</Message></Error></Errors>"          \
    "<RequestID>r</RequestID></Response>"

#define SCRIPTED_AWS(account, ...)                                                                           \
    static const struct script_rule script[] = {__VA_ARGS__};                                                \
    struct scripted_aws account;                                                                             \
    scripted_aws_start(&account, script, ARRAY_LENGTH(script))

static inline void scripted_aws_start(struct scripted_aws *account, const struct script_rule *rules,
                                      size_t count)
{
    struct err err = {0};
    script_start(&account->server, rules, count);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    const struct aws_options options = {.region = "us-east-1", .endpoint = account->server.url};
    account->aws = aws_open(&options, &err);
    if (!account->aws)
        fail_msg("%s", err.message);
    account->client = (struct aws_client){0};
    assert_succeeds(aws_client_init(&account->client, account->aws, &err), err);
}

/* After this the server's log may be read. */
static inline void scripted_aws_stop(struct scripted_aws *account)
{
    aws_client_destroy(&account->client);
    aws_close(account->aws);
    script_stop(&account->server);
}

#endif
