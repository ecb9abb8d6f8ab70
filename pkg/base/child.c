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

#define PROGRAM_DESCRIPTOR 3
#define PROGRAM_PATH "/proc/self/fd/3"
#define MOST_IN_A_PIPE (1UL << 20) /* bytes, as far as the kernel lets a pipe of an ordinary user grow */

enum { READ_END, WRITE_END };

/* A program that runs. -1: closed. */
struct child {
    pid_t pid;
    int out[2];
    int errors[2];
    const struct child_order *order;
    bool by_file; /* else words[0] names it */
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
    if (child->by_file)
        failed |= posix_spawn_file_actions_adddup2(files, child->order->program, PROGRAM_DESCRIPTOR);
#if __GLIBC_PREREQ(2, 34)
    failed |= posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1 + child->by_file);
#endif
    return failed;
}

static int spawn(struct child *child, struct err *err)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    char *const *words = child->order->words;
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&files);
    int failed = set_attributes(&attributes) ? ENOMEM : 0;
    if (!failed && set_files(&files, child))
        failed = ENOMEM;
    if (!failed && child->by_file)
        failed =
            posix_spawn(&child->pid, PROGRAM_PATH, &files, &attributes, words, child->order->environment);
    else if (!failed)
        failed = posix_spawnp(&child->pid, words[0], &files, &attributes, words, child->order->environment);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (failed)
        return err_set(err, ERR_CONFIG, "'%.200s' could not be started: %s", words[0], strerror(failed));
    return 0;
}

/* --- what it writes ------------------------------------------------------------------------------------ */

struct streams {
    struct strbuf *out;
    int (*hear)(void *context, const char *bytes, size_t length, struct err *err);
    void *context;
};

/* Takes what has come on one of the two. 0: no more comes on it; -1: enough. */
static ssize_t take(int fd, const struct streams *streams, bool is_out, struct err *err)
{
    char bytes[4096];
    int heard = 0;
    ssize_t count = read(fd, bytes, sizeof bytes);
    if (count > 0 && is_out)
        strbuf_add(streams->out, bytes, (size_t)count);
    else if (count > 0)
        heard = streams->hear(streams->context, bytes, (size_t)count, err);
    explicit_bzero(bytes, sizeof bytes); /* it may be a secret */
    if (count < 0 && (errno == EINTR || errno == EAGAIN))
        return 1;
    if (count <= 0)
        return 0;
    if (heard < 0 || strbuf_ok(streams->out, "its output", err) < 0)
        return -1;
    return count;
}

/* Takes what comes within the time. */
static int take_output(struct child *child, double seconds, const struct streams *streams, struct err *err)
{
    struct pollfd fds[] = {{child->out[READ_END], POLLIN, 0}, {child->errors[READ_END], POLLIN, 0}};
    int *const ends[] = {&child->out[READ_END], &child->errors[READ_END]};
    if (poll(fds, ARRAY_LENGTH(fds), (int)ceil(seconds * 1000)) <= 0)
        return 0;
    for (size_t i = 0; i < ARRAY_LENGTH(fds); i++) {
        ssize_t taken = fds[i].revents ? take(fds[i].fd, streams, i == 0, err) : 1;
        if (taken < 0)
            return -1;
        if (taken == 0)
            close_one(ends[i]);
    }
    return 0;
}

/* Takes what was in the pipe when it ended, also where others hold it open and go on writing. */
static int drain(const int *fd, const struct streams *streams, bool is_out, struct err *err)
{
    for (size_t total = 0; *fd >= 0 && total < MOST_IN_A_PIPE;) {
        struct pollfd readable = {*fd, POLLIN, 0};
        ssize_t taken = poll(&readable, 1, 0) > 0 ? take(*fd, streams, is_out, err) : 0;
        if (taken <= 0)
            return (int)taken;
        total += (size_t)taken;
    }
    return 0;
}

/* --- its end ------------------------------------------------------------------------------------------- */

/* Its number stays taken, and with it its group's, until reap(). */
static bool has_ended(const struct child *child)
{
    siginfo_t end = {0};
    return waitid(P_PID, (id_t)child->pid, &end, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           end.si_pid == child->pid;
}

static void reap(struct child *child, bool with_its_group, int *status)
{
    if (with_its_group)
        kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, status, 0) < 0 && errno == EINTR)
        ;
    child->pid = -1;
}

/* Until it has ended. What it wrote before that is in the pipes, also where others still hold them open. */
static int attend(struct child *child, const struct child_limits *limits, const struct streams *streams,
                  int *status, struct err *err)
{
    const struct clock clock = clock_system();
    double deadline = clock_monotonic(&clock) + limits->seconds;
    for (;;) {
        bool ended = has_ended(child);
        if (take_output(child, ended ? 0 : LOOK_UP_SECONDS, streams, err) < 0)
            return -1;
        if (ended) {
            reap(child, child->by_file, status);
            return drain(&child->out[READ_END], streams, true, err) < 0
                       ? -1
                       : drain(&child->errors[READ_END], streams, false, err);
        }
        if (limits->cancel && cancel_check(limits->cancel, limits->from, err) < 0)
            return -1;
        if (clock_monotonic(&clock) > deadline)
            return err_set(err, ERR_NETWORK, "it did not end within %g seconds", limits->seconds);
    }
}

static int run(struct child *child, const struct child_limits *limits, const struct streams *streams,
               int *status, struct err *err)
{
    int result = -1;
    if (pipe2(child->out, O_CLOEXEC) < 0 || pipe2(child->errors, O_CLOEXEC) < 0)
        err_errno(err, "could not make a pipe");
    else
        result = spawn(child, err);
    if (result == 0) {
        close_one(&child->out[WRITE_END]);
        close_one(&child->errors[WRITE_END]);
        result = attend(child, limits, streams, status, err);
    }
    if (child->pid > 0)
        reap(child, true, status);
    close_pipes(child);
    return result;
}

static int keep(void *context, const char *bytes, size_t length, struct err *err UNUSED)
{
    strbuf_add(context, bytes, length); /* as far as it takes them */
    return 0;
}

int child_run(char *const *words, const struct child_limits *limits, struct strbuf *out,
              struct strbuf *errors, int *status, struct err *err)
{
    const struct child_order order = {.words = words, .environment = environ};
    struct child child = {.pid = -1, .out = {-1, -1}, .errors = {-1, -1}, .order = &order};
    const struct streams streams = {out, keep, errors};
    return run(&child, limits, &streams, status, err);
}

int child_run_file(const struct child_order *order, const struct child_limits *limits, struct strbuf *out,
                   int *status, struct err *err)
{
    struct child child = {.pid = -1, .out = {-1, -1}, .errors = {-1, -1}, .order = order, .by_file = true};
    const struct streams streams = {out, order->hear, order->context};
    return run(&child, limits, &streams, status, err);
}
