#include "base/cancel.h"

#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <unistd.h>

int cancel_init(struct cancel *cancel, struct err *err)
{
    atomic_init(&cancel->level, CANCEL_NONE);
    atomic_init(&cancel->signal_number, 0);
    if (pipe2(cancel->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        return err_errno(err, "could not make the wake-up pipe");
    return 0;
}

void cancel_destroy(struct cancel *cancel)
{
    close(cancel->pipe[0]);
    close(cancel->pipe[1]);
}

void cancel_request(struct cancel *cancel, enum cancel_level level, int signal_number)
{
    int none = 0;
    atomic_compare_exchange_strong(&cancel->signal_number, &none, signal_number);
    int current = atomic_load(&cancel->level);
    while (current < (int)level && !atomic_compare_exchange_weak(&cancel->level, &current, (int)level))
        ;
    ssize_t written = write(cancel->pipe[1], "", 1); /* a full pipe is readable already */
    (void)written;
}

enum cancel_level cancel_level(const struct cancel *cancel)
{
    return (enum cancel_level)atomic_load(&cancel->level);
}

bool cancel_requested(const struct cancel *cancel)
{
    return cancel_level(cancel) != CANCEL_NONE;
}

int cancel_fd(const struct cancel *cancel)
{
    return cancel->pipe[0];
}

short cancel_wait(int fd, short events, double seconds, const struct cancel *cancel)
{
    double slice = fmin(fmax(seconds, 0), 1.0);
    /* After the first request the pipe stays readable: only short naps notice the second one then. */
    bool watch_pipe = cancel && !cancel_requested(cancel);
    if (cancel && !watch_pipe)
        slice = fmin(slice, 0.05);
    struct pollfd wake[] = {{.fd = fd, .events = events},
                            {.fd = watch_pipe ? cancel_fd(cancel) : -1, .events = POLLIN}};
    return poll(wake, 2, (int)ceil(slice * 1000)) > 0 ? wake[0].revents : 0;
}

int cancel_check(const struct cancel *cancel, enum cancel_level from, struct err *err)
{
    if (cancel_level(cancel) < from)
        return 0;
    return err_set(err, ERR_CANCELLED, "interrupted");
}
