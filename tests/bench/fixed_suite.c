/*
 * A suite of fixed duration, for measuring the collector and not the machine: it waits and measures nothing,
 * and its name and its only check say so. It speaks docs/container-protocol.md.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SUITE "pause-no-measurement"
#define PROGRESS_SECONDS 1.0
#define LONGEST_SECONDS 600.0

#if defined(__aarch64__)
#define ARCHITECTURE "arm64"
#else
#define ARCHITECTURE "x86_64"
#endif

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void sleep_until(double when)
{
    struct timespec time = {(time_t)floor(when), (long)((when - floor(when)) * 1e9)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
        continue;
}

/* Waits until the time is over, with a line of progress at once and then every second. */
static void pause_for(double start, double seconds)
{
    for (double passed = 0; passed < seconds; passed += PROGRESS_SECONDS) {
        fprintf(stderr, "progress %d waiting\n", (int)(100 * passed / seconds));
        sleep_until(start + fmin(passed + PROGRESS_SECONDS, seconds));
    }
}

static void print_document(const char *started, double wanted, double waited)
{
    printf("{\"protocol\": 1, \"suite\": \"" SUITE "\", \"suite_version\": \"1.0.0\", \"passed\": true,\n"
           " \"checks\": [{\"name\": \"pause\", \"passed\": true, \"detail\": \"it waited; nothing was "
           "measured\"}],\n"
           " \"started\": \"%s\", \"duration_seconds\": %.6f,\n"
           " \"parameters\": {\"seconds\": %.6f}, \"flags\": [\"no_measurement\"],\n"
           " \"metrics\": [{\"name\": \"pause\", \"unit\": \"s\", \"direction\": \"lower\", \"samples\": "
           "[%.6f]}],\n"
           " \"system\": {\"architecture\": \"" ARCHITECTURE "\"}}\n",
           started, waited, wanted, waited);
}

static int run(double seconds)
{
    char started[32];
    struct tm date;
    time_t seconds_since_epoch = time(NULL);
    double start = now();
    gmtime_r(&seconds_since_epoch, &date);
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &date);
    pause_for(start, seconds);
    print_document(started, seconds, now() - start);
    return fflush(stdout) == 0 ? 0 : 1;
}

static int usage(void)
{
    fprintf(stderr, "usage: list | run " SUITE " --seconds=N (above 0, at most %g)\n", LONGEST_SECONDS);
    return 2;
}

int main(int count, char **words)
{
    static const char option[] = "--seconds=";
    if (count == 2 && strcmp(words[1], "list") == 0) {
        printf(SUITE "\t1.0.0\tWaits for a given time; measures nothing\n");
        return 0;
    }
    if (count != 4 || strcmp(words[1], "run") != 0 || strcmp(words[2], SUITE) != 0 ||
        strncmp(words[3], option, strlen(option)) != 0)
        return usage();
    char *end = NULL;
    double seconds = strtod(words[3] + strlen(option), &end);
    if (*end != '\0' || !(seconds > 0 && seconds <= LONGEST_SECONDS))
        return usage();
    return run(seconds);
}
