/* An AWS account whose every service is a scripted server, and whose time is the test's own: sleeping takes
 * none. */
#ifndef SCRIPTED_AWS_H
#define SCRIPTED_AWS_H

#include "scripted_server.h"

#include "aws/aws.h"

#define SCRIPTED_TIME 1800000000.0 /* "2027-01-15T08:00:00Z" */

struct scripted_aws {
    struct scripted_server server;
    struct cancel cancel;
    double now; /* monotonic; the calendar is SCRIPTED_TIME ahead of it */
    struct clock clock;
    struct log log;
    struct strbuf said; /* what was logged */
    struct aws *aws;
    struct aws_client client;
};

/* EC2's answer with an error code. */
#define EC2_ERROR(code)                                                                                      \
    "<Response><Errors><Error><Code>" code "</Code><Message>as scripted</Message></Error></Errors>"          \
    "<RequestID>r</RequestID></Response>"

/* `account` with the rules of a script, to be stopped by scripted_aws_stop. */
#define SCRIPTED_AWS(account, ...)                                                                           \
    static const struct script_rule script[] = {__VA_ARGS__};                                                \
    struct scripted_aws account;                                                                             \
    scripted_aws_start(&account, script, ARRAY_LENGTH(script))

/* `scripted` and `err`, stopped at the end of the scope. */
#define WITH_SCRIPT(...)                                                                                     \
    static const struct script_rule script[] = {__VA_ARGS__};                                                \
    struct err err = {0};                                                                                    \
    CLEANUP(scripted_aws_stop) struct scripted_aws scripted;                                                 \
    scripted_aws_start(&scripted, script, ARRAY_LENGTH(script))

static inline double scripted_realtime(void *context)
{
    return SCRIPTED_TIME + ((struct scripted_aws *)context)->now;
}

static inline double scripted_monotonic(void *context)
{
    return ((struct scripted_aws *)context)->now;
}

static inline int scripted_sleep(void *context, double seconds, const struct cancel *cancel,
                                 enum cancel_level from, struct err *err)
{
    if (seconds > 0) /* threads that don't sleep may share the clock */
        ((struct scripted_aws *)context)->now += seconds;
    return cancel ? cancel_check(cancel, from, err) : 0;
}

static inline void scripted_log(void *context, enum log_level level, const char *line)
{
    strbuf_addf(&((struct scripted_aws *)context)->said, "%s: %s\n", log_level_name(level), line);
}

static inline void scripted_environment(void)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "HIDDENKEY", 1);
    setenv("AWS_SESSION_TOKEN", "HIDDENTOKEN", 1);
    setenv("AWS_CONFIG_FILE", "/nonexistent", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", 1);
    unsetenv("AWS_PROFILE");
    unsetenv("AWS_CA_BUNDLE");
}

/* The server, the clock and the log, and an environment without credentials: for tests that set their own. */
static inline void scripted_aws_prepare(struct scripted_aws *account, const struct script_rule *rules,
                                        size_t count)
{
    struct err err = {0};
    *account = (struct scripted_aws){.said = STRBUF_INIT(1u << 20)};
    script_start(&account->server, rules, count);
    account->clock = (struct clock){scripted_realtime, scripted_monotonic, scripted_sleep, account};
    log_init(&account->log, LOG_DEBUG, scripted_log, account);
    assert_succeeds(cancel_init(&account->cancel, &err), err);
}

static inline int scripted_aws_open(struct scripted_aws *account, const char *profile, struct err *err)
{
    const struct aws_options options = {
        .region = "us-east-1",
        .profile = profile,
        .endpoint = account->server.url,
        .log = &account->log,
        .clock = &account->clock,
        .cancel = &account->cancel,
    };
    account->aws = aws_open(&options, err);
    return account->aws ? aws_client_init(&account->client, account->aws, err) : -1;
}

static inline void scripted_aws_start(struct scripted_aws *account, const struct script_rule *rules,
                                      size_t count)
{
    struct err err = {0};
    scripted_environment();
    scripted_aws_prepare(account, rules, count);
    assert_succeeds(scripted_aws_open(account, NULL, &err), err);
}

/* After this the server's log may be read. */
static inline void scripted_aws_stop(struct scripted_aws *account)
{
    aws_client_destroy(&account->client);
    aws_close(account->aws);
    script_stop(&account->server);
    cancel_destroy(&account->cancel);
    log_destroy(&account->log);
    strbuf_free(&account->said);
}

#endif
