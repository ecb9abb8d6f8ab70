#include "orchestrator/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define UNACKNOWLEDGED_MILLISECONDS 30000

/* A machine that boots drops what is sent to it, and the kernel repeats itself only after a second, then ever
 * more rarely: a new socket every now and then finds the machine sooner. Those before it stay for a while, so
 * that a long way is no failure. */
#define KNOCK_SECONDS 0.25
#define KNOCKS 4

static int parse_address(const char *address, uint16_t port, struct sockaddr_storage *out, socklen_t *length,
                         struct err *err)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        *length = sizeof *v4;
        return 0;
    }
    if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        *length = sizeof *v6;
        return 0;
    }
    return err_set(err, ERR_DATA, "'%.64s' is not an IP address", address);
}

/* Data that nobody acknowledges, and silence with nothing to send, both end the connection. */
static void set_options(int fd)
{
    const int on = 1;
    const int unacknowledged = UNACKNOWLEDGED_MILLISECONDS;
    const int idle = 15;
    const int interval = 5;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged, sizeof unacknowledged);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
}

/* --- knocking ------------------------------------------------------------------------------- */

/* Sockets on their way to one machine. */
struct knocking {
    const struct sockaddr *to;
    socklen_t length;
    int epoll;
    int sockets[KNOCKS]; /* the oldest gives way to the newest; -1: none yet */
    size_t count;
};

static void end_knocking(struct knocking *knocking)
{
    for (size_t i = 0; i < KNOCKS; i++)
        if (knocking->sockets[i] >= 0)
            close(knocking->sockets[i]);
    if (knocking->epoll >= 0)
        close(knocking->epoll);
}

static int begin_knocking(struct knocking *knocking, struct err *err)
{
    for (size_t i = 0; i < KNOCKS; i++)
        knocking->sockets[i] = -1;
    knocking->epoll = epoll_create1(EPOLL_CLOEXEC);
    return knocking->epoll >= 0 ? 0 : err_errno(err, "could not make an epoll instance");
}

static int knock(struct knocking *knocking, const char *address, struct err *err)
{
    int *slot = &knocking->sockets[knocking->count++ % KNOCKS];
    if (*slot >= 0)
        close(*slot);
    *slot = socket(knocking->to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*slot < 0)
        return err_errno(err, "could not make a socket");
    set_options(*slot);
    if (connect(*slot, knocking->to, knocking->length) < 0 && errno != EINPROGRESS) {
        err_errno(err, "%s", address);
        err->kind = ERR_NETWORK;
        return -1;
    }
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = slot};
    if (epoll_ctl(knocking->epoll, EPOLL_CTL_ADD, *slot, &event) < 0)
        return err_errno(err, "could not watch a socket");
    return 0;
}

/* 1 with the socket that was answered, the caller's from now on; 0 when none was; -1 when one was refused. */
static int take_answered(struct knocking *knocking, const char *address, int *answered, struct err *err)
{
    struct epoll_event event;
    if (epoll_wait(knocking->epoll, &event, 1, 0) != 1)
        return 0;
    int *slot = event.data.ptr;
    int failure = 0;
    socklen_t size = sizeof failure;
    getsockopt(*slot, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure) {
        char text[128];
        return err_set(err, ERR_NETWORK, "%s: %s", address, strerror_r(failure, text, sizeof text));
    }
    *answered = *slot;
    *slot = -1;
    return 1;
}

int tcp_connect(const char *address, uint16_t port, const struct clock *clock, double deadline,
                const struct cancel *cancel, enum cancel_level from, struct err *err)
{
    struct sockaddr_storage to;
    CLEANUP(end_knocking) struct knocking knocking = {.to = (struct sockaddr *)&to, .epoll = -1};
    if (begin_knocking(&knocking, err) < 0 || parse_address(address, port, &to, &knocking.length, err) < 0)
        return -1;
    double next_knock = 0;
    for (;;) {
        if (cancel && cancel_check(cancel, from, err) < 0)
            return -1;
        double now = clock_monotonic(clock);
        if (now >= deadline)
            return err_set(err, ERR_NETWORK, "no answer from %s", address);
        if (now >= next_knock) {
            if (knock(&knocking, address, err) < 0)
                return -1;
            next_knock = now + KNOCK_SECONDS;
        }
        if (cancel_wait(knocking.epoll, POLLIN, fmin(deadline, next_knock) - now, cancel) == 0)
            continue;
        int answered = -1;
        if (take_answered(&knocking, address, &answered, err) != 0)
            return answered;
    }
}

void tcp_acknowledge_at_once(int fd)
{
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}
