/*
 * Goes between a program and its C library (LD_PRELOAD) and makes the local machine fail at a chosen moment.
 * It knows nothing of the program but that it writes lines to files and syncs them. What is to go wrong is in
 * the environment:
 *
 *   FAULT_KILL=MOMENT:COUNT:PATTERN   SIGKILL at the COUNTth synced line that PATTERN (fnmatch) describes.
 * MOMENT is `before` its sync, and the line is lost, as a power cut would have it; `torn`, half of it is
 * there; or `after` its sync FAULT_DISK=CALL:ERROR:FROM:TIMES:PATH   calls (`write` or `sync`) on files that
 * PATH (fnmatch) describes end with ENOSPC or EIO, from the FROMth on, TIMES times (0: always). The first
 * write that fails puts half of its bytes there, as a disk does that fills up FAULT_CLOCK=SECONDS:AFTER the
 * time of day is off by SECONDS once AFTER seconds have passed FAULT_TRICKLE=1                   every call
 * that may takes fewer bytes than it was given, or is interrupted FAULT_REPORT=FILE                 gets a
 * line each time that one of these was met
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 4096
#define MOST_FILE_BYTES 16 /* that one call takes while bytes trickle */
#define MOST_SOCKET_BYTES 4096

enum moment { NEVER, BEFORE, TORN, AFTER };

/* What the environment asks for. Written once, before anything else of this file runs. */
struct orders {
    enum moment kill_moment;
    int kill_count;
    const char *kill_pattern;
    bool disk_sync; /* calls that sync fail, not those that write */
    int disk_error; /* 0: none */
    long disk_from;
    long disk_times;
    const char *disk_path;
    double clock_offset;
    double clock_after;
    double started;   /* monotonic */
    unsigned trickle; /* the seed of chance; 0: no */
    const char *report;
    char kill_text[LINE_SIZE], disk_text[LINE_SIZE], clock_text[256]; /* what the words above point into */
};

/* What has happened, shared by all threads. */
struct counters {
    atomic_int lines_met;
    atomic_long disk_calls;
    atomic_bool clock_told;
    atomic_bool trickle_told;
};

/* The last line that this thread wrote to a file: it is this thread that syncs it. */
struct last_write {
    int file;
    bool synced;
    off_t start;
    size_t length;
    char text[LINE_SIZE];
};

static struct counters *counters(void)
{
    static struct counters all;
    return &all;
}

static struct last_write *last_write(void)
{
    static _Thread_local struct last_write last;
    return &last;
}

/* The function that ours stands before. */
static void *next_function(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        syscall(SYS_exit_group, 99); /* the tests see that at once */
    return found;
}

#define NEXT(name) ((__typeof__(&(name)))next_function(#name))

