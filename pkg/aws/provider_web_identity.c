#include "aws/account.h"
#include "aws/provider.h"
#include "aws/sts.h"
#include "base/fs.h"

#include <stdio.h>
#include <string.h>

#define MAX_TOKEN 20000 /* as STS has it */

/* What stands in the environment, or in a profile. */
struct web_identity {
    const char *token_file;
    struct sts_role role;
};

static struct web_identity find(const struct credential_search *search)
{
    if (!search->profile_given && environment("AWS_WEB_IDENTITY_TOKEN_FILE"))
        return (struct web_identity){
            environment("AWS_WEB_IDENTITY_TOKEN_FILE"),
            {.arn = environment("AWS_ROLE_ARN"), .session_name = environment("AWS_ROLE_SESSION_NAME")}};
    return (struct web_identity){profile_get(search->profile, PROFILE_WEB_IDENTITY_TOKEN_FILE),
                                 {.arn = profile_get(search->profile, PROFILE_ROLE_ARN),
                                  .session_name = profile_get(search->profile, PROFILE_ROLE_SESSION_NAME)}};
}

/* Read each time: whoever issued the token replaces it long before it expires. */
static char *read_token(const char *path, struct err *err)
{
    size_t length = 0;
    AUTO_SECRET char *token = fs_read_file(path, MAX_TOKEN, &length, err);
    if (!token)
        return NULL;
    token[strcspn(token, " \t\r\n")] = '\0';
    if (*token)
        return TAKE(token);
    err_set(err, ERR_AUTH, "%s holds no token", path);
    return NULL;
}

static int assume(struct aws_client *client, const struct web_identity *identity,
                  struct credentials *credentials, struct err *err)
{
    char session_name[64];
    struct sts_role role = identity->role;
    if (!role.arn)
        return err_set(err, ERR_AUTH, "the role is not told: set AWS_ROLE_ARN, or role_arn in the profile");
    snprintf(session_name, sizeof session_name, "aws-benchmark-collector-%lld",
             (long long)account_time(client->aws));
    if (!role.session_name)
        role.session_name = session_name;
    AUTO_SECRET char *token = read_token(identity->token_file, err);
    return token ? sts_assume_role_with_web_identity(client, &role, token, credentials, err) : -1;
}

enum provider_answer provide_from_web_identity(const struct credential_search *search,
                                               struct credentials *credentials, struct err *err)
{
    const struct web_identity identity = find(search);
    if (!identity.token_file)
        return PROVIDER_NOT_MINE;
    if (assume(search->client, &identity, credentials, err) == 0)
        return PROVIDER_FOUND;
    err_prepend(err, "the role of the web identity token");
    return PROVIDER_FAILED;
}
