#include "aws/credential_cache.h"

#include "aws/account.h"
#include "base/digest.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How long before their end credentials are renewed: so much and up to twice that, that many machines which
 * began together don't ask together. */
#define AHEAD_SECONDS 300.0
#define LONGEST_PAUSE 30.0             /* between attempts in vain */
#define LOOK_UP_NANOSECONDS 250000000L /* a cancellation does not signal the condition */

struct credential_cache {
    struct aws *aws;
    char *profile; /* NULL: as the environment says */

    pthread_mutex_t lock; /* guards everything down to the next remark */
    pthread_cond_t changed;
    struct credentials current;
    unsigned number;     /* of the current ones; 0: there are none yet */
    double renew_at;     /* by AWS's calendar; INFINITY: never by themselves */
    double usable_until; /* likewise */
    double reserve;      /* seconds that shall be left of them at any time */
    double random;       /* for this one's renewal, 0 to 1 */
    double retry_at;     /* monotonic; before that nobody is asked again */
    unsigned failures;   /* in a row */
    struct err failure;  /* the last of them */
    bool renewing;

    /* Of the thread that has set `renewing`. */
    struct aws_client client;
};

struct credential_cache *credential_cache_new(struct aws *aws, const char *profile, struct err *err)
{
    struct credential_cache *cache = calloc(1, sizeof *cache);
    if (!cache) {
        err_memory(err);
        return NULL;
    }
    pthread_mutex_init(&cache->lock, NULL);
    pthread_cond_init(&cache->changed, NULL);
    cache->aws = aws;
    cache->retry_at = -INFINITY;
    cache->profile = profile ? strdup(profile) : NULL;
    if (profile && !cache->profile) {
        credential_cache_free(cache);
        err_memory(err);
        return NULL;
    }
    return cache;
}

void credential_cache_free(struct credential_cache *cache)
{
    if (!cache)
        return;
    aws_client_destroy(&cache->client);
    credentials_free(&cache->current);
    pthread_cond_destroy(&cache->changed);
    pthread_mutex_destroy(&cache->lock);
    free(cache->profile);
    free(cache);
}

static double calendar(const struct credential_cache *cache)
{
    return (double)account_time(cache->aws);
}

static double monotonic(const struct credential_cache *cache)
{
    return clock_monotonic(&cache->aws->clock);
}

/* --- renewing
 * --------------------------------------------------------------------------------------------------- */

/* The files are read anew each time: their owner may have put other keys there. */
static int find_anew(struct credential_cache *cache, const struct aws_policy *policy,
                     struct credentials *credentials, struct err *err)
{
    CLEANUP(profile_free) struct profile profile = {0};
    if (!cache->client.http && aws_client_init(&cache->client, cache->aws, err) < 0)
        return -1;
    cache->client.policy = (struct aws_policy){.deadline = policy->deadline, .stop_at = policy->stop_at};
    if (profile_load(&profile, cache->profile, err) < 0)
        return -1;
    const struct credential_search search = {
        .client = &cache->client, .profile = &profile, .profile_given = cache->profile != NULL};
    return credentials_find(&search, credentials, err);
}

/* When what there is is to be renewed. Called with the lock held. */
static void schedule(struct credential_cache *cache)
{
    const struct credentials *current = &cache->current;
    double now = calendar(cache);
    double left = (double)current->expires - now;
    double ahead = cache->reserve + AHEAD_SECONDS * (1 + cache->random);
    cache->renew_at = INFINITY;
    cache->usable_until = INFINITY;
    if (!current->renewable || current->expires == 0)
        return;
    if (left <= 0) { /* just given out: it is this machine's clock that is wrong, as AWS will tell */
        cache->renew_at = now + AHEAD_SECONDS / 5;
        return;
    }
    cache->usable_until = (double)current->expires;
    cache->renew_at = now + (left > 2 * ahead ? left - ahead : fmax(left / 2, 1));
}

/* What came of asking. Called with the lock held; takes what was found. */
static int take_found(struct credential_cache *cache, struct credentials *found, struct err *err)
{
    if (cache->number > 0 && found->source != cache->current.source)
        return err_set(err, ERR_AUTH,
                       "they now come from another place (%s) than at the beginning (%s), and may be of "
                       "another account",
                       found->source, cache->current.source);
    bool same = cache->number > 0 && credentials_are_same(&cache->current, found);
    cache->number += !same;
    cache->random = random_fraction();
    credentials_free(&cache->current);
    cache->current = *found;
    *found = (struct credentials){0};
    schedule(cache);
    if (same && !cache->current.renewable)
        return err_set(err, ERR_AUTH, "the credentials (%s) are still the same", cache->current.source);
    return 0;
}

static void note_failure(struct credential_cache *cache, const struct err *failure)
{
    cache->failure = *failure;
    double pause = fmin(ldexp(1, cache->failures < 10 ? (int)cache->failures : 10), LONGEST_PAUSE);
    cache->retry_at = monotonic(cache) + pause;
    cache->failures++;
}

