#include "unit.h"

#include "orchestrator/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOOPBACK "127.0.0.1"

/* A port whose queue is full: the kernel drops what comes, as a machine does that is still booting. */
struct silent_port {
    int listener;
    int queued[2];
    uint16_t port;
};

static int open_listener(int queue, uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, queue), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return listener;
}

static void open_silent_port(struct silent_port *silent)
{
    silent->listener = open_listener(0, &silent->port);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(silent->port)};
    for (size_t i = 0; i < ARRAY_LENGTH(silent->queued); i++) {
        silent->queued[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(silent->queued[i] >= 0);
        /* the last ones stay "in progress": that is the point */
        int connected = connect(silent->queued[i], (struct sockaddr *)&address, sizeof address);
        assert_true(connected == 0 || errno == EINPROGRESS);
    }
}

static void close_silent_port(struct silent_port *silent)
{
    for (size_t i = 0; i < ARRAY_LENGTH(silent->queued); i++)
        close(silent->queued[i]);
    close(silent->listener);
}

static double seconds_since(double start)
{
    struct clock clock = clock_system();
    return clock_monotonic(&clock) - start;
}

static int knock_on(uint16_t port, double seconds, const struct cancel *cancel, struct err *err)
{
    struct clock clock = clock_system();
    return tcp_connect(LOOPBACK, port, &clock, clock_monotonic(&clock) + seconds, cancel, CANCEL_DRAIN, err);
}

static void a_port_that_listens_is_connected_to(void **state UNUSED)
{
    uint16_t port = 0;
    int listener = open_listener(8, &port);
    struct err err = {0};
    int fd = knock_on(port, 5, NULL, &err);
    assert_true(fd >= 0);
    int accepted = accept(listener, NULL, NULL);
    assert_int_equal(write(accepted, "SSH", 3), 3);
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&readable, 1, 5000), 1);
    char text[4] = "";
    assert_int_equal(read(fd, text, 3), 3);
    assert_string_equal(text, "SSH");
    close(accepted);
    close(fd);
    close(listener);
}

static void a_port_that_refuses_is_told_at_once(void **state UNUSED)
{
    uint16_t port = 0;
    close(open_listener(1, &port));
    struct err err = {0};
    double start = seconds_since(0);
    assert_fails(knock_on(port, 10, NULL, &err), err, ERR_NETWORK);
    assert_non_null(strstr(err.message, "refused"));
    assert_true(seconds_since(start) < 2);
}

static void a_silent_port_is_given_up_at_the_deadline(void **state UNUSED)
{
    struct silent_port silent;
    struct err err = {0};
    open_silent_port(&silent);
    double start = seconds_since(0);
    assert_fails(knock_on(silent.port, 0.6, NULL, &err), err, ERR_NETWORK);
    assert_non_null(strstr(err.message, "no answer"));
    assert_true(seconds_since(start) >= 0.6);
    close_silent_port(&silent);
}

static void *make_room_later(void *argument)
{
    struct silent_port *silent = argument;
    usleep(1050 * 1000);
    for (int i = 0; i < 2; i++)
        close(accept(silent->listener, NULL, NULL));
    return NULL;
}

/* The kernel alone would repeat itself after 1 s, when it is too early, and then after 2 s at the earliest.
 */
static void a_port_that_was_silent_is_found_soon_after_it_answers(void **state UNUSED)
{
    struct silent_port silent;
    struct err err = {0};
    pthread_t thread;
    open_silent_port(&silent);
    double start = seconds_since(0);
    assert_int_equal(pthread_create(&thread, NULL, make_room_later, &silent), 0);
    int fd = knock_on(silent.port, 10, NULL, &err);
    double seconds = seconds_since(start);
    pthread_join(thread, NULL);
    assert_true(fd >= 0);
    assert_true(seconds < 1.8);
    close(fd);
    close_silent_port(&silent);
}

static void *cancel_later(void *argument)
{
    usleep(200 * 1000);
    cancel_request(argument, CANCEL_DRAIN, 2);
    return NULL;
}

static void a_cancellation_ends_the_wait(void **state UNUSED)
{
    struct silent_port silent;
    struct cancel cancel;
    struct err err = {0};
    pthread_t thread;
    open_silent_port(&silent);
    assert_succeeds(cancel_init(&cancel, &err), err);
    double start = seconds_since(0);
    assert_int_equal(pthread_create(&thread, NULL, cancel_later, &cancel), 0);
    assert_fails(knock_on(silent.port, 10, &cancel, &err), err, ERR_CANCELLED);
    assert_true(seconds_since(start) < 2);
    pthread_join(thread, NULL);
    cancel_destroy(&cancel);
    close_silent_port(&silent);
}

static void what_is_no_address_is_refused(void **state UNUSED)
{
    struct clock clock = clock_system();
    struct err err = {0};
    static const char *const texts[] = {"", "localhost", "127.0.0.1:22", "127.0.0", "::g"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        assert_fails(tcp_connect(texts[i], 22, &clock, INFINITY, NULL, CANCEL_DRAIN, &err), err, ERR_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_that_listens_is_connected_to),
        cmocka_unit_test(a_port_that_refuses_is_told_at_once),
        cmocka_unit_test(a_silent_port_is_given_up_at_the_deadline),
        cmocka_unit_test(a_port_that_was_silent_is_found_soon_after_it_answers),
        cmocka_unit_test(a_cancellation_ends_the_wait),
        cmocka_unit_test(what_is_no_address_is_refused),
    };
    return cmocka_run_group_tests_name("tcp", tests, NULL, NULL);
}
