#include "base/queue.h"

#include <errno.h>
#include <time.h>

int queue_init(struct queue *queue, size_t capacity, struct err *err)
{
    *queue = (struct queue){.capacity = capacity};
    queue->items = calloc(capacity, sizeof *queue->items);
    if (!queue->items)
        return err_memory(err);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return 0;
}

static void *take_first(struct queue *queue)
{
    void *item = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    pthread_cond_broadcast(&queue->changed);
    return item;
}

void queue_destroy(struct queue *queue, void (*destroy_item)(void *item))
{
    while (queue->count > 0) {
        void *item = take_first(queue);
        if (destroy_item)
            destroy_item(item);
    }
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
    free(queue->items);
}

static struct timespec seconds_from_now(double seconds)
{
    struct timespec when;
    clock_gettime(CLOCK_MONOTONIC, &when);
    time_t whole = (time_t)seconds;
    when.tv_sec += whole;
    when.tv_nsec += (long)((seconds - (double)whole) * 1e9);
    if (when.tv_nsec >= 1000000000L) {
        when.tv_nsec -= 1000000000L;
        when.tv_sec++;
    }
    return when;
}

/* Waits for a change, with the lock held; false once the time is over. seconds < 0: it never is. */
static bool wait_for_change(struct queue *queue, double seconds, const struct timespec *until)
{
    if (seconds < 0)
        return pthread_cond_wait(&queue->changed, &queue->lock) == 0;
    return pthread_cond_timedwait(&queue->changed, &queue->lock, until) != ETIMEDOUT;
}

bool queue_push(struct queue *queue, void *item, double seconds)
{
    struct timespec until = seconds_from_now(seconds < 0 ? 0 : seconds);
    pthread_mutex_lock(&queue->lock);
    while (!queue->closed && queue->count == queue->capacity && wait_for_change(queue, seconds, &until))
        ;
    bool accepted = !queue->closed && queue->count < queue->capacity;
    if (accepted) {
        queue->items[(queue->first + queue->count) % queue->capacity] = item;
        queue->count++;
        pthread_cond_broadcast(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    return accepted;
}

void *queue_pop(struct queue *queue, double seconds)
{
    struct timespec until = seconds_from_now(seconds < 0 ? 0 : seconds);
    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !queue->closed && wait_for_change(queue, seconds, &until))
        ;
    void *item = queue->count > 0 ? take_first(queue) : NULL;
    pthread_mutex_unlock(&queue->lock);
    return item;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

bool queue_drained(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool drained = queue->closed && queue->count == 0;
    pthread_mutex_unlock(&queue->lock);
    return drained;
}
