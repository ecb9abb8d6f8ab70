/*
 * The suites of the fault tests: nothing is measured. What a suite prints names the container that it ran in
 * and holds a number made of that name, so that a result can be told to come from exactly one container.
 *
 *   run brief    at once        run steady   --seconds=N, with a line of progress every half second
 *   run failing  its document is whole, and then it fails
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if defined(__aarch64__)
#define ARCHITECTURE "arm64"
#else
#define ARCHITECTURE "x86_64"
#endif

/* Docker names a container's host by the first twelve digits of its id. */
static double number_of(const char *container)
{
    char digits[7] = "";
    snprintf(digits, sizeof digits, "%.6s", container);
    return 10 + (double)strtol(digits, NULL, 16) / 1e5;
}

static void print_document(const char *suite)
{
    char container[65] = "";
    char started[32];
    struct tm date;
    time_t now = time(NULL);
    gethostname(container, sizeof container - 1);
    gmtime_r(&now, &date);
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &date);
    printf("{\"protocol\": 1, \"suite\": \"%s\", \"suite_version\": \"1.0.0\", \"passed\": true, ", suite);
    printf("\"checks\": [{\"name\": \"none\", \"passed\": true, \"detail\": \"nothing was measured\"}], ");
    printf("\"started\": \"%s\", \"duration_seconds\": 0.001, \"parameters\": {}, ", started);
    printf("\"flags\": [\"no_measurement\"], \"metrics\": [{\"name\": \"number\", \"unit\": \"points\", "
           "\"direction\": \"higher\", \"samples\": [%.5f]}], ",
           number_of(container));
    printf("\"system\": {\"architecture\": \"" ARCHITECTURE "\", \"cpu_model\": \"container %s\"}}\n",
           container);
}

static void wait_for(double seconds)
{
    for (double passed = 0; passed < seconds; passed += 0.5) {
        fprintf(stderr, "progress %d waiting\n", (int)(100 * passed / seconds));
        usleep(500000);
    }
}

int main(int count, char **words)
{
    const char *suite = count > 2 ? words[2] : "";
    double seconds = 0;
    for (int i = 3; i < count; i++)
        if (strncmp(words[i], "--seconds=", 10) == 0)
            seconds = strtod(words[i] + 10, NULL);
    if (strcmp(suite, "brief") != 0 && strcmp(suite, "steady") != 0 && strcmp(suite, "failing") != 0)
        return 2;
    if (strcmp(suite, "steady") == 0)
        wait_for(seconds);
    print_document(suite);
    if (fflush(stdout) != 0)
        return 1;
    return strcmp(suite, "failing") == 0;
}
