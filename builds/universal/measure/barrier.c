#include "measure/barrier.h"

#include <sched.h>

/* Who waits longer than this shares its CPU with someone. */
#define SPINS_BEFORE_YIELD 4096

static void spin(unsigned *spins)
{
    if ((*spins)++ >= SPINS_BEFORE_YIELD) {
        sched_yield();
        return;
    }
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

void barrier_init(struct barrier *barrier, size_t size)
{
    barrier->size = size;
    atomic_store(&barrier->arrived, 0);
}

void barrier_wait(struct barrier *barrier)
{
    unsigned spins = 0;
    size_t passed = atomic_load(&barrier->passed);
    if (atomic_fetch_add(&barrier->arrived, 1) + 1 == barrier->size) {
        atomic_store(&barrier->arrived, 0);
        atomic_fetch_add(&barrier->passed, 1);
        return;
    }
    while (atomic_load(&barrier->passed) == passed)
        spin(&spins);
}

void latch_init(struct latch *latch, size_t count)
{
    atomic_store(&latch->left, count);
}

void latch_arrive(struct latch *latch)
{
    atomic_fetch_sub(&latch->left, 1);
}

void latch_wait(struct latch *latch)
{
    unsigned spins = 0;
    while (atomic_load(&latch->left) > 0)
        spin(&spins);
}
