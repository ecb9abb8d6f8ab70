#include "aws/ssm.h"

#include "aws/call.h"

#include <string.h>

static char *encode_request(const char *name, struct err *err)
{
    AUTO_JSON cJSON *request = cJSON_CreateObject();
    if (!request) {
        err_memory(err);
        return NULL;
    }
    return json_add_string(request, "Name", name, err) < 0 ? NULL : json_print(request, false, err);
}

char *ssm_get_parameter(struct aws_client *client, const char *name, struct err *err)
{
    AUTO_ANSWER struct aws_answer answer = {0};
    AUTO_FREE char *body = encode_request(name, err);
    if (!body)
        return NULL;
    const struct aws_call call = {
        .service = AWS_SSM,
        .action = "GetParameter",
        .method = "POST",
        .path = "/",
        .headers = {{"Content-Type", "application/x-amz-json-1.1"},
                    {"X-Amz-Target", "AmazonSSM.GetParameter"}},
        .body = body,
        .body_length = strlen(body),
        .expects = CALL_JSON,
    };
    const char *value = NULL;
    if (aws_call(client, &call, &answer, err) < 0 ||
        json_get_string(answer.json, "Parameter.Value", &value, err) < 0) {
        err_prepend(err, "parameter %s", name);
        return NULL;
    }
    char *copy = strdup(value);
    if (!copy)
        err_memory(err);
    return copy;
}
