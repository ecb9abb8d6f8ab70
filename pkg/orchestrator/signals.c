#include "orchestrator/signals.h"

#define STOP_SIGNAL SIGUSR2

static sigset_t watched_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, STOP_SIGNAL);
    return set;
}

static void *listen_for_signals(void *argument)
{
    struct signals *signals = argument;
    sigset_t set = watched_signals();
    for (;;) {
        int number = 0;
        if (sigwait(&set, &number) != 0)
            continue;
        if (number == STOP_SIGNAL)
            return NULL;
        bool first = cancel_level(signals->cancel) == CANCEL_NONE;
        cancel_request(signals->cancel, first ? CANCEL_DRAIN : CANCEL_ABANDON, number);
    }
}

int signals_start(struct signals *signals, struct cancel *cancel, struct err *err)
{
    signals->cancel = cancel;
    sigset_t set = watched_signals();
    if (pthread_sigmask(SIG_BLOCK, &set, &signals->previous) != 0)
        return err_set(err, ERR_INTERNAL, "could not block signals");
    if (pthread_create(&signals->thread, NULL, listen_for_signals, signals) != 0) {
        pthread_sigmask(SIG_SETMASK, &signals->previous, NULL);
        return err_set(err, ERR_INTERNAL, "could not start the signal thread");
    }
    return 0;
}

void signals_stop(struct signals *signals)
{
    pthread_kill(signals->thread, STOP_SIGNAL);
    pthread_join(signals->thread, NULL);
    pthread_sigmask(SIG_SETMASK, &signals->previous, NULL);
}
