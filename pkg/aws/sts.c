#include "aws/sts.h"

#include "aws/query.h"
#include "aws/xml_fields.h"

static const struct xml_field identity_fields[] = {
    {"GetCallerIdentityResult/Account", XML_FIELD(struct sts_identity, account, XML_TEXT)},
    {"GetCallerIdentityResult/Arn", XML_FIELD(struct sts_identity, arn, XML_TEXT)},
    {"GetCallerIdentityResult/UserId", XML_FIELD(struct sts_identity, user_id, XML_TEXT)},
};

int sts_get_caller_identity(struct aws_client *client, struct sts_identity *identity, struct err *err)
{
    AUTO_STRBUF struct strbuf form = QUERY_FORM;
    AUTO_ANSWER struct aws_answer answer = {0};
    query_begin(&form, "GetCallerIdentity", "2011-06-15");
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
