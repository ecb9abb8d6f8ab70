#include "suites/suite.h"

#include "kernels/gemm_kernels.h"

#include <math.h>
#include <string.h>

static const struct option options[] = {
    {"max-seconds", OPTION_WHOLE, offsetof(struct settings, max_seconds), 1, 3600, 20, "20",
     "time for everything, setting up included", NULL},
    {"max-memory", OPTION_SIZE, offsetof(struct settings, max_memory), 1 << 20, UINT64_C(1) << 50, 0,
     "three quarters of what is available, which is also the most",
     "cap on what is allocated, in bytes or with K, M, G", NULL},
    {"threads", OPTION_WHOLE, offsetof(struct settings, threads), 1, CPUS_MAX, 0, "all usable CPUs",
     "at most this many threads", NULL},
    {"target-ci", OPTION_PERCENT, offsetof(struct settings, target_ci), 10, 5000, 100, "1",
     "stop when the 95 % interval of every metric is within so many per cent to both sides", NULL},
    {"isa", OPTION_CHOICE, offsetof(struct settings, isa), 0, 0, 0, "the widest that the CPU has",
     "the instruction set to use", gemm_kernels_isa},
};

/* The last is for suites that multiply matrices. */
#define COMMON_OPTIONS options, ARRAY_LENGTH(options) - 1
#define MATRIX_OPTIONS options, ARRAY_LENGTH(options)

#ifdef WITH_COREMARK
/* Three runs of twelve seconds, and what finds out how many iterations those are. */
static const struct option coremark_options[] = {
    {"max-seconds", OPTION_WHOLE, offsetof(struct settings, max_seconds), 45, 3600, 60, "60",
     "time for everything, setting up included", NULL},
    {"threads", OPTION_WHOLE, offsetof(struct settings, threads), 1, CPUS_MAX, 0, "all usable CPUs",
     "at most this many contexts", NULL},
};
#endif

const struct suite suites[] = {
    {"stream", "1.0.0",
     "memory bandwidth: copy, scale, add and triad as McCalpin defines them, all usable CPUs", COMMON_OPTIONS,
     stream_suite},
    {"cache", "2.0.0",
     "latency of every cache level and of memory against a curve over all sizes; reading, writing and "
     "copying",
     COMMON_OPTIONS, cache_suite},
    {"numa", "2.0.0", "latency and read bandwidth from every node to every node, and latency under load",
     COMMON_OPTIONS, numa_suite},
    {"linpack", "1.0.0",
     "dense linear equations in double precision, checked as HPL checks them, all usable CPUs",
     MATRIX_OPTIONS, linpack_suite},
    {"vector", "1.0.0", "peak arithmetic of every instruction set, all usable CPUs", COMMON_OPTIONS,
     vector_suite},
    {"scaling", "1.0.0", "arithmetic of one thread, of all cores and of all hardware threads", MATRIX_OPTIONS,
     scaling_suite},
#ifdef WITH_COREMARK
    {"coremark", "1.0.0", "EEMBC's CoreMark, all usable CPUs and one", coremark_options,
     ARRAY_LENGTH(coremark_options), coremark_suite},
#endif
};
const size_t suites_count = ARRAY_LENGTH(suites);

const struct suite *suite_find(const char *name)
{
    for (size_t i = 0; i < suites_count; i++)
        if (strcmp(suites[i].name, name) == 0)
            return &suites[i];
    return NULL;
}

size_t suite_threads(const struct suite_run *run)
{
    size_t usable = run->machine->usable.count;
    return run->settings->threads && run->settings->threads < usable ? run->settings->threads : usable;
}

uint16_t suite_cpu(const struct suite_run *run, size_t thread)
{
    const struct cpu_list *usable = &run->machine->usable;
    return usable->cpus[usable->count - 1 - thread];
}

int64_t suite_deadline(const struct suite_run *run, double share)
{
    return run->started + (int64_t)((double)(run->deadline - run->started) * share);
}

int suite_sample(struct suite_run *run, struct probe *probes, size_t count, int64_t deadline,
                 struct sampling *sampling, struct err *err)
{
    const struct sampling_rule rule = {.deadline = deadline,
                                       .interval_wanted = (double)run->settings->target_ci / 10000,
                                       .root = run->machine->root,
                                       .progress = &run->progress,
                                       .samples_max = DOCUMENT_SAMPLES_MAX / count};
    return sampling_run(probes, count, &rule, sampling, err);
}

void suite_report_probe(struct suite_run *run, const char *metric, const char *unit, enum direction direction,
                        const struct probe *probe)
{
    document_add_metric(run->document, metric, unit, direction, probe->measure ? probe->samples : NULL,
                        probe->count);
}

/* The kernel makes a wish of MADV_HUGEPAGE; less than this share of huge pages is worth a word. */
#define HUGE_PAGE_SHARE 0.95

void suite_report_huge_pages(struct suite_run *run, uint64_t bytes)
{
    struct optional_u64 huge = memory_on_huge_pages(run->machine->root);
    document_add_whole(run->document, "memory_touched_bytes", bytes);
    document_add_optional(run->document, "huge_page_bytes", huge);
    if (huge.known && (double)huge.value < HUGE_PAGE_SHARE * (double)bytes)
        document_add_flag(run->document, "small_pages");
}

void suite_report_sampling(struct suite_run *run, const struct sampling *sampling)
{
    document_add_whole(run->document, "rounds", sampling->rounds_begun);
    if (isfinite(sampling->widest_interval)) /* one sample has no interval */
        document_add_number(run->document, "widest_interval", sampling->widest_interval);
    document_add_whole(run->document, "unsettled_probes", sampling->unsettled);
    document_add_whole(run->document, "discarded_bursts", sampling->discarded);
    document_add_whole(run->document, "disturbed_samples", sampling->disturbed);
    if (sampling->often_disturbed)
        document_add_flag(run->document, "disturbed");
    if (sampling->unstable)
        document_add_flag(run->document, "unstable");
}
