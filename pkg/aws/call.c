#include "aws/call.h"

#include "aws/account.h"
#include "aws/endpoint.h"
#include "aws/fault.h"
#include "base/digest.h"
#include "base/parse.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#define TURN_SECONDS 1.0 /* of waiting, before the limiter is asked again: its rate may have changed */

/* What came of one attempt that failed. */
struct attempt {
    enum retry_reason reason;
    bool unanswered;      /* or not so that it could be read */
    bool clock_corrected; /* signing again with the right time may help */
    enum { CREDENTIALS_TAKEN, CREDENTIALS_REJECTED, CREDENTIALS_LACKING } credentials;
    double least_delay; /* seconds that the service asks for */
};

/* One call through all its attempts. */
struct calling {
    struct aws_client *client;
    const struct aws_call *call;
    struct aws_answer *answer;
    int64_t signed_at;    /* the date of the last attempt */
    bool clock_corrected; /* once is enough */
    unsigned renewals;    /* of the credentials, for this call */
    unsigned credentials; /* the number of those of the last attempt; 0: it was not about the account's */
    unsigned waits;       /* for credentials */
    unsigned attempts;    /* that were made */
    unsigned retries;     /* of them, those that the policy had to allow */
    int quota_taken;      /* by the last retry */
    struct limiter_turn turn;
};

void aws_answer_free(struct aws_answer *answer)
{
    http_response_free(&answer->http);
    xml_free(answer->xml);
    json_auto(&answer->json);
    answer->xml = NULL;
    answer->json = NULL;
}

static int prepend_action(const struct aws_call *call, struct err *err)
{
    return err_prepend(err, "%s %s", service_name(call->service), call->action);
}

static double retry_after(const struct http_response *response)
{
    double seconds = 0;
    if (!response->retry_after[0] || parse_double(response->retry_after, 0, 3600, &seconds, NULL) < 0)
        return 0;
    return fmin(seconds, RETRY_MAX_DELAY);
}

static enum retry_reason reason_for(const struct aws_call *call, const struct fault *fault)
{
    bool wanted = call->wanted_fault && strcmp(fault->code, call->wanted_fault) == 0;
    return wanted ? RETRY_NEVER : fault_retry_reason(fault);
}

/* The service said no. */
static int judge_fault(struct calling *calling, const struct fault *fault, struct attempt *attempt,
                       struct err *err)
{
    const struct aws_call *call = calling->call;
    const struct http_response *response = &calling->answer->http;
    struct aws *aws = calling->client->aws;
    const struct fault_context context = {service_name(call->service), call->action};
    attempt->reason = reason_for(call, fault);
    attempt->least_delay = retry_after(response);
    if (attempt->reason == RETRY_NEVER && fault_may_be_clock(fault) && response->authentic &&
        !calling->clock_corrected)
        attempt->clock_corrected = account_correct_clock(aws, response->date, calling->signed_at);
    if (attempt->reason == RETRY_NEVER && !attempt->clock_corrected && calling->credentials > 0 &&
        fault_is_expiry(fault))
        attempt->credentials = CREDENTIALS_REJECTED;
    log_line(aws->log, LOG_DEBUG, "%s %s: status %d %s, request %s", context.service, context.action,
             fault->status, fault->code, fault->request_id);
    return fault_to_err(fault, &context, err);
}

static int unreadable(struct calling *calling, struct attempt *attempt, struct err *err)
{
    attempt->reason = RETRY_TRANSIENT;
    err_prepend(err, "the answer is damaged");
    return prepend_action(calling->call, err);
}

static int judge_xml(struct calling *calling, struct attempt *attempt, struct err *err)
{
    struct aws_answer *answer = calling->answer;
    struct fault fault = {.status = answer->http.status};
    answer->xml = xml_parse(answer->http.body, answer->http.length, err);
    if (!answer->xml)
        return unreadable(calling, attempt, err);
    if (strcasecmp(xml_root(answer->xml)->name, "html") == 0) { /* of a proxy or a portal on the way */
        err_set(err, ERR_DATA, "a web page, and not an answer of AWS's");
        return unreadable(calling, attempt, err);
    }
    if (fault_in_xml(xml_root(answer->xml), &fault))
        return judge_fault(calling, &fault, attempt, err);
    return 0;
}

static int judge_json(struct calling *calling, struct attempt *attempt, struct err *err)
{
    const struct http_response *response = &calling->answer->http;
    calling->answer->json = json_parse(response->body, response->length, HTTP_DEFAULT_MAX_BODY, err);
    return calling->answer->json ? 0 : unreadable(calling, attempt, err);
}

