/*
 * As many operations as the execution units take, on values that never leave the registers: the peak of an
 * instruction set. Each lane of each register goes through a series of its own whose end is known, so that a
 * kernel that left out or doubled a step is found.
 */
#ifndef KERNELS_ARITHMETIC_KERNELS_H
#define KERNELS_ARITHMETIC_KERNELS_H

#include "topology/cpu_features.h"

#include <stdbool.h>
#include <stddef.h>

enum arithmetic {
    ARITHMETIC_FP64, /* fused multiply-adds, where there are any; else multiplications and additions, as many
                        of the one as of the other */
    ARITHMETIC_FP32,
    ARITHMETIC_INT32, /* additions */
    ARITHMETIC_KINDS
};

/* The most steps a kernel may be asked for: fp32 counts exactly up to here. */
#define ARITHMETIC_STEPS_MAX ((size_t)1 << 20)

/* Takes an even number of steps. False: the end of some series is not what it must be. */
typedef bool arithmetic_kernel(size_t steps);

struct arithmetic_kernels {
    const char *isa;
    cpu_feature_set needs;
    struct {
        arithmetic_kernel *run;
        size_t (*operations)(void); /* of one step, over all lanes and registers */
    } kinds[ARITHMETIC_KINDS];
};

/* The kinds of a row whose functions are named run_fp64_avx2, operations_fp64_avx2 and so on. */
#define ARITHMETIC_KINDS_OF(isa)                                                                             \
    {                                                                                                        \
        [ARITHMETIC_FP64] = {run_fp64_##isa, operations_fp64_##isa},                                         \
        [ARITHMETIC_FP32] = {run_fp32_##isa, operations_fp32_##isa},                                         \
        [ARITHMETIC_INT32] = {run_int32_##isa, operations_int32_##isa},                                      \
    }

/* Every instruction set of this architecture, widest vectors first; the last row runs everywhere. */
extern const struct arithmetic_kernels arithmetic_kernels[];
extern const size_t arithmetic_kernels_count;

#endif
