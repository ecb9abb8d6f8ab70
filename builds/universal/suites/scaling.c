/*
 * How the machine's arithmetic grows with the number of threads: matrix products in double precision, each
 * thread on matrices of its own that stay in its core's caches. One thread to a core as long as there are
 * cores; then all hardware threads. What is lost on the way is clock, power, and the units that threads
 * share.
 */
#include "suites/suite.h"

#include "linear/packing.h"
#include "measure/team.h"
#include "measure/team_timing.h"
#include "topology/packages.h"

#include <math.h>

/* Of a thread's matrices: 92 KB, 31 KB and 12 KB, which any second-level cache holds. */
#define ROWS 96
#define COLUMNS 32
#define DEPTH 120
#define OPERATIONS (2.0 * ROWS * COLUMNS * DEPTH)

#define PRODUCTS_A_PASS 16

/* Points of the curve between one thread and all cores. */
static const struct {
    size_t threads;
    const char *metric;
} curve[] = {
    {2, "threads_2"},     {4, "threads_4"},       {8, "threads_8"},       {16, "threads_16"},
    {32, "threads_32"},   {64, "threads_64"},     {128, "threads_128"},   {256, "threads_256"},
    {512, "threads_512"}, {1024, "threads_1024"}, {2048, "threads_2048"},
};

#define POINTS_MAX (ARRAY_LENGTH(curve) + 3)
_Static_assert(POINTS_MAX <= PROBES_MAX, "all points fit a round");

/* A number of threads, and what each needs. */
struct point {
    const char *metric;
    size_t threads;
    struct team *team;
    const struct scaling *scaling;
};

struct scaling {
    struct suite_run *run;
    const struct gemm_kernels *kernels;
    struct memory_region memory;
    size_t left, right, doubles; /* where a thread's matrices begin, and how many doubles it has */
    size_t cores, threads;
    uint16_t cpus[CPUS_MAX]; /* the first of each core first */
    struct point points[POINTS_MAX];
    size_t point_count;
    struct probe probes[POINTS_MAX];
};

static double *matrices_of(const struct scaling *scaling, size_t member)
{
    return (double *)(void *)scaling->memory.base + member * scaling->doubles;
}

/* --- one point ----------------------------------------------------------------------------------- */

static void pass_member(void *context, size_t member)
{
    const struct point *point = context;
    const struct scaling *scaling = point->scaling;
    double *product = matrices_of(scaling, member);
    for (size_t i = 0; i < PRODUCTS_A_PASS; i++)
        subtract_product(scaling->kernels, product + scaling->left, product + scaling->right, ROWS, COLUMNS,
                         DEPTH, product, ROWS);
}

static int measure_point(void *context, struct burst *burst, struct err *err)
{
    struct point *point = context;
    double billions = OPERATIONS * PRODUCTS_A_PASS * (double)point->threads / 1e9;
    return team_burst(point->team, pass_member, point, billions, burst, err);
}

static int add_point(struct scaling *scaling, const char *metric, size_t threads, struct err *err)
{
    struct point *point = &scaling->points[scaling->point_count];
    struct probe *probe = &scaling->probes[scaling->point_count];
    *point = (struct point){metric, threads, team_start(scaling->cpus, threads, err), scaling};
    *probe = (struct probe){.name = metric, .measure = measure_point, .context = point, .group = 1};
    if (!point->team)
        return -1;
    scaling->point_count++;
    return 0;
}

