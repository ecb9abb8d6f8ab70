/*
 * One arithmetic kernel (arithmetic_kernels.h) over one vector type. The including file defines
 *   KERNEL(name)           name of the function           KERNEL_TARGET   its target attribute, or nothing
 *   VECTOR, SCALAR, LANES  type, type of a lane, and lanes in it
 *   CHAINS                 registers that don't wait for one another, at least latency times units of any CPU
 *                          that has the instruction set; even
 *   COUNTED                operations that a step counts for each lane
 *   BROADCAST(x)           x in each lane                 STORE(p, v)     to any address
 *   KEEP(v)                makes the compiler believe that v, in its register, is changed and read
 *   ADD_ONE(v, one)        v + 1, for a fused kernel as v * 1 + 1
 *   TURN(v, minus_one)     v * -1 in every other register, where the two operations are not fused; where they
 *                          are, or there is one alone, it is not defined
 * and includes this file once. All are undefined again at its end. Registers begin at 1.
 */

#define EACH_CHAIN _Pragma("GCC unroll 32") for (size_t i = 0; i < CHAINS; i++)
#ifdef TURN
#define STEP(v) (i % 2 ? TURN(v, minus_one) : ADD_ONE(v, one))
#define TURNS(i) ((i) % 2)
#else
#define STEP(v) ADD_ONE(v, one)
#define TURNS(i) false
#endif

KERNEL_TARGET static bool KERNEL(run)(size_t steps)
{
    const VECTOR one = BROADCAST(1);
#ifdef TURN
    const VECTOR minus_one = BROADCAST(-1);
#endif
    VECTOR chain[CHAINS];
    EACH_CHAIN chain[i] = one;
    for (size_t step = 0; step < steps; step++) {
        EACH_CHAIN
        {
            chain[i] = STEP(chain[i]);
            KEEP(chain[i]);
        }
    }
    bool right = true;
    EACH_CHAIN
    {
        SCALAR values[LANES];
        SCALAR end = TURNS(i) ? 1 : (SCALAR)(steps + 1);
        STORE(values, chain[i]);
        for (size_t lane = 0; lane < LANES; lane++)
            right = right && values[lane] == end;
    }
    return right;
}

static size_t KERNEL(operations)(void)
{
    return (size_t)CHAINS * LANES * COUNTED;
}

#undef EACH_CHAIN
#undef STEP
#undef TURNS
#undef KERNEL
#undef VECTOR
#undef SCALAR
#undef LANES
#undef COUNTED
#undef BROADCAST
#undef STORE
#undef ADD_ONE
#undef TURN
