/*
 * The STREAM kernels over one vector type. The including file defines
 *   KERNEL(operation)     name of the function           KERNEL_TARGET   its target attribute, or nothing
 *   VECTOR, LANES         type and doubles in it         SUBSTREAMS      parts walked side by side
 *   LOAD(p), STORE(p, v)  of an aligned vector           FENCE()         orders the stores before the clock
 *   BROADCAST(x), ADD(x, y), MULTIPLY(x, y), MULTIPLY_ADD(x, y, z) = x * y + z
 *   PREFETCH(p)           asks for the line at p
 * and includes this file once. All are undefined again at its end.
 *
 * A slice is walked as SUBSTREAMS equal parts side by side, one line of 64 bytes of each in turn: several
 * streams keep more banks of the memory busy than one, whatever the width of the vectors.
 */

#define PREFETCH_AHEAD_ELEMENTS 64

#define EACH_SUBSTREAM                                                                                       \
    _Pragma("GCC unroll 8") for (size_t base = i, substream = 0; substream < SUBSTREAMS;                     \
                                 substream++, base += part)
#define EACH_VECTOR                                                                                          \
    _Pragma("GCC unroll 8") for (size_t at = base, v = 0; v < STREAM_LINE_ELEMENTS / LANES; v++, at += LANES)

/* All loads of a step stand before its stores: mixing them costs memory bus turnarounds. */
#define DEFINE_KERNEL(operation, destination, value, prefetches)                                             \
    KERNEL_TARGET static void KERNEL(operation)(double *restrict a, double *restrict b, double *restrict c,  \
                                                double scalar, size_t elements)                              \
    {                                                                                                        \
        const size_t part = elements / SUBSTREAMS;                                                           \
        const VECTOR factor = BROADCAST(scalar);                                                             \
        (void)a, (void)b, (void)c, (void)factor;                                                             \
        for (size_t i = 0; i < part; i += STREAM_LINE_ELEMENTS) {                                            \
            VECTOR line[SUBSTREAMS][STREAM_LINE_ELEMENTS / LANES];                                           \
            EACH_SUBSTREAM                                                                                   \
            {                                                                                                \
                prefetches;                                                                                  \
            }                                                                                                \
            EACH_SUBSTREAM                                                                                   \
            EACH_VECTOR line[substream][v] = value;                                                          \
            EACH_SUBSTREAM                                                                                   \
            EACH_VECTOR STORE((destination) + at, line[substream][v]);                                       \
        }                                                                                                    \
        FENCE();                                                                                             \
    }

#define AHEAD(array) PREFETCH((array) + base + PREFETCH_AHEAD_ELEMENTS)

DEFINE_KERNEL(copy, c, LOAD(a + at), AHEAD(a))
DEFINE_KERNEL(scale, b, MULTIPLY(factor, LOAD(c + at)), AHEAD(c))
DEFINE_KERNEL(add, c, ADD(LOAD(a + at), LOAD(b + at)), AHEAD(a); AHEAD(b))
DEFINE_KERNEL(triad, a, MULTIPLY_ADD(factor, LOAD(c + at), LOAD(b + at)), AHEAD(b); AHEAD(c))

#undef AHEAD
#undef DEFINE_KERNEL
#undef EACH_VECTOR
#undef EACH_SUBSTREAM
#undef PREFETCH_AHEAD_ELEMENTS
#undef KERNEL
#undef KERNEL_TARGET
#undef VECTOR
#undef LANES
#undef SUBSTREAMS
#undef LOAD
#undef STORE
#undef FENCE
#undef BROADCAST
#undef ADD
#undef MULTIPLY
#undef MULTIPLY_ADD
#undef PREFETCH
