#include "base/child.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#define LOOK_UP_SECONDS 0.05 /* for its end, which no descriptor tells */

enum { READ_END, WRITE_END };

/* A program that runs. -1: closed. */
struct child {
    pid_t pid;
    int out[2];
    int errors[2];
};

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pipes(struct child *child)
{
    for (int end = READ_END; end <= WRITE_END; end++) {
        close_one(&child->out[end]);
        close_one(&child->errors[end]);
    }
}

/* Signals as they are for a program that is started in a terminal: ours are blocked in all threads. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
    int failed = posix_spawnattr_setsigmask(attributes, &none);
    failed |= posix_spawnattr_setsigdefault(attributes, &all);
    failed |= posix_spawnattr_setpgroup(attributes, 0);
    failed |= posix_spawnattr_setflags(attributes, (short)flags);
    return failed;
}

static int set_files(posix_spawn_file_actions_t *files, const struct child *child)
{
    int failed = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    failed |= posix_spawn_file_actions_adddup2(files, child->out[WRITE_END], STDOUT_FILENO);
    failed |= posix_spawn_file_actions_adddup2(files, child->errors[WRITE_END], STDERR_FILENO);
#if __GLIBC_PREREQ(2, 34)
    failed |= posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
#endif
    return failed;
}

static int spawn(struct child *child, char *const *words, struct err *err)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&files);
    int failed = set_attributes(&attributes) ? ENOMEM : 0;
    if (!failed && set_files(&files, child))
        failed = ENOMEM;
    if (!failed)
        failed = posix_spawnp(&child->pid, words[0], &files, &attributes, words, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (failed)
        return err_set(err, ERR_CONFIG, "'%.200s' could not be started: %s", words[0], strerror(failed));
    return 0;
}

/* Takes what has come. Returns whether more may come. */
static bool read_some(int fd, struct strbuf *buffer)
{
    char bytes[4096];
    ssize_t count = read(fd, bytes, sizeof bytes);
    if (count > 0)
        strbuf_add(buffer, bytes, (size_t)count);
    explicit_bzero(bytes, sizeof bytes); /* it may be a secret */
    return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Waits a moment for output, and takes it. */
static void take_output(struct child *child, double seconds, struct strbuf *out, struct strbuf *errors)
{
    struct pollfd fds[] = {{child->out[READ_END], POLLIN, 0}, {child->errors[READ_END], POLLIN, 0}};
    if (poll(fds, ARRAY_LENGTH(fds), (int)ceil(seconds * 1000)) <= 0)
        return;
    if (fds[0].revents && !read_some(fds[0].fd, out))
        close_one(&child->out[READ_END]);
    if (fds[1].revents && !read_some(fds[1].fd, errors))
        close_one(&child->errors[READ_END]);
}

/* Takes what is there, as far as the buffer does. */
static void drain(int *fd, struct strbuf *buffer)
{
    while (*fd >= 0 && !buffer->failed) {
        struct pollfd readable = {*fd, POLLIN, 0};
        if (poll(&readable, 1, 0) <= 0)
            return;
        if (!read_some(*fd, buffer))
            close_one(fd);
    }
}

/* Until it has ended. What it wrote before that is in the pipes, also where others still hold them open. */
static int attend(struct child *child, const struct child_limits *limits, struct strbuf *out,
                  struct strbuf *errors, int *status, struct err *err)
{
    const struct clock clock = clock_system();
    double deadline = clock_monotonic(&clock) + limits->seconds;
    for (;;) {
        pid_t ended = waitpid(child->pid, status, WNOHANG);
        take_output(child, ended == child->pid ? 0 : LOOK_UP_SECONDS, out, errors);
        if (out->failed)
            return strbuf_ok(out, "its output", err);
        if (ended == child->pid) {
            drain(&child->out[READ_END], out);
            drain(&child->errors[READ_END], errors);
            child->pid = -1;
            return strbuf_ok(out, "its output", err);
        }
        if (limits->cancel && cancel_check(limits->cancel, limits->from, err) < 0)
            return -1;
        if (clock_monotonic(&clock) > deadline)
            return err_set(err, ERR_NETWORK, "it did not end within %g seconds", limits->seconds);
    }
}

int child_run(char *const *words, const struct child_limits *limits, struct strbuf *out,
              struct strbuf *errors, int *status, struct err *err)
{
    struct child child = {.pid = -1, .out = {-1, -1}, .errors = {-1, -1}};
    int result = -1;
    if (pipe2(child.out, O_CLOEXEC) < 0 || pipe2(child.errors, O_CLOEXEC) < 0)
        err_errno(err, "could not make a pipe");
    else
        result = spawn(&child, words, err);
    if (result == 0) {
        close_one(&child.out[WRITE_END]);
        close_one(&child.errors[WRITE_END]);
        result = attend(&child, limits, out, errors, status, err);
    }
    if (child.pid > 0) {
        kill(-child.pid, SIGKILL);
        waitpid(child.pid, status, 0);
    }
    close_pipes(&child);
    return result;
}
