/*
 * How often each API may be asked: one token bucket per action, shared by all threads of the process, with
 * the capacities that AWS documents per account and region. When AWS throttles all the same (others use the
 * account too), the bucket's rate is halved, and grows back with every call that gets through.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
#ifndef AWS_LIMITER_H
#define AWS_LIMITER_H

#include "base/error.h"

struct limiter;

struct limiter *limiter_new(struct err *err);
/* NULL is allowed. */
void limiter_free(struct limiter *limiter);

/* Takes a token for one call of the action and says in how many seconds it may be made. Tokens are handed out
 * in the order of asking. now: monotonic seconds. */
double limiter_take(struct limiter *limiter, const char *action, double now);

/* What became of the call. */
void limiter_throttled(struct limiter *limiter, const char *action, double now);
void limiter_passed(struct limiter *limiter, const char *action);

/* Calls per second at present. */
double limiter_rate(struct limiter *limiter, const char *action);

#endif