/* Called with the lock held, which is free meanwhile. */
static int renew_locked(struct credential_cache *cache, const struct aws_policy *policy, struct err *err)
{
    CLEANUP(credentials_free) struct credentials found = {0};
    struct err failure = {0};
    cache->renewing = true;
    pthread_mutex_unlock(&cache->lock);
    int result = find_anew(cache, policy, &found, &failure);
    pthread_mutex_lock(&cache->lock);
    cache->renewing = false;
    pthread_cond_broadcast(&cache->changed);
    if (result == 0)
        result = take_found(cache, &found, &failure);
    if (result == 0) {
        cache->failures = 0;
        cache->failure = (struct err){0};
        return 0;
    }
    if (failure.kind != ERR_CANCELLED)
        note_failure(cache, &failure);
    return err_copy(err, &failure);
}

/* Waits until another thread has done. Called with the lock held. */
static int wait_for_renewal(struct credential_cache *cache, const struct aws_policy *policy, struct err *err)
{
    struct timespec until;
    enum cancel_level from = policy->stop_at ? policy->stop_at : CANCEL_DRAIN;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_UP_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&cache->changed, &cache->lock, &until);
    if (policy->deadline > 0 && monotonic(cache) >= policy->deadline)
        return err_set(err, ERR_NETWORK, "its deadline passed while the credentials were being renewed");
    return cache->aws->cancel ? cancel_check(cache->aws->cancel, from, err) : 0;
}

static void say_renewed(struct credential_cache *cache)
{
    char end[TIMESTAMP_SIZE] = "no known time";
    if (cache->current.expires)
        format_timestamp((double)cache->current.expires, end);
    log_line(cache->aws->log, LOG_DEBUG, "credentials from: %s, good until %s", cache->current.source, end);
}

static void say_not_renewed(struct credential_cache *cache, const struct err *failure)
{
    char end[TIMESTAMP_SIZE];
    format_timestamp((double)cache->current.expires, end);
    log_line(cache->aws->log, LOG_WARNING, "the credentials, good until %s, could not be renewed yet: %s",
             end, failure->message);
}

/* Leaves with usable credentials, or -1. Called with the lock held. */
static int make_usable(struct credential_cache *cache, const struct aws_policy *policy, struct err *err)
{
    for (;;) {
        double now = calendar(cache);
        bool usable = cache->number > 0 && now < cache->usable_until;
        bool due = cache->number == 0 || now >= cache->renew_at;
        bool too_early = monotonic(cache) < cache->retry_at;
        if (usable && (!due || cache->renewing || too_early))
            return 0;
        if (cache->renewing) {
            if (wait_for_renewal(cache, policy, err) < 0)
                return -1;
            continue;
        }
        if (too_early) {
            err_copy(err, &cache->failure);
            return err_prepend(err, "the credentials have expired and could not be renewed");
        }
        struct err failure = {0};
        if (renew_locked(cache, policy, &failure) == 0) {
            say_renewed(cache);
            return 0;
        }
        if (failure.kind == ERR_CANCELLED || cache->number == 0)
            return err_copy(err, &failure);
        say_not_renewed(cache, &failure);
    }
}

int credential_cache_get(struct credential_cache *cache, const struct aws_policy *policy,
                         struct leased_credentials *leased, struct err *err)
{
    *leased = (struct leased_credentials){0};
    pthread_mutex_lock(&cache->lock);
    int result = make_usable(cache, policy, err);
    if (result == 0)
        result = credentials_copy(&leased->credentials, &cache->current, err);
    leased->number = cache->number;
    pthread_mutex_unlock(&cache->lock);
    return result;
}

int credential_cache_renew(struct credential_cache *cache, const struct aws_policy *policy, unsigned rejected,
                           struct err *err)
{
    int result = 0;
    pthread_mutex_lock(&cache->lock);
    while (result == 0 && cache->number == rejected && cache->renewing)
        result = wait_for_renewal(cache, policy, err);
    if (result == 0 && cache->number == rejected) {
        if (monotonic(cache) < cache->retry_at)
            result = err_copy(err, &cache->failure);
        else
            result = renew_locked(cache, policy, err);
        if (result == 0 && cache->number == rejected) { /* a metadata service that has no newer ones yet */
            result = err_set(err, ERR_AUTH, "the credentials (%s) are still the same", cache->current.source);
            note_failure(cache, &(struct err){.kind = ERR_AUTH, .message = "they are still the same"});
        } else if (result == 0) {
            say_renewed(cache);
        }
    }
    pthread_mutex_unlock(&cache->lock);
    return result;
}

/* --- asking about them
 * -------------------------------------------------------------------------------------- */

void credential_cache_reserve(struct credential_cache *cache, double seconds)
{
    pthread_mutex_lock(&cache->lock);
    cache->reserve = seconds;
    schedule(cache);
    pthread_mutex_unlock(&cache->lock);
}

void credential_cache_end(struct credential_cache *cache, struct aws_credentials_end *end)
{
    pthread_mutex_lock(&cache->lock);
    const struct credentials *current = &cache->current;
    *end = (struct aws_credentials_end){.source = current->source,
                                        .temporary = current->session_token != NULL,
                                        .renewable = current->renewable};
    if (!current->renewable)
        end->at = current->expires;
    else if (current->last_end)
        end->at = current->last_end > current->expires ? current->last_end : current->expires;
    pthread_mutex_unlock(&cache->lock);
}
