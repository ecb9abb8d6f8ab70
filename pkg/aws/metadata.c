#include "aws/metadata.h"

#include "aws/account.h"
#include "aws/retry.h"
#include "base/digest.h"

#include <math.h>
#include <string.h>

#define ATTEMPT_SECONDS 2.0
#define FIRST_DELAY 0.5 /* doubled each time */

void metadata_answer_free(struct http_response *answer)
{
    if (answer->body)
        explicit_bzero(answer->body, answer->length);
    http_response_free(answer);
}

/* Whether another attempt may do better. */
static bool is_transient(int result, const struct http_response *answer, const struct err *failure)
{
    if (result < 0)
        return failure->kind == ERR_NETWORK;
    return retry_classify(NULL, answer->status) != RETRY_NEVER;
}

static int pause_before(struct aws_client *client, unsigned attempt, struct err *err)
{
    struct aws *aws = client->aws;
    enum cancel_level from = client->policy.stop_at ? client->policy.stop_at : CANCEL_DRAIN;
    double delay = ldexp(FIRST_DELAY, (int)attempt - 1) * (0.5 + random_fraction() / 2);
    return clock_sleep(&aws->clock, delay, aws->cancel, from, err);
}

int metadata_ask(struct aws_client *client, const struct metadata_request *request,
                 struct http_response *answer, struct err *err)
{
    const char *const secrets[] = {request->secret, NULL};
    const struct http_request http = {
        .method = request->method,
        .url = request->url,
        .headers = request->headers,
        .header_count = request->header_count,
        .max_body = METADATA_MAX_BYTES,
        .seconds = ATTEMPT_SECONDS,
        .stop_at = client->policy.stop_at,
        .secrets = secrets,
    };
    struct err failure = {0};
    int result = -1;
    *answer = (struct http_response){0};
    for (unsigned attempt = 0; attempt < request->attempts; attempt++) {
        if (attempt > 0 && pause_before(client, attempt, &failure) < 0)
            return err_copy(err, &failure);
        metadata_answer_free(answer);
        result = http_perform(client->http, &http, answer, &failure);
        if (!is_transient(result, answer, &failure))
            break;
    }
    return result < 0 ? err_copy(err, &failure) : 0;
}
