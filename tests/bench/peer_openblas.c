/*
 * OpenBLAS as a peer: times its dgemm or its dgesv through their plain interfaces and prints a rate a line.
 * Which of its kernels runs is OpenBLAS's choice, or that of OPENBLAS_CORETYPE in the environment; the first
 * line names it.
 *
 *   peer_openblas dgemm|dgesv ORDER SECONDS THREADS
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define REPETITIONS_MIN 3

/* OpenBLAS as it is built for Debian: whole numbers of 32 bits. Its header is not needed for the little that
 * is used. */
typedef int blasint;
enum { COLUMN_MAJOR = 102, NOT_TRANSPOSED = 111 }; /* of the C interface to BLAS */

void openblas_set_num_threads(int threads);
char *openblas_get_corename(void);
void cblas_dgemm(int layout, int transposed_a, int transposed_b, blasint m, blasint n, blasint k,
                 double alpha, const double *a, blasint lda, const double *b, blasint ldb, double beta,
                 double *c, blasint ldc);

/* LAPACK's: the matrix becomes its factors, the right side the solution. */
void dgesv_(const blasint *order, const blasint *columns, double *matrix, const blasint *stride,
            blasint *pivots, double *right_side, const blasint *right_stride, blasint *info);

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* On huge pages, as the benchmark program's are; never given back. */
static double *new_doubles(size_t count)
{
    size_t bytes = (count * sizeof(double) + HUGE_PAGE_BYTES - 1) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    double *memory = aligned_alloc(HUGE_PAGE_BYTES, bytes);
    if (!memory) {
        fprintf(stderr, "peer_openblas: no memory for %zu doubles\n", count);
        exit(1);
    }
    madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

/* Evenly spread over [-0.5, 0.5), from a linear congruential generator (Knuth's MMIX). */
static void fill(double *values, size_t count, uint64_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        values[i] = (double)(seed >> 11) * 0x1p-53 - 0.5;
    }
}

struct problem {
    blasint order;
    double *a, *b, *c;
    blasint *pivots;
};

static double product_seconds(const struct problem *problem)
{
    blasint n = problem->order;
    double start = now();
    cblas_dgemm(COLUMN_MAJOR, NOT_TRANSPOSED, NOT_TRANSPOSED, n, n, n, -1, problem->a, n, problem->b, n, 1,
                problem->c, n);
    return now() - start;
}

/* The solution comes where the first column of b was. */
static double solution_seconds(const struct problem *problem)
{
    blasint n = problem->order;
    const blasint one = 1;
    blasint info;
    fill(problem->a, (size_t)n * (size_t)n, 1);
    fill(problem->b, (size_t)n, 2);
    double start = now();
    dgesv_(&n, &one, problem->a, &n, problem->pivots, problem->b, &n, &info);
    double seconds = now() - start;
    if (info != 0) {
        fprintf(stderr, "peer_openblas: dgesv failed with %ld\n", (long)info);
        exit(1);
    }
    return seconds;
}

/* The first repetition is not counted. */
static void repeat(double (*seconds_of)(const struct problem *), const struct problem *problem,
                   double operations, double limit)
{
    seconds_of(problem);
    double end = now() + limit;
    for (int done = 0; done < REPETITIONS_MIN || now() < end; done++)
        printf("gflops %.6g\n", operations / seconds_of(problem) / 1e9);
}

static long number(const char *text)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < 1 || value > 100000) {
        fprintf(stderr, "peer_openblas: '%s' is no number from 1 to 100000\n", text);
        exit(2);
    }
    return value;
}

int main(int count, char **arguments)
{
    int product = count == 5 && strcmp(arguments[1], "dgemm") == 0;
    if (count != 5 || (!product && strcmp(arguments[1], "dgesv") != 0)) {
        fprintf(stderr, "usage: peer_openblas dgemm|dgesv ORDER SECONDS THREADS\n");
        return 2;
    }
    double order = (double)number(arguments[2]);
    size_t elements = (size_t)order * (size_t)order;
    struct problem problem = {(blasint)order, new_doubles(elements), new_doubles(elements),
                              new_doubles(elements), calloc((size_t)order, sizeof *problem.pivots)};
    if (!problem.pivots)
        return 1;
    openblas_set_num_threads((int)number(arguments[4]));
    fill(problem.a, elements, 1);
    fill(problem.b, elements, 2);
    fill(problem.c, elements, 3);
    printf("core %s\n", openblas_get_corename());
    if (product)
        repeat(product_seconds, &problem, 2 * order * order * order, (double)number(arguments[3]));
    else /* as many as HPL counts */
        repeat(solution_seconds, &problem, 2.0 / 3 * order * order * order + 1.5 * order * order,
               (double)number(arguments[3]));
    return 0;
}
