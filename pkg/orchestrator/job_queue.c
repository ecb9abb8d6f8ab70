#include "orchestrator/job_queue.h"

#include "base/clock.h"
#include "discovery/quota.h"

#include <stdint.h>
#include <string.h>

#define LOOK_UP_NANOSECONDS 250000000L /* a cancellation does not signal the condition */

enum progress { JOB_WAITING, JOB_TAKEN, JOB_OVER };

struct job_entry {
    enum progress progress;
    size_t class;
    size_t ended_before; /* how many of its class had ended when it was taken */
};

/* Instance types that count against the same limit. */
struct job_class {
    char name[16];
    size_t running; /* taken, not over */
    size_t ended;
    size_t most; /* that may run at a time */
};

static size_t class_of(struct job_queue *queue, const char *instance_type)
{
    const char *name = quota_class(instance_type);
    size_t index = 0;
    while (index < queue->class_count && strcmp(queue->classes[index].name, name) != 0)
        index++;
    if (index == queue->class_count) {
        struct job_class *class = &queue->classes[queue->class_count++];
        class->most = SIZE_MAX;
        snprintf(class->name, sizeof class->name, "%s", name);
    }
    return index;
}

int job_queue_init(struct job_queue *queue, const struct plan *plan, const struct cancel *cancel,
                   struct err *err)
{
    *queue = (struct job_queue){.cancel = cancel, .count = plan->job_count};
    queue->entries = calloc(plan->job_count + 1, sizeof *queue->entries);
    queue->classes = calloc(plan->job_count + 1, sizeof *queue->classes);
    if (!queue->entries || !queue->classes) {
        free(queue->entries);
        free(queue->classes);
        return err_memory(err);
    }
    for (size_t i = 0; i < plan->job_count; i++)
        queue->entries[i].class = class_of(queue, plan->jobs[i].instance_type);
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->changed, NULL);
    return 0;
}

void job_queue_destroy(struct job_queue *queue)
{
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
    free(queue->entries);
    free(queue->classes);
    *queue = (struct job_queue){0};
}

/* Called with the lock held. *left: jobs wait, also those that may not run yet. */
static bool find_next(const struct job_queue *queue, size_t *number, bool *left)
{
    bool hurry = queue->cancel && cancel_requested(queue->cancel);
    *left = false;
    for (size_t i = 0; i < queue->count; i++) {
        const struct job_entry *entry = &queue->entries[i];
        const struct job_class *class = &queue->classes[entry->class];
        if (entry->progress != JOB_WAITING)
            continue;
        *left = true;
        *number = i;
        if (class->running < class->most || hurry)
            return true;
    }
    return false;
}

static void wait_for_change(struct job_queue *queue)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_UP_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
}

bool job_queue_take(struct job_queue *queue, size_t *number)
{
    bool left = true;
    bool found = false;
    pthread_mutex_lock(&queue->lock);
    while (!(found = find_next(queue, number, &left)) && left)
        wait_for_change(queue);
    if (found) {
        struct job_entry *entry = &queue->entries[*number];
        struct job_class *class = &queue->classes[entry->class];
        *entry = (struct job_entry){JOB_TAKEN, entry->class, class->ended};
        class->running++;
    }
    pthread_mutex_unlock(&queue->lock);
    return found;
}

void job_queue_done(struct job_queue *queue, size_t number)
{
    pthread_mutex_lock(&queue->lock);
    struct job_class *class = &queue->classes[queue->entries[number].class];
    queue->entries[number].progress = JOB_OVER;
    class->running--;
    class->ended++;
    if (class->most < SIZE_MAX)
        class->most++; /* a large machine makes room for several small ones: feel for it, one at a time */
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

bool job_queue_must_wait(struct job_queue *queue, size_t number)
{
    pthread_mutex_lock(&queue->lock);
    const struct job_entry *entry = &queue->entries[number];
    struct job_class *class = &queue->classes[entry->class];
    size_t others = class->running - 1;
    bool just_ended = class->ended != entry->ended_before; /* perhaps after EC2 had said no */
    class->most = others > 0 ? others : 1;
    pthread_mutex_unlock(&queue->lock);
    return others > 0 || just_ended;
}

void job_queue_put_back(struct job_queue *queue, size_t number)
{
    pthread_mutex_lock(&queue->lock);
    struct job_entry *entry = &queue->entries[number];
    entry->progress = JOB_WAITING;
    queue->classes[entry->class].running--;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}
