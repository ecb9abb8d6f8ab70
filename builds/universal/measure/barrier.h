/* Threads that wait for one another by spinning; one that waits long lets others have its CPU. */
#ifndef MEASURE_BARRIER_H
#define MEASURE_BARRIER_H

#include <stdatomic.h>
#include <stddef.h>

/* Opens when `size` threads have arrived, any number of times. What is counted and what is watched lie on
 * lines of their own (pairs of lines, which some CPUs fetch together). */
struct barrier {
    size_t size;
    atomic_size_t arrived;
    char apart[128];
    atomic_size_t passed; /* how often it opened */
};

/* Not while a thread is inside. */
void barrier_init(struct barrier *barrier, size_t size);
void barrier_wait(struct barrier *barrier);

/* Opens once, when so many threads have come by; they don't wait unless they ask to. */
struct latch {
    atomic_size_t left;
};

void latch_init(struct latch *latch, size_t count);
void latch_arrive(struct latch *latch);
void latch_wait(struct latch *latch);

#endif
