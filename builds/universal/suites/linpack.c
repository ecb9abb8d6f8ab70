/*
 * LINPACK: a dense system of linear equations in double precision, solved by LU factorisation with partial
 * pivoting, its solution checked as HPL checks it (https://www.netlib.org/benchmark/hpl/). The operations
 * counted are HPL's, the rate is that of all usable CPUs together. Beside it, in the same rounds, stands the
 * peak of the instruction set that was used: the efficiency is the one over the other. Products of matrices
 * (what a BLAS calls DGEMM), of which the factorisation is made for the most part, show what is lost where.
 */
#include "suites/suite.h"

#include "linear/dgemm.h"
#include "linear/lu.h"
#include "measure/arithmetic_peak.h"
#include "measure/stopwatch.h"

#include <math.h>
#include <string.h>

/* HPL's: a residual above it fails. */
#define RESIDUAL_ALLOWED 16.0

#define ORDER_MIN 64
#define ORDER_TRIAL_FIRST 256
#define TRIAL_SECONDS 0.1 /* a trial that takes this long tells the rate well enough */

/* Solutions that there must be time for. */
#define ROUNDS_WANTED 12
/* What a round takes beside the solution: making the system, checking it, and two products. */
#define ROUND_OVERHEAD 1.5
/* A product's matrices have a third of the system's order: it takes a ninth of the operations. */
#define PRODUCT_ORDER(order) ((order) / 3)

struct linpack {
    struct suite_run *run;
    struct team *team;
    const struct gemm_kernels *kernels;
    struct arithmetic_peak peak;
    struct lu lu;
    uint64_t seed; /* of the next system */
    double largest_residual;
    struct dgemm product;
    size_t products, wrong_products;
};

enum { PROBE_SOLUTION, PROBE_PEAK, PROBE_PRODUCT, PROBES };

/* A system made, solved and checked. */
static int solve_one(struct linpack *linpack, double *seconds, struct err *err)
{
    uint64_t seed = linpack->seed++;
    lu_fill(&linpack->lu, seed);
    int64_t start = stopwatch_now();
    lu_solve(&linpack->lu);
    if (stopwatch_seconds(start, stopwatch_now(), seconds, err) < 0)
        return -1;
    double residual = lu_residual(&linpack->lu, seed);
    if (!(residual <= linpack->largest_residual)) /* nor NaN */
        linpack->largest_residual = residual;
    progress_tick(&linpack->run->progress);
    return 0;
}

static int measure_solution(void *context, struct burst *burst, struct err *err)
{
    struct linpack *linpack = context;
    do {
        double seconds;
        if (solve_one(linpack, &seconds, err) < 0)
            return -1;
        burst_add(burst, lu_operations(linpack->lu.order) / seconds / 1e9);
    } while (burst_wants_more(burst));
    return 0;
}

/* Products one after the other, their sum checked in the end. The first, which finds the caches full of the
 * system's matrix and of what its check read, is not timed. */
static int measure_product(void *context, struct burst *burst, struct err *err)
{
    struct linpack *linpack = context;
    dgemm_run(&linpack->product);
    do {
        double seconds;
        int64_t start = stopwatch_now();
        dgemm_run(&linpack->product);
        if (stopwatch_seconds(start, stopwatch_now(), &seconds, err) < 0)
            return -1;
        burst_add(burst, dgemm_operations(linpack->product.order) / seconds / 1e9);
    } while (burst_wants_more(burst));
    linpack->products++;
    linpack->wrong_products += !dgemm_is_right(&linpack->product);
    return 0;
}

/* What a thread has of the second-level cache, where several share one too. 0: unknown. */
static size_t cache_of_a_thread(const struct machine *machine)
{
    const struct cache *second = caches_level(&machine->caches, 2);
    if (!second || machine->online.count == 0)
        return 0;
    size_t sharing = (machine->online.count + second->instances - 1) / second->instances;
    return (size_t)second->size_bytes / sharing;
}

/* --- the order of the system -------------------------------------------------------------------- */

static int open_system(struct linpack *linpack, size_t order, struct err *err)
{
    if (lu_new(&linpack->lu, linpack->team, linpack->kernels, order, &linpack->run->budget, err) < 0)
        return -1;
    linpack->lu.progress = &linpack->run->progress;
    linpack->lu.cache_bytes = cache_of_a_thread(linpack->run->machine);
    return 0;
}

static int open_product(struct linpack *linpack, size_t order, struct err *err)
{
    if (dgemm_new(&linpack->product, linpack->team, linpack->kernels, order, &linpack->run->budget, err) < 0)
        return -1;
    linpack->product.progress = &linpack->run->progress;
    linpack->product.cache_bytes = cache_of_a_thread(linpack->run->machine);
    return 0;
}

/* A system of this order, and the matrices of the product beside it. */
static size_t bytes_for(const struct linpack *linpack, size_t order)
{
    return lu_bytes(linpack->kernels, team_size(linpack->team), order) +
           dgemm_bytes(linpack->kernels, PRODUCT_ORDER(order));
}

/* The largest order that the budget holds. */
static size_t largest_order(const struct linpack *linpack)
{
    size_t fits = 0;
    for (size_t step = (size_t)1 << 24; step > 0; step /= 2)
        if (bytes_for(linpack, fits + step) <= linpack->run->budget.limit)
            fits += step;
    return fits;
}

