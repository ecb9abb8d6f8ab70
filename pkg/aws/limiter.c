#include "aws/limiter.h"

#include "base/text.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The action is a prefix where it ends in '*'; the first that fits counts. */
static const struct documented_bucket {
    const char *action;
    double capacity;
    double refill; /* tokens a second */
} documented[] = {
    {"RunInstances", 5, 2},        {"TerminateInstances", 100, 5},
    {"DescribeInstances", 50, 10}, /* with ids alone; 100 and 20 with filters or pages */
    {"CreateTags", 100, 10},       {"Describe*", 100, 20},
    {"GetParameter", 40, 40},      {"GetCallerIdentity", 100, 100},
    {"*Object*", 1000, 1000}, /* S3 allows 3500 writes and 5500 reads a second per prefix */
    {"HeadBucket", 100, 100},      {"*", 50, 5}, /* other calls that change something */
};

#define BUCKETS ARRAY_LENGTH(documented)
#define LOWEST_SHARE 0.05        /* of the documented rate, however often AWS throttles */
#define GROWTH 0.02              /* of the documented rate, for each call that passes */
#define SECONDS_BETWEEN_CUTS 1.0 /* several calls in flight find out about one shortage at once */

struct bucket {
    double tokens; /* negative: promised for later */
    double rate;
    double filled_at; /* monotonic; when tokens was brought up to date */
    double cut_at;    /* monotonic; when the rate was last halved */
};

struct limiter {
    pthread_mutex_t lock; /* guards the rest */
    struct bucket buckets[BUCKETS];
};

struct limiter *limiter_new(struct err *err)
{
    struct limiter *limiter = calloc(1, sizeof *limiter);
    if (!limiter) {
        err_memory(err);
        return NULL;
    }
    pthread_mutex_init(&limiter->lock, NULL);
    for (size_t i = 0; i < BUCKETS; i++)
        limiter->buckets[i] = (struct bucket){.tokens = documented[i].capacity,
                                              .rate = documented[i].refill,
                                              .filled_at = -INFINITY,
                                              .cut_at = -INFINITY};
    return limiter;
}

void limiter_free(struct limiter *limiter)
{
    if (!limiter)
        return;
    pthread_mutex_destroy(&limiter->lock);
    free(limiter);
}

static size_t bucket_of(const char *action)
{
    size_t index = 0;
    while (!text_matches(documented[index].action, action))
        index++;
    return index;
}

static void refill(struct limiter *limiter, size_t index, double now)
{
    struct bucket *bucket = &limiter->buckets[index];
    double seconds = now - bucket->filled_at;
    if (isfinite(seconds) && seconds > 0)
        bucket->tokens = fmin(bucket->tokens + seconds * bucket->rate, documented[index].capacity);
    bucket->filled_at = now;
}

double limiter_take(struct limiter *limiter, const char *action, double now)
{
    size_t index = bucket_of(action);
    struct bucket *bucket = &limiter->buckets[index];
    pthread_mutex_lock(&limiter->lock);
    refill(limiter, index, now);
    bucket->tokens -= 1;
    double wait = bucket->tokens < 0 ? -bucket->tokens / bucket->rate : 0;
    pthread_mutex_unlock(&limiter->lock);
    return wait;
}

void limiter_throttled(struct limiter *limiter, const char *action, double now)
{
    size_t index = bucket_of(action);
    struct bucket *bucket = &limiter->buckets[index];
    pthread_mutex_lock(&limiter->lock);
    refill(limiter, index, now);
    bucket->tokens = fmin(bucket->tokens, 0);
    if (now - bucket->cut_at >= SECONDS_BETWEEN_CUTS) {
        bucket->rate = fmax(bucket->rate / 2, documented[index].refill * LOWEST_SHARE);
        bucket->cut_at = now;
    }
    pthread_mutex_unlock(&limiter->lock);
}

void limiter_passed(struct limiter *limiter, const char *action)
{
    size_t index = bucket_of(action);
    struct bucket *bucket = &limiter->buckets[index];
    pthread_mutex_lock(&limiter->lock);
    bucket->rate = fmin(bucket->rate + documented[index].refill * GROWTH, documented[index].refill);
    pthread_mutex_unlock(&limiter->lock);
}

double limiter_rate(struct limiter *limiter, const char *action)
{
    pthread_mutex_lock(&limiter->lock);
    double rate = limiter->buckets[bucket_of(action)].rate;
    pthread_mutex_unlock(&limiter->lock);
    return rate;
}
