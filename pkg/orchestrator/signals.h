/* The one thread that hears signals. The first SIGINT, SIGTERM or SIGHUP asks the run to drain, the second to
 * stop waiting. */
#ifndef ORCHESTRATOR_SIGNALS_H
#define ORCHESTRATOR_SIGNALS_H

#include "base/cancel.h"
#include "base/error.h"

#include <pthread.h>
#include <signal.h>

struct signals {
    pthread_t thread;
    sigset_t previous;
    struct cancel *cancel;
};

/* Blocks the signals in this thread and all that it starts from now on: call it before any other thread
 * exists. */
int signals_start(struct signals *signals, struct cancel *cancel, struct err *err);

/* Ends the thread and puts the mask back. */
void signals_stop(struct signals *signals);

#endif
