/*
 * The plan's jobs on their way to the workers, in the plan's order. When EC2 refuses a launch because a limit
 * of the account is reached, no more jobs of that class of types run at a time than it let run: the refused
 * job waits until another of its class has ended, and jobs of other classes go before it.
 */
#ifndef ORCHESTRATOR_JOB_QUEUE_H
#define ORCHESTRATOR_JOB_QUEUE_H

#include "base/cancel.h"
#include "orchestrator/plan.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct job_entry;
struct job_class;

struct job_queue {
    const struct cancel *cancel;
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t changed;
    struct job_entry *entries; /* one for each of the plan's jobs */
    size_t count;
    struct job_class *classes;
    size_t class_count;
};

int job_queue_init(struct job_queue *queue, const struct plan *plan, const struct cancel *cancel,
                   struct err *err);
void job_queue_destroy(struct job_queue *queue);

/* The next job for this worker, waiting while all that are left must wait. Under a cancellation nothing
 * waits: the caller is to say of each job that it is not begun. false: none is left. */
bool job_queue_take(struct job_queue *queue, size_t *number);

/* The job is over: its machine has ended, or nobody waits for it any more. */
void job_queue_done(struct job_queue *queue, size_t number);

/* The job's launch met a limit of the account, and nothing is left of it. true: others of its class run (or
 * one has just ended), so it is to wait for them: the caller puts it back. false: there is nobody to wait
 * for. */
bool job_queue_must_wait(struct job_queue *queue, size_t number);
void job_queue_put_back(struct job_queue *queue, size_t number);

#endif
