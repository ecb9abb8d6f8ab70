/* What struct aws holds; for this package alone. */
#ifndef AWS_ACCOUNT_H
#define AWS_ACCOUNT_H

#include "aws/aws.h"
#include "aws/credential_cache.h"
#include "aws/limiter.h"
#include "aws/retry.h"
#include "aws/trust.h"

#include <stdatomic.h>
#include <stdint.h>

struct aws {
    /* Set by aws_open, and only read afterwards. */
    char *region;
    char *endpoints[AWS_SERVICE_COUNT];
    bool real[AWS_SERVICE_COUNT];
    struct trust *trust; /* NULL where no endpoint needs one */
    struct log *log;
    struct clock clock;
    const struct cancel *cancel;

    /* Shared by threads, with locks of their own. */
    struct limiter *limiter;
    struct retry_quota quota;
    atomic_llong clock_offset; /* seconds that AWS's clock is ahead of this machine's */

    struct credential_cache *credentials;
};

/* Seconds since the epoch by AWS's clock, as far as it is known. */
int64_t account_time(struct aws *aws);
/* Whether a request that was dated signed_at is more than four minutes off the Date header of its answer. If
 * so, later requests are dated by AWS's clock. */
bool account_correct_clock(struct aws *aws, const char *date, int64_t signed_at);

#endif
