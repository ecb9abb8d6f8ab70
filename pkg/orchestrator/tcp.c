#include "orchestrator/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UNACKNOWLEDGED_MILLISECONDS 30000

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

static int wait_until_connected(int fd, const char *address, const struct clock *clock, double deadline,
                                const struct cancel *cancel, enum cancel_level from, struct err *err)
{
    for (;;) {
        if (cancel && cancel_check(cancel, from, err) < 0)
            return -1;
        double left = deadline - clock_monotonic(clock);
        if (left <= 0)
            return err_set(err, ERR_NETWORK, "no answer from %s", address);
        if (cancel_wait(fd, POLLOUT, left, cancel) == 0)
            continue;
        int failure = 0;
        socklen_t size = sizeof failure;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size);
        char text[128];
        if (failure)
            return err_set(err, ERR_NETWORK, "%s: %s", address, strerror_r(failure, text, sizeof text));
        return 0;
    }
}

int tcp_connect(const char *address, uint16_t port, const struct clock *clock, double deadline,
                const struct cancel *cancel, enum cancel_level from, struct err *err)
{
    struct sockaddr_storage to;
    socklen_t length = 0;
    if (parse_address(address, port, &to, &length, err) < 0)
        return -1;
    AUTO_CLOSE int fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_errno(err, "could not make a socket");
    set_options(fd);
    if (connect(fd, (struct sockaddr *)&to, length) < 0 && errno != EINPROGRESS) {
        err_errno(err, "%s", address);
        err->kind = ERR_NETWORK;
        return -1;
    }
    if (wait_until_connected(fd, address, clock, deadline, cancel, from, err) < 0)
        return -1;
    int connected = fd;
    fd = -1; /* NOLINT(clang-analyzer-deadcode.DeadStores): AUTO_CLOSE reads it */
    return connected;
}
