#include "measure/disturbance.h"

#include "measure/stopwatch.h"
#include "topology/system_file.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Both clocks are read one after the other: below this the difference is their own. */
#define SHORTEST_SPAN (NANOSECONDS / 10000)

/* Of /proc/stat's first line: user, nice, system, idle, iowait, irq, softirq, then steal. */
#define STEAL_COLUMN 8

struct thread_moment thread_moment_now(void)
{
    struct timespec run = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &run);
    return (struct thread_moment){stopwatch_now(), (int64_t)run.tv_sec * NANOSECONDS + run.tv_nsec};
}

double thread_lost_share(struct thread_moment from, struct thread_moment to)
{
    int64_t wall = to.wall - from.wall;
    int64_t lost = wall - (to.run - from.run);
    return wall < SHORTEST_SPAN || lost < 0 ? 0 : (double)lost / (double)wall;
}

struct optional_u64 stolen_ticks(const char *root)
{
    char text[256];
    if (!system_file_read(root, "/proc/stat", text, sizeof text) || strncmp(text, "cpu ", 4) != 0)
        return (struct optional_u64){0};
    char *at = text;
    for (int column = 0; at && column < STEAL_COLUMN; column++) {
        at += strcspn(at, " \n");
        at += strspn(at, " ");
    }
    uint64_t ticks = 0;
    if (*at < '0' || *at > '9')
        return (struct optional_u64){0};
    for (; *at >= '0' && *at <= '9'; at++)
        ticks = ticks * 10 + (uint64_t)(*at - '0');
    return known_u64(ticks);
}

double seconds_of_ticks(uint64_t ticks)
{
    long ticks_a_second = sysconf(_SC_CLK_TCK);
    return (double)ticks / (double)(ticks_a_second > 0 ? ticks_a_second : 100);
}

double stolen_share(struct optional_u64 before, struct optional_u64 after, int64_t nanoseconds)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    if (!before.known || !after.known || after.value <= before.value || nanoseconds <= 0)
        return 0;
    double seconds = seconds_of_ticks(after.value - before.value);
    return seconds / ((double)nanoseconds / NANOSECONDS * (double)(cpus > 0 ? cpus : 1));
}
