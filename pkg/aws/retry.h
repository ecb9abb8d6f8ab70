/*
 * When to try again, and after how long: AWS's "standard" mode. Pure but for the quota, which threads share.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <pthread.h>
#include <stdbool.h>

enum retry_reason {
    RETRY_NEVER,      /* the answer would be the same */
    RETRY_TRANSIENT,  /* the network, or the service for a moment */
    RETRY_THROTTLING, /* asked too often */
};

#define RETRY_ATTEMPTS 3       /* of one call in all, in standard mode */
#define RETRY_MAX_DELAY 20.0   /* seconds */
#define RETRY_QUOTA_TOKENS 500 /* of all threads together */

/* By the service's error code where it has one ("" and NULL: it hasn't), then by the HTTP status; status 0:
 * no answer came. */
enum retry_reason retry_classify(const char *code, int status);

/* Seconds to wait before retry number `retry` (0 is the first), for a random fraction of [0, 1). */
double retry_delay(enum retry_reason reason, unsigned retry, double fraction);

/* The tokens left. One retry costs 14 (transient) or 5 (throttling) and gives them back when it succeeds; a
 * call that succeeds at once gives 1. So a service that is down is not asked three times by each thread for
 * ever. */
struct retry_quota {
    pthread_mutex_t lock;
    int tokens;
};

void retry_quota_init(struct retry_quota *quota);
void retry_quota_destroy(struct retry_quota *quota);
/* Takes what a retry costs; 0, and nothing taken, where that much is not left. */
int retry_quota_take(struct retry_quota *quota, enum retry_reason reason);
/* After a success: what its last retry had taken, 0 when there was none. */
void retry_quota_return(struct retry_quota *quota, int taken);

#endif
