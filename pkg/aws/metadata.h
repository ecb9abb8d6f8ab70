/* The metadata services of EC2 instances and of containers: small texts from an address of this machine. */
#ifndef AWS_METADATA_H
#define AWS_METADATA_H

#include "aws/aws.h"
#include "aws/http.h"

#define METADATA_MAX_BYTES (64u << 10)

struct metadata_request {
    const char *method;
    const char *url;
    const struct http_header *headers;
    size_t header_count;
    const char *secret; /* among the headers; NULL: none */
    unsigned attempts;  /* at most; transient failures are repeated after a moment */
};

/* The answer to be freed with metadata_answer_free, whatever its status. -1: as http_perform. */
int metadata_ask(struct aws_client *client, const struct metadata_request *request,
                 struct http_response *answer, struct err *err);
/* Wipes it: it may hold secrets. */
void metadata_answer_free(struct http_response *answer);

#endif
