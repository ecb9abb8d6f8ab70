/* A benchmark image that behaves badly, for tests: `hostile run BEHAVIOUR`. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM                                                                                               \
    "\"system\": {\"architecture\": \"%s\", \"cpu_vendor\": null, \"cpu_model\": \"%s\", \"microcode\": null, " \
    "\"cpu_features\": [], \"logical_cpus\": 1, \"usable_cpus\": 1, \"physical_cores\": null, "               \
    "\"sockets\": null, \"clock_ghz\": null, \"caches\": [], \"numa_nodes\": [], "                           \
    "\"memory_total_bytes\": null, \"memory_limit_bytes\": null, \"kernel\": null, \"hypervisor\": null, "    \
    "\"transparent_huge_pages\": null}"

/* A document that is as it should be but for its architecture, its verdict, its number or its CPU's name. */
static int print_document(const char *suite, const char *architecture, const char *passed, const char *bandwidth,
                          const char *cpu_model)
{
    printf("{\"protocol\": 1, \"suite\": \"%s\", \"suite_version\": \"1.0.0\", \"passed\": %s, "
           "\"checks\": [{\"name\": \"solution\", \"passed\": %s, \"detail\": \"none\"}], "
           "\"started\": \"2026-11-20T15:30:45Z\", \"duration_seconds\": 1.0, \"parameters\": {}, \"flags\": [], "
           "\"metrics\": [{\"name\": \"triad.bandwidth\", \"unit\": \"GB/s\", \"direction\": \"higher\", "
           "\"samples\": [%s]}], " SYSTEM "}\n",
           suite, passed, passed, bandwidth, architecture, cpu_model);
    return 0;
}

static int flood(FILE *stream)
{
    static char chunk[1 << 16];
    memset(chunk, 'x', sizeof chunk);
    for (long written = 0; written < 10L << 30; written += (long)sizeof chunk)
        if (fwrite(chunk, 1, sizeof chunk, stream) < sizeof chunk)
            return 0;
    return 0;
}

static int deep(void)
{
    for (int i = 0; i < 500000; i++)
        putchar('[');
    return 0;
}

int main(int argc, char **argv)
{
    const char *behaviour = argc > 2 ? argv[2] : "";
    if (strcmp(behaviour, "honest") == 0)
        return print_document(behaviour, "x86_64", "true", "41.9", "a CPU");
    if (strcmp(behaviour, "other-architecture") == 0)
        return print_document(behaviour, "arm64", "true", "41.9", "a CPU");
    if (strcmp(behaviour, "other-suite") == 0)
        return print_document("stream", "x86_64", "true", "41.9", "a CPU");
    if (strcmp(behaviour, "failed-check") == 0)
        return print_document(behaviour, "x86_64", "false", "41.9", "a CPU");
    if (strcmp(behaviour, "negative") == 0)
        return print_document(behaviour, "x86_64", "true", "-1", "a CPU");
    if (strcmp(behaviour, "no-samples") == 0)
        return print_document(behaviour, "x86_64", "true", "", "a CPU");
    if (strcmp(behaviour, "escapes") == 0) {
        fprintf(stderr, "progress 50 \033]0;owned\007\033[2J\rhello\n");
        return print_document(behaviour, "x86_64", "true", "41.9", "\\u001b[31mred\\u0007");
    }
    if (strcmp(behaviour, "nonsense") == 0)
        return puts("41.9 GB/s, trust me") < 0;
    if (strcmp(behaviour, "nothing") == 0)
        return 0;
    if (strcmp(behaviour, "deep") == 0)
        return deep();
    if (strcmp(behaviour, "flood") == 0)
        return flood(stdout);
    if (strcmp(behaviour, "talkative") == 0)
        return flood(stderr);
    if (strcmp(behaviour, "killed") == 0)
        return kill(getpid(), SIGKILL); /* as PID 1 it survives this */
    if (strcmp(behaviour, "asleep") == 0)
        return sleep(600) != 0;
    fprintf(stderr, "unknown suite '%s'\n", behaviour);
    return 2;
}
