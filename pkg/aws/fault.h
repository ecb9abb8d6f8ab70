/* What an AWS service says when it refuses: its error code, what kind of failure that is, and what to do
 * about it. */
#ifndef AWS_FAULT_H
#define AWS_FAULT_H

#include "aws/http.h"
#include "aws/retry.h"
#include "aws/xml.h"
#include "base/error.h"

#include <stdbool.h>

/* An answer's error, whichever protocol it came in. Empty where the answer does not say. */
struct fault {
    int status;
    char code[64];     /* "InsufficientInstanceCapacity"; without SSM's "com.amazonaws.ssm#" */
    char message[640]; /* printable */
    char request_id[96];
};

/* Reads EC2's <Response><Errors>, S3's <Error>, STS's <ErrorResponse> and the JSON services' {"__type"}. What
 * is none of these leaves code and message empty: the status has to do. */
void fault_read(const struct http_response *response, struct fault *fault);
/* The error in a tree that is parsed already; false when it holds none. */
bool fault_in_xml(const struct xml_node *root, struct fault *fault);

/* The call that was refused, for the message. */
struct fault_context {
    const char *service; /* "ec2" */
    const char *action;  /* "RunInstances" */
};

/* Fills err: kind and advice by the code, else by the status. Returns -1. */
int fault_to_err(const struct fault *fault, const struct fault_context *context, struct err *err);

/* Whether the same call may succeed later. The code decides before the status: a lack of capacity comes as
 * 5xx, and another try in the same place only loses time. */
enum retry_reason fault_retry_reason(const struct fault *fault);

/* Whether a wrong clock on this side may be behind the refusal. */
bool fault_may_be_clock(const struct fault *fault);

/* Whether the credentials were good once and are not any more. */
bool fault_is_expiry(const struct fault *fault);

#endif
