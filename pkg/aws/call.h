/*
 * One call of an AWS service: limited, dated, signed, sent, judged, and tried again as the client's policy
 * says. The services are written on top of this.
 */
#ifndef AWS_CALL_H
#define AWS_CALL_H

#include "aws/aws.h"
#include "aws/credentials.h"
#include "aws/http.h"
#include "aws/uri.h"
#include "aws/xml.h"
#include "base/error.h"
#include "base/json.h"

#include <stddef.h>
#include <stdint.h>

/* What a good answer holds. One that can't be read counts as damaged on its way, and the call is repeated. */
enum call_answer {
    CALL_XML,
    CALL_JSON,
    CALL_BYTES,   /* anything */
    CALL_NOTHING, /* nothing; but S3 may say 200 and then tell of an error */
};

#define CALL_MAX_HEADERS 8

/* Everything is borrowed for the length of the call. */
struct aws_call {
    enum aws_service service;
    const char *action; /* "RunInstances": for the limiter and for messages */
    const char *bucket; /* of the limiter, where the action has more than one; NULL: the action's */
    size_t resources;   /* how many the call is about, where AWS limits them too; 0: one */
    const char *method;
    const char *host_prefix; /* S3's bucket, put before the endpoint's host; NULL: none */
    const char *path;        /* below the endpoint, with its leading slash, encoded as it is to be sent */
    const struct uri_param *params;
    size_t param_count;
    struct http_header
        headers[CALL_MAX_HEADERS]; /* all of them are signed; ends with the first without a name */
    const void *body;
    size_t body_length;
    size_t max_answer; /* bytes; 0: HTTP_DEFAULT_MAX_BODY */
    enum call_answer expects;
    bool anonymous;           /* not signed at all … */
    const char *secret;       /* … but it tells this in confidence; NULL: nothing */
    const char *wanted_fault; /* code of a refusal that the call is made for, which is not retried; or NULL */
    const struct credentials *credentials; /* whose signature, in place of the account's own; NULL: those */
};

struct aws_answer {
    struct http_response http;
    struct xml *xml; /* CALL_XML */
    cJSON *json;     /* CALL_JSON */
};
#define AUTO_ANSWER CLEANUP(aws_answer_free)

/* 0 for a status of 2xx that holds what is expected. Errors are typed by the service's code, which stands in
 * err.code. The caller frees the answer with aws_answer_free, also after a failure: its headers are there
 * then. */
int aws_call(struct aws_client *client, const struct aws_call *call, struct aws_answer *answer,
             struct err *err);
void aws_answer_free(struct aws_answer *answer);

/* One attempt without judgement, dated time (seconds since the epoch), signed by credentials; NULL: not
 * signed. The response is freed by the caller. (signed_request.c) */
int signed_request_send(struct aws_client *client, const struct aws_call *call,
                        const struct credentials *credentials, int64_t time, struct http_response *response,
                        struct err *err);

#endif
