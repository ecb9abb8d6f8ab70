/*
 * A dense system of linear equations, solved as LINPACK and HPL do: LU factorisation with partial pivoting,
 * right-looking and blocked, with look-ahead (Dongarra, Luszczek, Petitet, "The LINPACK Benchmark: past,
 * present and future", 2003). While a few members of the team factor a panel of columns, the others are still
 * at what the panel before it means for the rest of the matrix. The result does not depend on the number of
 * members.
 */
#ifndef LINEAR_LU_H
#define LINEAR_LU_H

#include "base/error.h"
#include "kernels/gemm_kernels.h"
#include "linear/shared_product.h"
#include "measure/barrier.h"
#include "measure/memory.h"
#include "measure/progress.h"
#include "measure/team.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The system: order x (order + 1) elements, column after column; the last column is the right side, which
 * becomes the solution. */
struct lu {
    struct team *team; /* borrowed */
    const struct gemm_kernels *kernels;
    size_t order;
    size_t stride; /* elements from one column to the next */
    double *matrix;
    bool singular;             /* a pivot was 0: there is no solution */
    size_t cache_bytes;        /* that a member has of the second-level cache; 0, as made: unknown */
    struct progress *progress; /* borrowed; ticks while a solution is under way. NULL: none does */

    /* what follows is the factorisation's own */
    struct memory_region region;
    uint32_t *pivots; /* row i was exchanged with row pivots[i] */
    double *packed_left, *packed_right, *packed_triangle;
    double *member_spaces;
    struct lu_candidate *candidates; /* for the pivot, by each member */
    size_t group;                    /* members 0 to group - 1 factor the next panel */
    struct barrier group_barrier;
    struct latch solved;        /* the other members have made their columns' rows of U */
    struct shared_product rest; /* of the matrix */
};

/* Bytes that a system of this order takes in all. */
size_t lu_bytes(const struct gemm_kernels *kernels, size_t members, size_t order);

/* Memory for a system; nothing is written yet. lu_free gives it back. ERR_UNSUPPORTED: there is too little.
 */
int lu_new(struct lu *lu, struct team *team, const struct gemm_kernels *kernels, size_t order,
           struct memory_budget *budget, struct err *err);
void lu_free(struct lu *lu, struct memory_budget *budget);

/* Factors and solves. */
void lu_solve(struct lu *lu);

/* The operations that the benchmark counts, whatever was really computed: 2/3 n^3 + 3/2 n^2. */
double lu_operations(size_t order);

/* --- the benchmark's system, system.c ---------------------------------------------------------- */

/* Fills in the benchmark's system number `seed`: elements evenly spread over [-0.5, 0.5). */
void lu_fill(struct lu *lu, uint64_t seed);

/* HPL's scaled residual of the solution, against the system that lu_fill(seed) gave:
 * |Ax - b| / (epsilon * (|A| |x| + |b|) * order), all norms the infinity norm; epsilon is 2^-53. */
double lu_residual(const struct lu *lu, uint64_t seed);

#endif
