#include "aws/query.h"

void query_begin(struct strbuf *form, const char *action, const char *version)
{
    strbuf_addf(form, "Action=%s&Version=%s", action, version);
}

void query_add(struct strbuf *form, const char *name, const char *value)
{
    if (!value)
        return;
    strbuf_addf(form, "&%s=", name);
    uri_encode(form, value, false);
}

void query_add_numbered(struct strbuf *form, const char *name_before, size_t number, const char *name_after,
                        const char *value)
{
    if (!value)
        return;
    strbuf_addf(form, "&%s%zu%s=", name_before, number, name_after);
    uri_encode(form, value, false);
}

int query_send(struct aws_client *client, const struct query *query, struct aws_answer *answer,
               struct err *err)
{
    const struct aws_call call = {
        .service = query->service,
        .action = query->action,
        .bucket = query->bucket,
        .resources = query->resources,
        .anonymous = query->anonymous,
        .secret = query->secret,
        .credentials = query->credentials,
        .method = "POST",
        .path = "/",
        .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
        .body = query->body,
        .body_length = query->length,
        .max_answer = query->max_answer,
        .expects = CALL_XML,
    };
    return aws_call(client, &call, answer, err);
}
