/* A benchmark image that behaves badly, for tests: `hostile run BEHAVIOUR`. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *suite;
static const char *first_variable; /* of the environment; NULL: it is empty */

/* A document that is as it should be but for its architecture, its verdict, its number or its CPU's name. */
static int print_document(const char *name, const char *architecture, const char *passed,
                          const char *bandwidth, const char *cpu_model)
{
    printf("{\"protocol\": 1, \"suite\": \"%s\", \"suite_version\": \"1.0.0\", \"passed\": %s, ", name,
           passed);
    printf("\"checks\": [{\"name\": \"solution\", \"passed\": %s, \"detail\": \"none\"}], ", passed);
    printf("\"started\": \"2026-11-20T15:30:45Z\", \"duration_seconds\": 1.0, \"parameters\": {}, ");
    printf("\"flags\": [], \"metrics\": [{\"name\": \"triad.bandwidth\", \"unit\": \"GB/s\", "
           "\"direction\": \"higher\", \"samples\": [%s]}], ",
           bandwidth);
    printf("\"system\": {\"architecture\": \"%s\", \"cpu_vendor\": null, \"cpu_model\": \"%s\", ",
           architecture, cpu_model);
    printf("\"microcode\": null, \"cpu_features\": [], \"logical_cpus\": 1, \"usable_cpus\": 1, "
           "\"physical_cores\": null, \"sockets\": null, \"clock_ghz\": null, \"caches\": [], ");
    printf(
        "\"numa_nodes\": [], \"memory_total_bytes\": null, \"memory_limit_bytes\": null, \"kernel\": null, "
        "\"hypervisor\": null, \"transparent_huge_pages\": null}}\n");
    return 0;
}

static int honest(void)
{
    return print_document(suite, "x86_64", "true", "41.9", "a CPU");
}

static int other_architecture(void)
{
    return print_document(suite, "arm64", "true", "41.9", "a CPU");
}

static int other_suite(void)
{
    return print_document("stream", "x86_64", "true", "41.9", "a CPU");
}

static int failed_check(void)
{
    return print_document(suite, "x86_64", "false", "41.9", "a CPU");
}

static int negative(void)
{
    return print_document(suite, "x86_64", "true", "-1", "a CPU");
}

static int no_samples(void)
{
    return print_document(suite, "x86_64", "true", "", "a CPU");
}

static int escapes(void)
{
    fprintf(stderr, "progress 50 \033]0;owned\007\033[2J\rhello\n");
    return print_document(suite, "x86_64", "true", "41.9", "\\u001b[31mred\\u0007");
}

/* A byte that ends a string in C, before a document that would pass. */
static int nul_bytes(void)
{
    return putchar('\0') == EOF || honest();
}

static int nul_in_a_string(void)
{
    return print_document(suite, "x86_64", "true", "41.9", "a\\u0000b");
}

static int path_as_suite(void)
{
    return print_document("../../../../path-as-suite", "x86_64", "true", "41.9", "a CPU");
}

static int path_as_architecture(void)
{
    return print_document(suite, "../../x86_64", "true", "41.9", "a CPU");
}

static int nonsense(void)
{
    return puts("41.9 GB/s, trust me") < 0;
}

static int nothing(void)
{
    return 0;
}

static int deep(void)
{
    for (int i = 0; i < 500000; i++)
        putchar('[');
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

static int flood_output(void)
{
    return flood(stdout);
}

static int flood_talk(void)
{
    return flood(stderr);
}

/* Long enough to be seen. */
static int honest_but_slow(void)
{
    return sleep(2) != 0 || honest();
}

static int sleep_long(void)
{
    return sleep(600) != 0;
}

static int killed(void)
{
    return raise(SIGKILL);
}

/* Deaf to all that can be ignored. */
static int deaf(void)
{
    for (int number = 1; number < 32; number++)
        signal(number, SIG_IGN);
    for (;;)
        sleep(600);
}

/* Something of it goes on, with the streams open, after it has ended well. */
static int orphan(void)
{
    return fork() == 0 ? sleep_long() : honest();
}

/* What its environment and its open files are worth to whoever reads them. */
static int curious(void)
{
    int open_files = 0;
    for (int fd = 0; fd < 64; fd++)
        open_files += fcntl(fd, F_GETFD) >= 0;
    fprintf(stderr, "environment %s, %d open files\n", first_variable ? first_variable : "empty", open_files);
    return 3;
}

int main(int argc, char **argv, char **environment)
{
    static const struct {
        const char *name;
        int (*behave)(void);
    } behaviours[] = {
        {"honest", honest},
        {"other-architecture", other_architecture},
        {"other-suite", other_suite},
        {"failed-check", failed_check},
        {"negative", negative},
        {"no-samples", no_samples},
        {"escapes", escapes},
        {"nonsense", nonsense},
        {"nothing", nothing},
        {"deep", deep},
        {"flood", flood_output},
        {"talkative", flood_talk},
        {"asleep", sleep_long},
        {"slow", honest_but_slow},
        {"nul-bytes", nul_bytes},
        {"nul-in-a-string", nul_in_a_string},
        {"killed", killed},
        {"deaf", deaf},
        {"orphan", orphan},
        {"curious", curious},
        {"path-as-suite", path_as_suite},
        {"path-as-architecture", path_as_architecture},
    };
    first_variable = environment[0];
    suite = argc > 2 ? argv[2] : "";
    for (size_t i = 0; i < sizeof behaviours / sizeof behaviours[0]; i++)
        if (strcmp(behaviours[i].name, suite) == 0)
            return behaviours[i].behave();
    fprintf(stderr, "unknown suite '%s'\n", suite);
    return 2;
}
