#include "aws/sts.h"

#include "aws/query.h"
#include "aws/xml_fields.h"

#include <stdio.h>
#include <string.h>

#define STS_VERSION "2011-06-15"
#define MAX_ANSWER (256u << 10)

static const struct xml_field identity_fields[] = {
    {"GetCallerIdentityResult/Account", XML_FIELD(struct sts_identity, account, XML_TEXT)},
    {"GetCallerIdentityResult/Arn", XML_FIELD(struct sts_identity, arn, XML_TEXT)},
    {"GetCallerIdentityResult/UserId", XML_FIELD(struct sts_identity, user_id, XML_TEXT)},
};

int sts_get_caller_identity(struct aws_client *client, struct sts_identity *identity, struct err *err)
{
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    AUTO_ANSWER struct aws_answer answer = {0};
    query_begin(&form, "GetCallerIdentity", STS_VERSION);
    const struct query query = {
        .service = AWS_STS,
        .action = "GetCallerIdentity",
        .body = strbuf_text(&form),
        .length = form.length,
    };
    *identity = (struct sts_identity){0};
    if (query_send(client, &query, &answer, err) < 0)
        return -1;
    if (xml_read_fields(xml_root(answer.xml), identity_fields, ARRAY_LENGTH(identity_fields), identity, err) <
        0)
        return err_prepend(err, "sts GetCallerIdentity");
    return 0;
}

/* --- roles ---------------------------------------------------------------------------------------------- */

int sts_read_credentials(const struct xml_node *root, const char *result, struct credentials *credentials,
                         struct err *err)
{
    const struct xml_node *node = xml_at(xml_at(root, result), "Credentials");
    const struct credential_texts texts = {xml_text(node, "AccessKeyId"), xml_text(node, "SecretAccessKey"),
                                           xml_text(node, "SessionToken"), xml_text(node, "Expiration")};
    if (credentials_set(credentials, &texts, "the answer", err) < 0)
        return -1;
    credentials->renewable = credentials->expires != 0;
    return 0;
}

static void begin(struct strbuf *form, const char *action, const struct sts_role *role)
{
    char seconds[16];
    query_begin(form, action, STS_VERSION);
    query_add(form, "RoleArn", role->arn);
    query_add(form, "RoleSessionName", role->session_name);
    if (role->duration_seconds == 0)
        return;
    snprintf(seconds, sizeof seconds, "%u", role->duration_seconds);
    query_add(form, "DurationSeconds", seconds);
}

static int assume(struct aws_client *client, const char *action, const struct strbuf *form,
                  const struct credentials *principal, const char *token, struct credentials *credentials,
                  struct err *err)
{
    char result_name[64];
    AUTO_ANSWER struct aws_answer answer = {0};
    const struct query query = {
        .service = AWS_STS,
        .action = action,
        .body = strbuf_text(form),
        .length = form->length,
        .max_answer = MAX_ANSWER,
        .anonymous = !principal,
        .secret = token,
        .credentials = principal,
    };
    snprintf(result_name, sizeof result_name, "%sResult", action);
    int result = strbuf_ok(form, "the request", err);
    if (result == 0)
        result = query_send(client, &query, &answer, err);
    if (result == 0 && sts_read_credentials(xml_root(answer.xml), result_name, credentials, err) < 0)
        result = err_prepend(err, "sts %s", action);
    if (answer.http.body)
        explicit_bzero(answer.http.body, answer.http.length);
    return result;
}

int sts_assume_role(struct aws_client *client, const struct sts_role *role,
                    const struct credentials *principal, struct credentials *credentials, struct err *err)
{
    AUTO_STRBUF struct strbuf form = STRBUF_SECRET(QUERY_MAX_BODY);
    begin(&form, "AssumeRole", role);
    query_add(&form, "ExternalId", role->external_id);
    return assume(client, "AssumeRole", &form, principal, NULL, credentials, err);
}

int sts_assume_role_with_web_identity(struct aws_client *client, const struct sts_role *role,
                                      const char *token, struct credentials *credentials, struct err *err)
{
    AUTO_STRBUF struct strbuf form = STRBUF_SECRET(QUERY_MAX_BODY);
    begin(&form, "AssumeRoleWithWebIdentity", role);
    query_add(&form, "WebIdentityToken", token);
    return assume(client, "AssumeRoleWithWebIdentity", &form, NULL, token, credentials, err);
}
