/* The query protocol of EC2 and STS: a form of numbered parameters goes out, XML comes back. */
#ifndef AWS_QUERY_H
#define AWS_QUERY_H

#include "aws/call.h"
#include "base/strbuf.h"

#define QUERY_MAX_BODY (256u << 10)
/* `AUTO_STRBUF struct strbuf form = QUERY_FORM;` */
#define QUERY_FORM STRBUF_INIT(QUERY_MAX_BODY)

/* Begins a form: Action and Version. */
void query_begin(struct strbuf *form, const char *action, const char *version);
/* Appends one parameter; a NULL value: none. */
void query_add(struct strbuf *form, const char *name, const char *value);
/* Appends one whose name has a number in it: "Filter.", 2, ".Name". */
void query_add_numbered(struct strbuf *form, const char *name_before, size_t number, const char *name_after,
                        const char *value);

/* Sends the form. max_answer 0: HTTP_DEFAULT_MAX_BODY. The caller frees the answer, also after a failure. */
struct query {
    enum aws_service service;
    const char *action;
    const char *body;
    size_t length;
    size_t max_answer;
    const char *bucket;                    /* as in aws_call */
    size_t resources;                      /* likewise */
    bool anonymous;                        /* likewise */
    const char *secret;                    /* likewise */
    const struct credentials *credentials; /* likewise */
};
int query_send(struct aws_client *client, const struct query *query, struct aws_answer *answer,
               struct err *err);

#endif
