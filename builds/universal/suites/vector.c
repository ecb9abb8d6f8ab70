/*
 * The peak of the execution units: operations a second of every instruction set that the CPU has, all usable
 * CPUs at once, on values that stay in registers.
 */
#include "suites/suite.h"

#include "measure/arithmetic_peak.h"

/* The instruction sets of both architectures, as metrics are named after them. */
struct metric_row {
    const char *isa;
    const char *metric[ARITHMETIC_KINDS];
};

static const struct metric_row metric_rows[] = {
#if defined(__x86_64__)
    {"avx512", {"avx512.fp64", "avx512.fp32", "avx512.int32"}},
    {"avx2", {"avx2.fp64", "avx2.fp32", "avx2.int32"}},
    {"sse2", {"sse2.fp64", "sse2.fp32", "sse2.int32"}},
#elif defined(__aarch64__)
    {"sve", {"sve.fp64", "sve.fp32", "sve.int32"}},
    {"neon", {"neon.fp64", "neon.fp32", "neon.int32"}},
#endif
};

#define ROWS ARRAY_LENGTH(metric_rows)

static const char *const units[ARITHMETIC_KINDS] = {
    [ARITHMETIC_FP64] = "GFLOPS", [ARITHMETIC_FP32] = "GFLOPS", [ARITHMETIC_INT32] = "GOPS"};

struct vector {
    struct suite_run *run;
    struct team *team;
    struct arithmetic_peak peaks[ROWS][ARITHMETIC_KINDS];
    struct probe probes[ROWS * ARITHMETIC_KINDS];
};

_Static_assert(ROWS *ARITHMETIC_KINDS <= PROBES_MAX, "all probes fit a round");

/* An instruction set that the CPU lacks has no probe: its metrics are there, without samples. */
static void prepare(struct vector *vector)
{
    for (size_t row = 0; row < ROWS; row++) {
        const struct arithmetic_kernels *kernels = &arithmetic_kernels[row];
        bool have = cpu_features_include(vector->run->machine->features, kernels->needs);
        for (enum arithmetic kind = 0; kind < ARITHMETIC_KINDS; kind++) {
            struct arithmetic_peak *peak = &vector->peaks[row][kind];
            struct probe *probe = &vector->probes[row * ARITHMETIC_KINDS + kind];
            probe->name = metric_rows[row].metric[kind];
            if (!have)
                continue; /* not even its operations can be counted: that takes an instruction of the set */
            arithmetic_peak_init(peak, vector->team, kernels, kind);
            probe->context = peak;
            probe->measure = arithmetic_peak_measure;
        }
    }
}

static void check_series(struct vector *vector)
{
    size_t wrong = 0;
    for (size_t row = 0; row < ROWS; row++)
        for (enum arithmetic kind = 0; kind < ARITHMETIC_KINDS; kind++)
            wrong += atomic_load(&vector->peaks[row][kind].wrong);
    document_add_check(vector->run->document, "series", wrong == 0,
                       "%zu passes did not end at the value they had to", wrong);
}

static const char *widest(const struct vector *vector)
{
    for (size_t row = 0; row < ROWS; row++)
        if (vector->probes[row * ARITHMETIC_KINDS].measure)
            return metric_rows[row].isa;
    return NULL;
}

static void report(struct vector *vector, const struct sampling *sampling)
{
    struct document *document = vector->run->document;
    document_add_whole(document, "threads", team_size(vector->team));
    document_add_text(document, "isa", widest(vector));
    suite_report_sampling(vector->run, sampling);
    for (size_t i = 0; i < ARRAY_LENGTH(vector->probes); i++)
        suite_report_probe(vector->run, vector->probes[i].name, units[i % ARITHMETIC_KINDS], HIGHER_IS_BETTER,
                           &vector->probes[i]);
}

int vector_suite(struct suite_run *run, struct err *err)
{
    AUTO_FREE struct vector *vector = calloc(1, sizeof *vector);
    size_t threads = run->settings->threads ? run->settings->threads : run->machine->usable.count;
    AUTO_TEAM struct team *team = team_start(run->machine->usable.cpus, threads, err);
    struct sampling sampling;
    if (!vector)
        return err_memory(err);
    if (!team)
        return -1;
    vector->run = run;
    vector->team = team;
    prepare(vector);
    if (suite_sample(run, vector->probes, ARRAY_LENGTH(vector->probes), run->deadline, &sampling, err) < 0)
        return -1;
    check_series(vector);
    report(vector, &sampling);
    return 0;
}