static double monotonic(void)
{
    struct timespec now = {0};
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* --- the orders
 * --------------------------------------------------------------------------------------------- */

/* Cuts the part up to the next colon off a text. */
static char *next_part(char **rest)
{
    char *part = *rest;
    char *colon = part ? strchr(part, ':') : NULL;
    if (colon)
        *colon = '\0';
    *rest = colon ? colon + 1 : NULL;
    return part ? part : "";
}

/* A variable's text, in the room given; NULL where there is none. */
static char *copy_of(const char *variable, char *room, size_t size)
{
    const char *text = getenv(variable);
    if (!text)
        return NULL;
    snprintf(room, size, "%s", text);
    return room;
}

static void read_kill(struct orders *orders)
{
    static const char *const moments[] = {[BEFORE] = "before", [TORN] = "torn", [AFTER] = "after"};
    char *rest = copy_of("FAULT_KILL", orders->kill_text, sizeof orders->kill_text);
    if (!rest)
        return;
    const char *moment = next_part(&rest);
    for (int i = BEFORE; i <= AFTER; i++)
        if (strcmp(moment, moments[i]) == 0)
            orders->kill_moment = (enum moment)i;
    orders->kill_count = (int)strtol(next_part(&rest), NULL, 10);
    orders->kill_pattern = rest ? rest : "";
}

static void read_disk(struct orders *orders)
{
    char *rest = copy_of("FAULT_DISK", orders->disk_text, sizeof orders->disk_text);
    if (!rest)
        return;
    orders->disk_sync = strcmp(next_part(&rest), "sync") == 0;
    orders->disk_error = strcmp(next_part(&rest), "EIO") == 0 ? EIO : ENOSPC;
    orders->disk_from = strtol(next_part(&rest), NULL, 10);
    orders->disk_times = strtol(next_part(&rest), NULL, 10);
    orders->disk_path = rest ? rest : "";
}

static void read_clock(struct orders *orders)
{
    char *rest = copy_of("FAULT_CLOCK", orders->clock_text, sizeof orders->clock_text);
    if (!rest)
        return;
    orders->clock_offset = strtod(next_part(&rest), NULL);
    orders->clock_after = strtod(next_part(&rest), NULL);
    orders->started = monotonic();
}

static struct orders *the_orders(void)
{
    static struct orders orders;
    return &orders;
}

static void read_orders(void)
{
    struct orders *orders = the_orders();
    read_kill(orders);
    read_disk(orders);
    read_clock(orders);
    const char *trickle = getenv("FAULT_TRICKLE");
    orders->trickle = trickle ? (unsigned)strtoul(trickle, NULL, 10) : 0;
    orders->report = getenv("FAULT_REPORT");
}

static const struct orders *orders(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_orders);
    return the_orders();
}

