#include "aws/limiter.h"

#include "base/text.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct amount {
    double capacity;
    double refill; /* tokens a second */
};

/* The action is a pattern; the first that fits counts. */
static const struct documented_bucket {
    const char *action;
    struct amount requests;
    struct amount resources; /* capacity 0: not limited */
} documented[] = {
    {"RunInstances", {5, 2}, {1000, 2}},
    {"TerminateInstances", {100, 5}, {1000, 20}},
    {LIMITER_INSTANCES_BY_ID, {50, 10}, {0, 0}},
    {"DescribeInstances", {100, 20}, {0, 0}}, /* with filters or pages */
    {"Describe*", {100, 20}, {0, 0}},
    {"CreateTags", {100, 10}, {0, 0}},
    {"GetParameter", {40, 40}, {0, 0}},
    {"GetCallerIdentity", {100, 100}, {0, 0}},
    {"AssumeRole*", {100, 100}, {0, 0}},
    {"*Object*", {1000, 1000}, {0, 0}}, /* S3 allows 3500 writes and 5500 reads a second per prefix */
    {"HeadBucket", {100, 100}, {0, 0}},
    {"*",
     {50, 5},
     {0, 0}}, /* CreateKeyPair, AuthorizeSecurityGroupIngress and other calls that change something */
};

#define BUCKETS ARRAY_LENGTH(documented)
#define LOWEST_RATE 0.5 /* calls a second, however often AWS throttles: as in AWS's adaptive retry mode */
#define GROWTH 0.02     /* of the documented rate, for each call that passes */
#define SECONDS_BETWEEN_CUTS 1.0 /* several calls in flight find out about one shortage at once */

/* Both count from the beginning: turn n comes when accrued has reached n. */
struct meter {
    double accrued; /* tokens that came in */
    double issued;  /* turns that were given out */
};

struct bucket {
    struct meter requests;
    struct meter resources;
    double rate;      /* of requests; that of resources stays as documented */
    double filled_at; /* monotonic; when the meters were brought up to date */
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
        limiter->buckets[i] = (struct bucket){.requests.accrued = documented[i].requests.capacity,
                                              .resources.accrued = documented[i].resources.capacity,
                                              .rate = documented[i].requests.refill,
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

static void fill(struct meter *meter, double tokens, double capacity)
{
    meter->accrued = fmin(meter->accrued + tokens, meter->issued + capacity);
}

/* The bucket at this moment. Called with the lock held. */
static struct bucket *bring_up_to_date(struct limiter *limiter, size_t index, double now)
{
    struct bucket *bucket = &limiter->buckets[index];
    const struct documented_bucket *limits = &documented[index];
    double seconds = now - bucket->filled_at;
    if (isfinite(seconds) && seconds > 0) {
        fill(&bucket->requests, seconds * bucket->rate, limits->requests.capacity);
        fill(&bucket->resources, seconds * limits->resources.refill, limits->resources.capacity);
    }
    bucket->filled_at = fmax(now, bucket->filled_at);
    return bucket;
}

struct limiter_turn limiter_take(struct limiter *limiter, const char *action, size_t resources, double now)
{
    struct limiter_turn turn = {.bucket = bucket_of(action)};
    pthread_mutex_lock(&limiter->lock);
    struct bucket *bucket = bring_up_to_date(limiter, turn.bucket, now);
    bucket->requests.issued += 1;
    bucket->resources.issued += (double)resources;
    turn.request = bucket->requests.issued;
    turn.resource = bucket->resources.issued;
    pthread_mutex_unlock(&limiter->lock);
    return turn;
}

double limiter_wait(struct limiter *limiter, const struct limiter_turn *turn, double now)
{
    const struct amount *resources = &documented[turn->bucket].resources;
    pthread_mutex_lock(&limiter->lock);
    const struct bucket *bucket = bring_up_to_date(limiter, turn->bucket, now);
    double wait = (turn->request - bucket->requests.accrued) / bucket->rate;
    if (resources->refill > 0)
        wait = fmax(wait, (turn->resource - bucket->resources.accrued) / resources->refill);
    pthread_mutex_unlock(&limiter->lock);
    return wait > 1e-9 ? wait : 0;
}

void limiter_retake(struct limiter *limiter, const struct limiter_turn *turn, double now)
{
    pthread_mutex_lock(&limiter->lock);
    bring_up_to_date(limiter, turn->bucket, now)->requests.accrued -= 1; /* all behind it move back by one */
    pthread_mutex_unlock(&limiter->lock);
}

void limiter_throttled(struct limiter *limiter, const struct limiter_turn *turn, double now)
{
    double lowest = fmin(LOWEST_RATE, documented[turn->bucket].requests.refill);
    pthread_mutex_lock(&limiter->lock);
    struct bucket *bucket = bring_up_to_date(limiter, turn->bucket, now);
    bucket->requests.accrued = fmin(bucket->requests.accrued, bucket->requests.issued); /* nothing in store */
    if (now - bucket->cut_at >= SECONDS_BETWEEN_CUTS) {
        bucket->rate = fmax(bucket->rate / 2, lowest);
        bucket->cut_at = now;
    }
    pthread_mutex_unlock(&limiter->lock);
}

void limiter_passed(struct limiter *limiter, const struct limiter_turn *turn, double now)
{
    double refill = documented[turn->bucket].requests.refill;
    pthread_mutex_lock(&limiter->lock);
    struct bucket *bucket = bring_up_to_date(limiter, turn->bucket, now);
    bucket->rate = fmin(bucket->rate + refill * GROWTH, refill);
    pthread_mutex_unlock(&limiter->lock);
}

double limiter_rate(struct limiter *limiter, const char *action)
{
    pthread_mutex_lock(&limiter->lock);
    double rate = limiter->buckets[bucket_of(action)].rate;
    pthread_mutex_unlock(&limiter->lock);
    return rate;
}
