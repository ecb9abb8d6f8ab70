/*
 * step_clock back|stand WORD PROGRAM [ARGUMENT...]: runs a program whose monotonic clock goes wrong as soon
 * as it has written WORD to stderr: from then on it goes back by a millisecond whenever it is read, or
 * stands. The program must be static, since it is made to ask the kernel for the time, and is answered by us
 * (ptrace).
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/ptrace.h>

#define STEP 1000000 /* ns */
#define NANOSECONDS 1000000000
#define THREADS_MAX 64
#define TEXT_MAX 256

/* A system call that a thread has entered and not yet left. */
struct entered {
    pid_t thread;
    uint64_t number;
    uint64_t arguments[3];
};

struct tracer {
    const char *word;
    int64_t step; /* how far the clock goes at each reading, ns */
    bool wrong;   /* the word was seen */
    bool started; /* and the clock read since */
    int64_t now;
    struct entered threads[THREADS_MAX];
};

static void fail(const char *what)
{
    perror(what);
    exit(125);
}

static uint64_t stack_pointer(pid_t thread)
{
    struct user_regs_struct registers;
    struct iovec all = {&registers, sizeof registers};
    if (ptrace((enum __ptrace_request)PTRACE_GETREGSET, thread, NT_PRSTATUS, &all) < 0)
        fail("PTRACE_GETREGSET");
#if defined(__x86_64__)
    return registers.rsp;
#else
    return registers.sp;
#endif
}

static uint64_t peek(pid_t thread, uint64_t address)
{
    errno = 0;
    long word = ptrace(PTRACE_PEEKDATA, thread, (void *)address, NULL);
    if (errno != 0)
        fail("PTRACE_PEEKDATA");
    return (uint64_t)word;
}

static void poke(pid_t thread, uint64_t address, uint64_t word)
{
    if (ptrace(PTRACE_POKEDATA, thread, (void *)address, (void *)word) < 0)
        fail("PTRACE_POKEDATA");
}

/* On the stack of a program that begins stand the number of arguments, those, the environment, and pairs of a
 * type and a value, each list ended by a 0. One of the pairs is the address of the vDSO: without it the time
 * is a system call. */
static void hide_vdso(pid_t thread)
{
    uint64_t at = stack_pointer(thread);
    at += 8 * (2 + peek(thread, at));
    while (peek(thread, at) != 0)
        at += 8;
    for (at += 8; peek(thread, at) != AT_NULL; at += 16)
        if (peek(thread, at) == AT_SYSINFO_EHDR)
            poke(thread, at, AT_IGNORE);
}

static struct entered *entered_of(struct tracer *tracer, pid_t thread)
{
    for (size_t i = 0; i < THREADS_MAX; i++) {
        struct entered *entered = &tracer->threads[i];
        if (entered->thread == 0)
            entered->thread = thread;
        if (entered->thread == thread)
            return entered;
    }
    errno = E2BIG;
    fail("threads");
    return NULL;
}

static void look_for_word(struct tracer *tracer, const struct entered *call)
{
    char text[TEXT_MAX + 1] = "";
    if (call->number != SYS_write && call->number != SYS_writev)
        return;
    struct iovec there = {(void *)call->arguments[1], call->arguments[2]};
    if (call->number == SYS_writev) { /* the first part */
        there.iov_len = peek(call->thread, call->arguments[1] + 8);
        there.iov_base = (void *)peek(call->thread, call->arguments[1]);
    }
    if (there.iov_len > TEXT_MAX)
        there.iov_len = TEXT_MAX;
    struct iovec here = {text, there.iov_len};
    if (call->arguments[0] == STDERR_FILENO && process_vm_readv(call->thread, &here, 1, &there, 1, 0) > 0 &&
        strstr(text, tracer->word))
        tracer->wrong = true;
}

static void falsify(struct tracer *tracer, const struct entered *call)
{
    if (!tracer->wrong || call->number != SYS_clock_gettime || call->arguments[0] != CLOCK_MONOTONIC)
        return;
    uint64_t address = call->arguments[1];
    if (!tracer->started)
        tracer->now = (int64_t)(peek(call->thread, address) * NANOSECONDS + peek(call->thread, address + 8));
    tracer->started = true;
    tracer->now += tracer->step;
    poke(call->thread, address, (uint64_t)(tracer->now / NANOSECONDS));
    poke(call->thread, address + 8, (uint64_t)(tracer->now % NANOSECONDS));
}

static void at_system_call(struct tracer *tracer, pid_t thread)
{
    struct ptrace_syscall_info info = {0};
    if (ptrace((enum __ptrace_request)PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) <= 0)
        fail("PTRACE_GET_SYSCALL_INFO");
    struct entered *call = entered_of(tracer, thread);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        call->number = info.entry.nr;
        for (size_t i = 0; i < 3; i++)
            call->arguments[i] = info.entry.args[i];
        return;
    }
    look_for_word(tracer, call);
    falsify(tracer, call);
}

static pid_t start(char **command)
{
    pid_t program = fork();
    if (program == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execv(command[0], command);
        fail(command[0]);
    }
    int status;
    if (program < 0 || waitpid(program, &status, 0) != program || !WIFSTOPPED(status))
        fail("start");
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, program, NULL, (void *)options) < 0)
        fail("PTRACE_SETOPTIONS");
    hide_vdso(program);
    return program;
}

/* Until the program ends; returns its exit code. */
static int trace(struct tracer *tracer, pid_t program)
{
    pid_t stopped = program;
    int signal_number = 0;
    for (;;) {
        ptrace(PTRACE_SYSCALL, stopped, NULL, (void *)(intptr_t)signal_number);
        int status;
        do {
            stopped = waitpid(-1, &status, __WALL);
            if (stopped < 0)
                fail("waitpid");
            if (stopped == program && WIFEXITED(status))
                return WEXITSTATUS(status);
            if (stopped == program && WIFSIGNALED(status))
                return 128 + WTERMSIG(status);
        } while (!WIFSTOPPED(status)); /* a thread has ended */
        signal_number = WSTOPSIG(status);
        if (signal_number == (SIGTRAP | 0x80))
            at_system_call(tracer, stopped);
        if ((signal_number & ~0x80) == SIGTRAP || signal_number == SIGSTOP)
            signal_number = 0; /* ours: a system call, a new thread */
    }
}

int main(int count, char **arguments)
{
    if (count < 4) {
        fprintf(stderr, "usage: step_clock back|stand WORD PROGRAM [ARGUMENT...]\n");
        return 125;
    }
    struct tracer tracer = {.word = arguments[2], .step = strcmp(arguments[1], "back") == 0 ? -STEP : 0};
    return trace(&tracer, start(arguments + 3));
}