static int judge(struct calling *calling, struct attempt *attempt, struct err *err)
{
    const struct http_response *response = &calling->answer->http;
    if (response->status < 200 || response->status > 299) {
        struct fault fault;
        fault_read(response, &fault);
        return judge_fault(calling, &fault, attempt, err);
    }
    switch (calling->call->expects) {
    case CALL_XML:
        return judge_xml(calling, attempt, err);
    case CALL_JSON:
        return judge_json(calling, attempt, err);
    case CALL_NOTHING:
        return response->length > 0 ? judge_xml(calling, attempt, err) : 0;
    default:
        return 0;
    }
}

static int send_signed(struct calling *calling, const struct credentials *credentials,
                       struct attempt *attempt, struct err *err)
{
    struct aws_answer *answer = calling->answer;
    calling->signed_at = account_time(calling->client->aws);
    if (signed_request_send(calling->client, calling->call, credentials, calling->signed_at, &answer->http,
                            err) == 0)
        return judge(calling, attempt, err);
    attempt->unanswered = true;
    /* What came too long, or with a wrong certificate, would come so again; the network may not. */
    attempt->reason = err->kind == ERR_NETWORK ? RETRY_TRANSIENT : RETRY_NEVER;
    return prepend_action(calling->call, err);
}

static int try_once(struct calling *calling, struct attempt *attempt, struct err *err)
{
    const struct aws_call *call = calling->call;
    struct aws_client *client = calling->client;
    struct leased_credentials leased = {0};
    *attempt = (struct attempt){0};
    aws_answer_free(calling->answer);
    if (call->anonymous || call->credentials)
        return send_signed(calling, call->credentials, attempt, err);
    if (credential_cache_get(client->aws->credentials, &client->policy, &leased, err) < 0) {
        attempt->credentials = err->kind == ERR_CANCELLED ? CREDENTIALS_TAKEN : CREDENTIALS_LACKING;
        return prepend_action(call, err);
    }
    calling->credentials = leased.number;
    int result = send_signed(calling, &leased.credentials, attempt, err);
    credentials_free(&leased.credentials);
    return result;
}

static double deadline_of(const struct aws_client *client)
{
    return client->policy.deadline > 0 ? client->policy.deadline : INFINITY;
}

/* As long as nothing can have happened, the call may be given up earlier than afterwards. */
static enum cancel_level stop_level(const struct aws_client *client)
{
    const struct aws_policy *policy = &client->policy;
    enum cancel_level level = policy->stop_at ? policy->stop_at : CANCEL_DRAIN;
    bool earlier = policy->stop_unsent_at && !client->may_have_happened && policy->stop_unsent_at < level;
    return earlier ? policy->stop_unsent_at : level;
}

static int sleep_for(struct aws_client *client, double seconds, struct err *err)
{
    struct aws *aws = client->aws;
    return clock_sleep(&aws->clock, seconds, aws->cancel, stop_level(client), err);
}

static void take_turn(struct calling *calling)
{
    struct aws *aws = calling->client->aws;
    const struct aws_call *call = calling->call;
    double now = clock_monotonic(&aws->clock);
    if (calling->attempts > 0)
        limiter_retake(aws->limiter, &calling->turn, now);
    else
        calling->turn = limiter_take(aws->limiter, call->bucket ? call->bucket : call->action,
                                     call->resources ? call->resources : 1, now);
}

/* Waits for the limiter's leave; err is the failure before, if there was one. */
static int wait_for_turn(struct calling *calling, struct err *err)
{
    struct aws *aws = calling->client->aws;
    double deadline = deadline_of(calling->client);
    for (bool told = false;; told = true) {
        double now = clock_monotonic(&aws->clock);
        double wait = limiter_wait(aws->limiter, &calling->turn, now);
        if (now + fmin(wait, TURN_SECONDS) >= deadline) {
            if (calling->attempts > 0)
                return -1; /* why it was tried again says more */
            err_set(err, ERR_NETWORK, "its deadline passed");
            return prepend_action(calling->call, err);
        }
        if (wait >= 0.5 && !told)
            log_line(aws->log, LOG_DEBUG, "%s %s waits %.1f s for its turn",
                     service_name(calling->call->service), calling->call->action, wait);
        if (sleep_for(calling->client, fmin(wait, TURN_SECONDS), err) < 0)
            return -1;
        if (wait <= TURN_SECONDS)
            return 0;
    }
}