/* One thread, the curve, all cores, all threads. A point that is another's equal is not measured again. */
static int add_points(struct scaling *scaling, struct err *err)
{
    if (add_point(scaling, "single_thread", 1, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(curve) && curve[i].threads < scaling->cores; i++)
        if (add_point(scaling, curve[i].metric, curve[i].threads, err) < 0)
            return -1;
    if (add_point(scaling, "all_cores", scaling->cores, err) < 0)
        return -1;
    return scaling->threads > scaling->cores ? add_point(scaling, "all_threads", scaling->threads, err) : 0;
}

/* The last team pinned the caller last. */
static void stop_teams(struct scaling *scaling)
{
    while (scaling->point_count > 0)
        team_stop(scaling->points[--scaling->point_count].team);
}

/* --- the matrices -------------------------------------------------------------------------------- */

/* Ones times a small power of two: every sum is exact, so the product is known to the last bit. */
#define LEFT_VALUE 0x1p-20
#define RIGHT_VALUE 1.0

static void fill_member(void *context, size_t member)
{
    const struct scaling *scaling = ((const struct point *)context)->scaling;
    double *product = matrices_of(scaling, member);
    for (size_t i = 0; i < scaling->left; i++)
        product[i] = 0;
    for (size_t i = scaling->left; i < scaling->right; i++)
        product[i] = LEFT_VALUE;
    for (size_t i = scaling->right; i < scaling->doubles; i++)
        product[i] = RIGHT_VALUE;
}

static int prepare(struct scaling *scaling, struct err *err)
{
    const size_t line = 8;
    scaling->left = (size_t)ROWS * COLUMNS;
    scaling->right = scaling->left + whole_strips(ROWS, scaling->kernels->rows()) * DEPTH;
    scaling->doubles =
        whole_strips(scaling->right + whole_strips(COLUMNS, scaling->kernels->columns) * DEPTH, line);
    if (memory_map(&scaling->run->budget, scaling->threads * scaling->doubles * sizeof(double),
                   &scaling->memory, err) < 0)
        return -1;
    struct point *all = &scaling->points[scaling->point_count - 1];
    team_run(all->team, fill_member, all);
    return 0;
}

/* Every element of a thread's product is the same whole multiple of what one product adds. */
static void check_products(struct scaling *scaling)
{
    const double once = LEFT_VALUE * RIGHT_VALUE * DEPTH;
    size_t wrong = 0;
    for (size_t member = 0; member < scaling->threads; member++) {
        const double *product = matrices_of(scaling, member);
        double times = -product[0] / once;
        bool right = times >= PRODUCTS_A_PASS && fmod(times, PRODUCTS_A_PASS) == 0;
        for (size_t i = 1; i < (size_t)ROWS * COLUMNS; i++)
            right = right && product[i] == product[0];
        wrong += !right;
    }
    document_add_check(scaling->run->document, "products", wrong == 0,
                       "%zu of %zu threads have a wrong product", wrong, scaling->threads);
}

/* --- reporting ----------------------------------------------------------------------------------- */

/* So many threads must be one of the points. */
static const struct probe *probe_of(const struct scaling *scaling, size_t threads)
{
    size_t i = 0;
    while (i + 1 < scaling->point_count && scaling->points[i].threads != threads)
        i++;
    return &scaling->probes[i];
}

/* Of the rates of `many` threads, what each of them has of what one of `few` has. */
static void report_efficiency(struct scaling *scaling, const char *metric, size_t few, size_t many)
{
    double samples[SAMPLES_MAX];
    const struct probe *less = probe_of(scaling, few);
    const struct probe *more = probe_of(scaling, many);
    for (size_t i = 0; i < more->count; i++)
        samples[i] = more->samples[i] / less->samples[i] * (double)few / (double)many;
    document_add_metric(scaling->run->document, metric, "fraction", HIGHER_IS_BETTER,
                        few < many ? samples : NULL, more->count);
}

static void report(struct scaling *scaling, const struct sampling *sampling)
{
    struct document *document = scaling->run->document;
    document_add_whole(document, "cores", scaling->cores);
    document_add_whole(document, "threads", scaling->threads);
    document_add_text(document, "isa", scaling->kernels->isa);
    suite_report_sampling(scaling->run, sampling);
    for (size_t i = 0; i < scaling->point_count; i++)
        suite_report_probe(scaling->run, scaling->points[i].metric, "GFLOPS", HIGHER_IS_BETTER,
                           &scaling->probes[i]);
    if (scaling->threads == scaling->cores)
        document_add_metric(document, "all_threads", "GFLOPS", HIGHER_IS_BETTER, NULL, 0);
    report_efficiency(scaling, "core_efficiency", 1, scaling->cores);
    report_efficiency(scaling, "smt_efficiency", scaling->cores, scaling->threads);
    check_products(scaling);
}

/* The first thread of each core comes before any second one. */
static void order_cores_first(const struct core_groups *groups, uint16_t *cpus)
{
    size_t count = 0;
    for (size_t core = 0; core < groups->cores; core++)
        cpus[count++] = groups->cpus[groups->first[core]];
    for (size_t core = 0; core < groups->cores; core++)
        for (size_t i = groups->first[core] + 1U; i < groups->first[core + 1]; i++)
            cpus[count++] = groups->cpus[i];
}

static int choose_cpus(struct scaling *scaling, struct err *err)
{
    const struct machine *machine = scaling->run->machine;
    struct cpu_list cpus = machine->usable;
    struct core_groups groups;
    if (scaling->run->settings->threads)
        cpus.count = scaling->run->settings->threads;
    if (!packages_group_cores(machine->root, &cpus, &groups))
        return err_set(
            err, ERR_UNSUPPORTED,
            "the kernel does not show which CPUs share a core: it is not known what one core does");
    scaling->threads = cpus.count;
    scaling->cores = groups.cores;
    order_cores_first(&groups, scaling->cpus);
    return 0;
}

static int measure(struct scaling *scaling, struct err *err)
{
    struct sampling sampling;
    if (add_points(scaling, err) < 0 || prepare(scaling, err) < 0 ||
        suite_sample(scaling->run, scaling->probes, scaling->point_count, scaling->run->deadline, &sampling,
                     err) < 0)
        return -1;
    report(scaling, &sampling);
    return 0;
}

int scaling_suite(struct suite_run *run, struct err *err)
{
    AUTO_FREE struct scaling *scaling = calloc(1, sizeof *scaling);
    if (!scaling)
        return err_memory(err);
    scaling->run = run;
    scaling->kernels = gemm_kernels_choose(run->machine->features, run->settings->isa, err);
    if (!scaling->kernels)
        return -1;
    int result = choose_cpus(scaling, err) < 0 ? -1 : measure(scaling, err);
    stop_teams(scaling);
    memory_unmap(&run->budget, &scaling->memory);
    return result;
}
