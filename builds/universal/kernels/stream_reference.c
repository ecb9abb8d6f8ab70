/* McCalpin's loops as anybody would write them, and what the compiler makes of them. */
#include "kernels/stream_kernels.h"

static void copy(double *restrict a, double *restrict b UNUSED, double *restrict c, double scalar UNUSED,
                 size_t elements)
{
    for (size_t i = 0; i < elements; i++)
        c[i] = a[i];
}

static void scale(double *restrict a UNUSED, double *restrict b, double *restrict c, double scalar,
                  size_t elements)
{
    for (size_t i = 0; i < elements; i++)
        b[i] = scalar * c[i];
}

static void add(double *restrict a, double *restrict b, double *restrict c, double scalar UNUSED,
                size_t elements)
{
    for (size_t i = 0; i < elements; i++)
        c[i] = a[i] + b[i];
}

static void triad(double *restrict a, double *restrict b, double *restrict c, double scalar, size_t elements)
{
    for (size_t i = 0; i < elements; i++)
        a[i] = b[i] + scalar * c[i];
}

const struct stream_kernels stream_reference = {"compiled", 0, false, {copy, scale, add, triad}};
