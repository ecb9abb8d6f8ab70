/*
 * The token that says "stop": an atomic level and a pipe that becomes readable with the first request, so
 * that a thread in poll() wakes at once. Any thread may read it; the signal thread (or a deadline) requests.
 */
#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

#include "base/error.h"

#include <stdatomic.h>
#include <stdbool.h>

enum cancel_level {
    CANCEL_NONE = 0,
    CANCEL_DRAIN,   /* start nothing new, tear down what runs, wait for it */
    CANCEL_ABANDON, /* stop waiting; say what may still be alive */
};

struct cancel {
    atomic_int level;
    atomic_int signal_number; /* the signal that asked first, 0 when none did */
    int pipe[2];
};

int cancel_init(struct cancel *cancel, struct err *err);
void cancel_destroy(struct cancel *cancel);

/* Raises the level (it never falls) and wakes all who poll cancel_fd. */
void cancel_request(struct cancel *cancel, enum cancel_level level, int signal_number);

enum cancel_level cancel_level(const struct cancel *cancel);
/* True from the first request on. */
bool cancel_requested(const struct cancel *cancel);
/* Readable from the first request on; never read from it. */
int cancel_fd(const struct cancel *cancel);

/* Waits until fd (-1: none) has one of the poll() events, the seconds are over, or the level may have
 * changed; may return early. Returns the events that came, 0 for none. cancel may be NULL. */
short cancel_wait(int fd, short events, double seconds, const struct cancel *cancel);

/* 0, or -1 with ERR_CANCELLED once the level has reached `from`. */
int cancel_check(const struct cancel *cancel, enum cancel_level from, struct err *err);

#endif