/* Whether the policy allows another attempt after this one, that long from now. */
static bool may_retry(struct calling *calling, const struct attempt *attempt, double delay)
{
    struct aws *aws = calling->client->aws;
    if (attempt->reason == RETRY_NEVER ||
        clock_monotonic(&aws->clock) + delay >= deadline_of(calling->client))
        return false;
    if (calling->client->policy.persistent)
        return true;
    if (calling->retries + 1 >= RETRY_ATTEMPTS)
        return false;
    calling->quota_taken = retry_quota_take(&aws->quota, attempt->reason);
    return calling->quota_taken > 0;
}

static void tell_limiter(struct calling *calling, bool passed, const struct attempt *attempt)
{
    struct aws *aws = calling->client->aws;
    double now = clock_monotonic(&aws->clock);
    if (passed)
        limiter_passed(aws->limiter, &calling->turn, now);
    else if (attempt->reason == RETRY_THROTTLING)
        limiter_throttled(aws->limiter, &calling->turn, now);
}

/* Puts behind the message why there are no other credentials. */
static int add_reason(struct err *err, const struct err *reason)
{
    struct err whole = *err;
    err_set(&whole, err->kind, "%.600s; %.400s", err->message, reason->message);
    err_set_code(&whole, err->code);
    *err = whole;
    return -1;
}

/* Nothing to go on with just now: 0 after a while in which that may have changed, where the policy has time
 * for it. */
static int wait_for_credentials(struct calling *calling, struct err *err)
{
    struct aws_client *client = calling->client;
    struct aws *aws = client->aws;
    double delay = retry_delay(RETRY_THROTTLING, calling->waits, 0.5 + random_fraction() / 2);
    if (!client->policy.outlasts_credentials || clock_monotonic(&aws->clock) + delay >= deadline_of(client))
        return -1;
    if (calling->waits++ == 0)
        log_line(aws->log, LOG_WARNING,
                 "%s; this is tried until its deadline: put new credentials where these came from",
                 err->message);
    return sleep_for(client, delay, err);
}

/* AWS takes the credentials no more: others are looked for once, and then again and again where the policy
 * says so. */
static int renew_credentials(struct calling *calling, struct err *err)
{
    struct aws_client *client = calling->client;
    struct err reason = {.message = "the credentials that replaced them have expired too"};
    if (calling->renewals == 0 || client->policy.outlasts_credentials) {
        int result =
            credential_cache_renew(client->aws->credentials, &client->policy, calling->credentials, &reason);
        if (result == 0 && calling->renewals++ == 0)
            return 0;
    }
    if (reason.kind != ERR_CANCELLED)
        add_reason(err, &reason);
    return wait_for_credentials(calling, err);
}

/* After a failed attempt: 0 when the next one is due, -1 with err as it is when there is none. */
static int prepare_retry(struct calling *calling, const struct attempt *attempt, struct err *err)
{
    if (attempt->clock_corrected) {
        calling->clock_corrected = true;
        return 0;
    }
    if (attempt->credentials == CREDENTIALS_REJECTED)
        return renew_credentials(calling, err);
    if (attempt->credentials == CREDENTIALS_LACKING)
        return wait_for_credentials(calling, err);
    double delay = retry_delay(attempt->reason, calling->retries, random_fraction());
    delay = fmax(delay, attempt->least_delay);
    if (!may_retry(calling, attempt, delay))
        return -1;
    log_line(calling->client->aws->log, LOG_DEBUG, "%s; again in %.2f s", err->message, delay);
    calling->retries++;
    return sleep_for(calling->client, delay, err);
}

int aws_call(struct aws_client *client, const struct aws_call *call, struct aws_answer *answer,
             struct err *err)
{
    struct calling calling = {.client = client, .call = call, .answer = answer};
    struct err failure = {0};
    *answer = (struct aws_answer){0};
    client->may_have_happened = false;
    for (;; calling.attempts++) {
        struct attempt attempt = {0};
        bool passed = false;
        take_turn(&calling);
        if (wait_for_turn(&calling, &failure) < 0)
            break;
        passed = try_once(&calling, &attempt, &failure) == 0;
        tell_limiter(&calling, passed, &attempt);
        if (passed) {
            if (!client->policy.persistent)
                retry_quota_return(&client->aws->quota, calling.quota_taken);
            return 0;
        }
        client->may_have_happened |= attempt.unanswered || attempt.reason == RETRY_TRANSIENT;
        if (prepare_retry(&calling, &attempt, &failure) < 0)
            break;
    }
    if (err)
        *err = failure;
    return -1;
}
