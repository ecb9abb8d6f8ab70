/*
 * The kernels of gemm_kernels.h over one vector type. The including file defines
 *   KERNEL(name)             name of the function         KERNEL_TARGET   its target attribute, or nothing
 *   VECTOR, LANES            type and doubles in it       VECTORS         vectors in a column of the tile
 *   COLUMNS                  columns of the tile
 *   LOAD(p)                  of an aligned vector         LOAD_ANY(p), STORE_ANY(p, v)   of any address
 *   ZERO(), BROADCAST(p)     nothing, and *p in each lane
 *   MULTIPLY_ADD(x, y, z)    x * y + z                    SUBTRACT(x, y)  x - y
 *   MULTIPLY_SUBTRACT(x, y, z), MULTIPLY_SUBTRACT_ONE(x, y, z)   z - x * y, of vectors and of doubles
 *   MAGNITUDE(x)             of each lane                 LARGER(x, y)    of each lane; y where x is no
 * number PREFETCH(p)              asks for the line at p and includes this file once. All are undefined again
 * at its end.
 */

#define TILE_ROWS (VECTORS * LANES)
#define AHEAD_STEPS 10 /* of the packed strip of A: it streams from the second-level cache */
#define LINE_DOUBLES 8

#define EACH_VECTOR _Pragma("GCC unroll 8") for (size_t v = 0; v < VECTORS; v++)
#define EACH_COLUMN _Pragma("GCC unroll 16") for (size_t j = 0; j < COLUMNS; j++)

static size_t KERNEL(rows)(void)
{
    return TILE_ROWS;
}

KERNEL_TARGET static void KERNEL(tile)(size_t depth, const double *restrict a, const double *restrict b,
                                       double *restrict c, size_t stride, const double *ahead)
{
    VECTOR sum[COLUMNS][VECTORS];
    EACH_COLUMN
    {
        for (size_t i = 0; i < TILE_ROWS; i += LINE_DOUBLES)
            PREFETCH(c + j * stride + i);
        PREFETCH(c + j * stride + TILE_ROWS - 1);
        EACH_VECTOR sum[j][v] = ZERO();
    }
    for (size_t k = 0; k < depth; k++) {
        VECTOR left[VECTORS];
        EACH_VECTOR left[v] = LOAD(a + v * LANES);
        for (size_t i = 0; i < TILE_ROWS; i += LINE_DOUBLES)
            PREFETCH(a + AHEAD_STEPS * TILE_ROWS + i);
        PREFETCH_FAR(ahead);
        ahead += COLUMNS;
        EACH_COLUMN
        {
            VECTOR right = BROADCAST(b + j);
            EACH_VECTOR sum[j][v] = MULTIPLY_ADD(left[v], right, sum[j][v]);
        }
        a += TILE_ROWS;
        b += COLUMNS;
    }
    EACH_COLUMN
    EACH_VECTOR
    {
        double *at = c + j * stride + v * LANES;
        STORE_ANY(at, SUBTRACT(LOAD_ANY(at), sum[j][v]));
    }
}

KERNEL_TARGET static void KERNEL(axpy)(size_t count, double factor, const double *restrict x,
                                       double *restrict y)
{
    VECTOR factors = BROADCAST(&factor);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        STORE_ANY(y + i, MULTIPLY_SUBTRACT(factors, LOAD_ANY(x + i), LOAD_ANY(y + i)));
    for (; i < count; i++)
        y[i] = MULTIPLY_SUBTRACT_ONE(factor, x[i], y[i]);
}

/* Independent maxima, since each waits for the one before it. */
#define MAXIMA 4
#define EACH_MAXIMUM _Pragma("GCC unroll 4") for (size_t j = 0; j < MAXIMA; j++)

KERNEL_TARGET static double KERNEL(largest_size)(size_t count, const double *x)
{
    const double none = -1;
    VECTOR most[MAXIMA];
    EACH_MAXIMUM most[j] = BROADCAST(&none);
    size_t i = 0;
    for (; i + MAXIMA * LANES <= count; i += MAXIMA * LANES)
        EACH_MAXIMUM most[j] = LARGER(MAGNITUDE(LOAD_ANY(x + i + j * LANES)), most[j]);
    double size = none;
    double lanes[MAXIMA * LANES];
    EACH_MAXIMUM STORE_ANY(lanes + j * LANES, most[j]);
    for (size_t lane = 0; lane < MAXIMA * LANES; lane++)
        size = lanes[lane] > size ? lanes[lane] : size;
    for (; i < count; i++)
        size = __builtin_fabs(x[i]) > size ? __builtin_fabs(x[i]) : size;
    return size;
}

static size_t KERNEL(largest)(size_t count, const double *x)
{
    double size = KERNEL(largest_size)(count, x);
    size_t first = 0;
    while (first < count && __builtin_fabs(x[first]) != size)
        first++;
    return first;
}

#undef MAXIMA
#undef EACH_MAXIMUM
#undef TILE_ROWS
#undef AHEAD_STEPS
#undef LINE_DOUBLES
#undef EACH_VECTOR
#undef EACH_COLUMN
#undef KERNEL
#undef KERNEL_TARGET
#undef VECTOR
#undef LANES
#undef VECTORS
#undef COLUMNS
#undef LOAD
#undef LOAD_ANY
#undef STORE_ANY
#undef ZERO
#undef BROADCAST
#undef MULTIPLY_ADD
#undef SUBTRACT
#undef MULTIPLY_SUBTRACT
#undef MULTIPLY_SUBTRACT_ONE
#undef MAGNITUDE
#undef LARGER
#undef PREFETCH
#undef PREFETCH_FAR
