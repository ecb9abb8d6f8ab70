/*
 * How often each API may be asked: token buckets shared by all threads of the process, with the capacities
 * that AWS documents per account and region, for requests and, where a request is about several of them, for
 * resources. Who asks takes a turn, and goes when the bucket has filled up to it. When AWS throttles all the
 * same (others use the account too), the bucket's rate is halved, and grows back with every call that gets
 * through; those who wait profit at once. A call that was throttled keeps its place before all that came
 * later. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
#ifndef AWS_LIMITER_H
#define AWS_LIMITER_H

#include "base/error.h"

#include <stddef.h>

/* What DescribeInstances has in place of its own bucket when it names ids and neither filters nor pages. */
#define LIMITER_INSTANCES_BY_ID "DescribeInstances by id"

struct limiter;

struct limiter *limiter_new(struct err *err);
/* NULL is allowed. */
void limiter_free(struct limiter *limiter);

/* A place in the row for one call. */
struct limiter_turn {
    size_t bucket;
    double request;  /* the call goes when so many tokens have come in since the beginning */
    double resource; /* and so many of the bucket for resources */
};

/* A turn at the end of the row, for one call of the action on so many resources. now: monotonic seconds. */
struct limiter_turn limiter_take(struct limiter *limiter, const char *action, size_t resources, double now);
/* In how many seconds the turn comes at the present rate; 0: now. The rate may change: ask again from time to
 * time. */
double limiter_wait(struct limiter *limiter, const struct limiter_turn *turn, double now);
/* Another attempt of the same call: it takes a token, and goes before all that have not had their turn yet.
 */
void limiter_retake(struct limiter *limiter, const struct limiter_turn *turn, double now);

/* What became of the call. */
void limiter_throttled(struct limiter *limiter, const struct limiter_turn *turn, double now);
void limiter_passed(struct limiter *limiter, const struct limiter_turn *turn, double now);

/* Calls of the action per second at present. */
double limiter_rate(struct limiter *limiter, const char *action);

#endif