/* By system calls, so that nothing of it meets a fault. */
static void report(const char *what)
{
    if (!orders()->report)
        return;
    char line[LINE_SIZE];
    int length = snprintf(line, sizeof line, "%s\n", what);
    if (length >= (int)sizeof line)
        length = (int)sizeof line - 1;
    long file =
        syscall(SYS_openat, AT_FDCWD, orders()->report, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return;
    syscall(SYS_write, file, line, (size_t)length);
    syscall(SYS_close, file);
}

/* --- files
 * -------------------------------------------------------------------------------------------------- */

static bool path_of(int file, char out[PATH_MAX])
{
    char entry[64];
    snprintf(entry, sizeof entry, "/proc/self/fd/%d", file);
    ssize_t length = readlink(entry, out, PATH_MAX - 1);
    out[length > 0 ? length : 0] = '\0';
    return out[0] == '/';
}

/* Whether this call on the file is to fail; *first: it is the first that does. */
static bool disk_fails(int file, bool sync, bool *first)
{
    const struct orders *wanted = orders();
    char path[PATH_MAX];
    if (!wanted->disk_error || wanted->disk_sync != sync || !path_of(file, path) ||
        fnmatch(wanted->disk_path, path, 0) != 0)
        return false;
    long call = atomic_fetch_add(&counters()->disk_calls, 1) + 1;
    if (call < wanted->disk_from || (wanted->disk_times && call >= wanted->disk_from + wanted->disk_times))
        return false;
    *first = call == wanted->disk_from;
    report(sync ? "a sync failed" : "a write failed");
    return true;
}

static void remember_line(int file, const void *data, size_t length)
{
    struct stat status;
    struct last_write *last = last_write();
    if (!orders()->kill_moment || fstat(file, &status) < 0 || !S_ISREG(status.st_mode))
        return;
    last->file = file;
    last->synced = false;
    last->start = status.st_size;
    last->length = length;
    size_t kept = length < LINE_SIZE ? length : LINE_SIZE - 1;
    memcpy(last->text, data, kept);
    last->text[kept] = '\0';
}

/* Whether the sync of this file is the moment to die at. */
static bool is_the_moment(int file)
{
    struct last_write *last = last_write();
    if (!orders()->kill_moment || last->length == 0 || last->synced || last->file != file)
        return false;
    last->synced = true;
    if (fnmatch(orders()->kill_pattern, last->text, 0) != 0)
        return false;
    return atomic_fetch_add(&counters()->lines_met, 1) + 1 == orders()->kill_count;
}

static void die(void)
{
    report("killed");
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static int sync_or_die(int file, int (*sync)(int))
{
    bool first = false;
    if (disk_fails(file, true, &first)) {
        errno = orders()->disk_error;
        return -1;
    }
    if (!is_the_moment(file))
        return sync(file);
    const struct last_write *last = last_write();
    if (orders()->kill_moment == AFTER)
        sync(file);
    else if (ftruncate(file, last->start + (orders()->kill_moment == TORN ? (off_t)last->length / 2 : 0)) < 0)
        report("the line could not be taken back");
    die();
    return -1;
}

/* The C library's functions, with our parameters' names.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

int fsync(int file)
{
    return sync_or_die(file, NEXT(fsync));
}

int fdatasync(int file)
{
    return sync_or_die(file, NEXT(fdatasync));
}

/* --- calls that take less, or nothing yet
 * ------------------------------------------------------------------- */

/* Whether this call is to be interrupted; *length is cut. A socket that does not block is never interrupted:
 * only its calls take less. */
static bool trickles(size_t *length, size_t most, bool may_be_interrupted)
{
    static _Thread_local unsigned chance;
    if (!orders()->trickle)
        return false;
    if (!atomic_exchange(&counters()->trickle_told, true))
        report("a call was cut short");
    chance = (chance + orders()->trickle) * 1103515245u + 12345u;
    size_t allowed = 1 + (chance >> 16) % most;
    if (*length > allowed)
        *length = allowed;
    if (!may_be_interrupted || (chance >> 8) % 3 != 0)
        return false;
    errno = EINTR;
    return true;
}

ssize_t write(int file, const void *data, size_t length)
{
    bool first = false;
    if (disk_fails(file, false, &first)) {
        if (first && length > 1)
            return NEXT(write)(file, data, length / 2);
        errno = orders()->disk_error;
        return -1;
    }
    if (trickles(&length, MOST_FILE_BYTES, true))
        return -1;
    remember_line(file, data, length);
    return NEXT(write)(file, data, length);
}

ssize_t read(int file, void *data, size_t size)
{
    return trickles(&size, MOST_SOCKET_BYTES, true) ? -1 : NEXT(read)(file, data, size);
}

ssize_t send(int file, const void *data, size_t length, int flags)
{
    return trickles(&length, MOST_SOCKET_BYTES, false) ? -1 : NEXT(send)(file, data, length, flags);
}

ssize_t recv(int file, void *data, size_t size, int flags)
{
    return trickles(&size, MOST_SOCKET_BYTES, false) ? -1 : NEXT(recv)(file, data, size, flags);
}

int poll(struct pollfd *files, nfds_t count, int timeout)
{
    size_t unused = 1;
    return trickles(&unused, 1, true) ? -1 : NEXT(poll)(files, count, timeout);
}

/* The same, as _FORTIFY_SOURCE calls them.
 * NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
ssize_t __read_chk(int file, void *data, size_t size, size_t room);
ssize_t __read_chk(int file, void *data, size_t size, size_t room)
{
    (void)room;
    return read(file, data, size);
}

ssize_t __recv_chk(int file, void *data, size_t size, size_t room, int flags);
ssize_t __recv_chk(int file, void *data, size_t size, size_t room, int flags)
{
    (void)room;
    return recv(file, data, size, flags);
}

int __poll_chk(struct pollfd *files, nfds_t count, int timeout, size_t room);
int __poll_chk(struct pollfd *files, nfds_t count, int timeout, size_t room)
{
    (void)room;
    return poll(files, count, timeout);
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* --- the time of day
 * ---------------------------------------------------------------------------------------- */

static long clock_offset(void)
{
    const struct orders *wanted = orders();
    if (wanted->clock_offset == 0 || monotonic() - wanted->started < wanted->clock_after)
        return 0;
    if (!atomic_exchange(&counters()->clock_told, true))
        report("the clock was off");
    return (long)wanted->clock_offset;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    long result = syscall(SYS_clock_gettime, id, now);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        now->tv_sec += clock_offset();
    return (int)result;
}

time_t time(time_t *out)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now = {0};
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
