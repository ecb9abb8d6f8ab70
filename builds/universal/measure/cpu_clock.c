#include "measure/cpu_clock.h"

#include "measure/stopwatch.h"

#include <stdint.h>

#define RUNS 5
#define CYCLES_PER_RUN 1000000
#define WARM_UP (NANOSECONDS / 50)
#define WARM_UP_RUNS_MAX                                                                                     \
    200 /* as many as that takes at 10 GHz: a clock that stands is found out, not waited for */

/*
 * x86: imul takes 3 cycles on every Intel core since Nehalem and every AMD core since Zen. An addition would
 * not do: some cores take two of a chain in one cycle.
 * arm64: the latency of a multiplication differs from core to core (2 to 5), that of an exclusive or of two
 * registers is one cycle on all of them.
 */
#if defined(__x86_64__)
#define CYCLES_PER_STEP 3
#define STEP "imul %0, %0\n\t"
#define OPERANDS(value) : "+r"(value)
#elif defined(__aarch64__)
#define CYCLES_PER_STEP 1
#define STEP "eor %0, %0, %1\n\t"
#define OPERANDS(value) : "+r"(value) : "r"(UINT64_C(0x5555555555555555))
#endif

#define STEPS_PER_TURN 16
#define TURNS (CYCLES_PER_RUN / (CYCLES_PER_STEP * STEPS_PER_TURN))
#define FOUR_STEPS STEP STEP STEP STEP

static void run_chain(void)
{
    uint64_t value = 3;
    for (size_t turn = 0; turn < TURNS; turn++)
        __asm__ volatile(FOUR_STEPS FOUR_STEPS FOUR_STEPS FOUR_STEPS OPERANDS(value));
}

int cpu_clock_measure(double *ghz, struct err *err)
{
    const int cycles = TURNS * STEPS_PER_TURN * CYCLES_PER_STEP;
    double fastest = 0;
    for (int run = 0; run < RUNS; run++) {
        double seconds;
        int64_t start = stopwatch_now();
        run_chain();
        if (stopwatch_seconds(start, stopwatch_now(), &seconds, err) < 0)
            return -1;
        double now = cycles / seconds / 1e9;
        fastest = now > fastest ? now : fastest;
    }
    *ghz = fastest;
    return 0;
}

int cpu_clock_measure_warm(double *ghz, struct err *err)
{
    int64_t end = stopwatch_now() + WARM_UP;
    for (int run = 0; run < WARM_UP_RUNS_MAX && stopwatch_now() < end; run++)
        run_chain();
    return cpu_clock_measure(ghz, err);
}
