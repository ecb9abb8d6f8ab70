/*
 * A bounded queue of pointers between threads. What is pushed changes owner; what is left at queue_destroy is
 * handed to the destructor.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include "base/error.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct queue {
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t changed;
    void **items;
    size_t capacity;
    size_t first;
    size_t count;
    bool closed;
};

int queue_init(struct queue *queue, size_t capacity, struct err *err);
void queue_destroy(struct queue *queue, void (*destroy_item)(void *item));

/* Waits while the queue is full, at most so many seconds (negative: for ever). false: it is closed or still
 * full, and the item still the caller's. */
bool queue_push(struct queue *queue, void *item, double seconds);

/* Waits for an item, at most so many seconds (negative: for ever). NULL: none came, or closed and empty. */
void *queue_pop(struct queue *queue, double seconds);

/* No more pushes; those who wait in pop get what is left, then NULL. */
void queue_close(struct queue *queue);

/* True once it is closed and nothing is left. */
bool queue_drained(struct queue *queue);

#endif