/* Operations a second, of small systems that grow until one takes a while. */
static int try_rate(struct linpack *linpack, size_t most, double *rate, struct err *err)
{
    double seconds = 0;
    for (size_t order = ORDER_TRIAL_FIRST < most ? ORDER_TRIAL_FIRST : most;; order *= 2) {
        if (open_system(linpack, order, err) < 0 || solve_one(linpack, &seconds, err) < 0)
            return -1;
        lu_free(&linpack->lu, &linpack->run->budget);
        *rate = lu_operations(order) / seconds;
        if (seconds >= TRIAL_SECONDS || order * 2 > most)
            return 0;
    }
}

static int choose_order(struct linpack *linpack, size_t *order, struct err *err)
{
    size_t most = largest_order(linpack);
    double rate;
    if (most < ORDER_MIN)
        return err_set(err, ERR_UNSUPPORTED,
                       "not even a system of %d equations fits into %zu bytes, which is what may be used",
                       ORDER_MIN, (size_t)linpack->run->budget.limit);
    progress_phase(&linpack->run->progress, "trying small systems");
    if (try_rate(linpack, most, &rate, err) < 0)
        return -1;
    double left = (double)(linpack->run->deadline - stopwatch_now()) / NANOSECONDS;
    double wanted = cbrt(1.5 * rate * fmax(left, 0) / ROUNDS_WANTED / ROUND_OVERHEAD);
    *order = wanted < (double)most ? (size_t)wanted : most;
    if (*order < ORDER_MIN)
        *order = ORDER_MIN;
    return 0;
}

/* --- measuring, reporting ----------------------------------------------------------------------- */

static void report(struct linpack *linpack, const struct probe *probes, const struct sampling *sampling)
{
    struct document *document = linpack->run->document;
    double order = (double)linpack->lu.order;
    double efficiency[SAMPLES_MAX];
    size_t rounds = probes[PROBE_SOLUTION].count;
    for (size_t i = 0; i < rounds; i++)
        efficiency[i] = probes[PROBE_SOLUTION].samples[i] / probes[PROBE_PEAK].samples[i];
    document_add_whole(document, "threads", team_size(linpack->team));
    document_add_text(document, "isa", linpack->kernels->isa);
    document_add_whole(document, "matrix_bytes", linpack->lu.order * linpack->lu.order * sizeof(double));
    document_add_whole(document, "dgemm_order", linpack->product.order);
    document_add_number(document, "largest_residual", linpack->largest_residual);
    suite_report_sampling(linpack->run, sampling);
    suite_report_probe(linpack->run, "gflops", "GFLOPS", HIGHER_IS_BETTER, &probes[PROBE_SOLUTION]);
    suite_report_probe(linpack->run, "peak", "GFLOPS", HIGHER_IS_BETTER, &probes[PROBE_PEAK]);
    suite_report_probe(linpack->run, "dgemm", "GFLOPS", HIGHER_IS_BETTER, &probes[PROBE_PRODUCT]);
    document_add_metric(document, "efficiency", "fraction", HIGHER_IS_BETTER, efficiency, rounds);
    document_add_metric(document, "problem_size", "count", HIGHER_IS_BETTER, &order, 1);
    document_add_check(document, "residual", linpack->largest_residual <= RESIDUAL_ALLOWED,
                       "largest scaled residual %.2g, allowed %g", linpack->largest_residual,
                       RESIDUAL_ALLOWED);
    document_add_check(document, "product", linpack->wrong_products == 0,
                       "%zu of %zu sums of products are wrong", linpack->wrong_products, linpack->products);
}

static int measure(struct linpack *linpack, struct err *err)
{
    struct sampling sampling;
    struct probe probes[PROBES] = {
        [PROBE_SOLUTION] = {.name = "gflops", .measure = measure_solution, .context = linpack, .group = 1},
        [PROBE_PEAK] = {.name = "peak",
                        .measure = arithmetic_peak_measure,
                        .context = &linpack->peak,
                        .group = 1},
        [PROBE_PRODUCT] = {.name = "dgemm", .measure = measure_product, .context = linpack},
    };
    double warm_up;
    if (solve_one(linpack, &warm_up, err) < 0 ||
        suite_sample(linpack->run, probes, PROBES, linpack->run->deadline, &sampling, err) < 0)
        return -1;
    if (atomic_load(&linpack->peak.wrong))
        return err_set(err, ERR_DATA, "the peak's series did not end at the value they had to");
    report(linpack, probes, &sampling);
    return 0;
}

static const struct arithmetic_kernels *peak_of(const char *isa)
{
    size_t row = 0;
    while (row + 1 < arithmetic_kernels_count && strcmp(arithmetic_kernels[row].isa, isa) != 0)
        row++;
    return &arithmetic_kernels[row];
}

int linpack_suite(struct suite_run *run, struct err *err)
{
    size_t threads = run->settings->threads ? run->settings->threads : run->machine->usable.count;
    const struct gemm_kernels *kernels = gemm_kernels_choose(run->machine->features, run->settings->isa, err);
    if (!kernels)
        return -1;
    AUTO_TEAM struct team *team = team_start(run->machine->usable.cpus, threads, err);
    struct linpack linpack = {.run = run, .team = team, .kernels = kernels, .seed = 1};
    size_t order = 0;
    if (!team)
        return -1;
    arithmetic_peak_init(&linpack.peak, team, peak_of(linpack.kernels->isa), ARITHMETIC_FP64);
    int result = -1;
    if (choose_order(&linpack, &order, err) == 0 && open_system(&linpack, order, err) == 0 &&
        open_product(&linpack, PRODUCT_ORDER(order), err) == 0)
        result = measure(&linpack, err);
    dgemm_free(&linpack.product, &run->budget);
    lu_free(&linpack.lu, &run->budget);
    return result;
}
