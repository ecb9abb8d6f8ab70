#include "aws/retry.h"

#include "base/attributes.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const char *const throttling_codes[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
};

static const char *const transient_codes[] = {
    "RequestTimeout",
    "RequestTimeoutException",
    "InternalError",
    "InternalFailure",
    "ServiceUnavailable",
    "Unavailable",
    "ConditionalRequestConflict", /* S3: another writer of the same key is under way */
    "OperationAborted",
    "BadDigest", /* the bytes were damaged on their way */
    "XAmzContentSHA256Mismatch",
    "IDPCommunicationError", /* STS could not reach whoever issued the web identity's token */
};

static bool is_among(const char *code, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(code, list[i]) == 0)
            return true;
    }
    return false;
}

static enum retry_reason classify_status(int status)
{
    switch (status) {
    case 0:
    case 408:
    case 500:
    case 502:
    case 503:
    case 504:
        return RETRY_TRANSIENT;
    case 429:
        return RETRY_THROTTLING;
    default:
        return RETRY_NEVER;
    }
}

enum retry_reason retry_classify(const char *code, int status)
{
    if (!code)
        code = "";
    if (is_among(code, throttling_codes, ARRAY_LENGTH(throttling_codes)))
        return RETRY_THROTTLING;
    if (is_among(code, transient_codes, ARRAY_LENGTH(transient_codes)))
        return RETRY_TRANSIENT;
    return classify_status(status);
}

double retry_delay(enum retry_reason reason, unsigned retry, double fraction)
{
    double base = reason == RETRY_THROTTLING ? 1.0 : 0.05;
    return fraction * fmin(ldexp(base, retry < 64 ? (int)retry : 64), RETRY_MAX_DELAY);
}

void retry_quota_init(struct retry_quota *quota)
{
    pthread_mutex_init(&quota->lock, NULL);
    quota->tokens = RETRY_QUOTA_TOKENS;
}

void retry_quota_destroy(struct retry_quota *quota)
{
    pthread_mutex_destroy(&quota->lock);
}

int retry_quota_take(struct retry_quota *quota, enum retry_reason reason)
{
    int cost = reason == RETRY_THROTTLING ? 5 : 14;
    pthread_mutex_lock(&quota->lock);
    if (quota->tokens < cost)
        cost = 0;
    quota->tokens -= cost;
    pthread_mutex_unlock(&quota->lock);
    return cost;
}

void retry_quota_return(struct retry_quota *quota, int taken)
{
    pthread_mutex_lock(&quota->lock);
    quota->tokens += taken ? taken : 1;
    if (quota->tokens > RETRY_QUOTA_TOKENS)
        quota->tokens = RETRY_QUOTA_TOKENS;
    pthread_mutex_unlock(&quota->lock);
}
