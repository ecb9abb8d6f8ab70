/* The port layer: memory, time, output and threads for CoreMark, as its run rules let a port provide them. */
#include "coremark.h"

#include "coremark/run.h"
#include "measure/stopwatch.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <time.h>

_Static_assert(MULTITHREAD == COREMARK_CONTEXTS_MAX, "as many contexts as may be ordered");

const char coremark_flags[] = COMPILER_FLAGS;

#define TICK 1 /* s between two looks at threads that run */

/* A time that no run takes: it ends CoreMark's own loops, and the run is refused. */
#define ENDLESS 1e9

/* CoreMark's interface is global variables and functions without a context: what they share is here. */
static struct {
    const struct coremark_order *order;
    struct strbuf *log;
    struct err *err;
    bool failed;
    size_t started; /* contexts */
    int64_t start, stop;
} run;

ee_u32 default_num_contexts;
volatile ee_s32 seed1_volatile, seed2_volatile, seed3_volatile, seed4_volatile, seed5_volatile;

int coremark_main(void); /* CoreMark's main, under a name that leaves ours alone */

static void fail(const char *what)
{
    if (!run.failed)
        err_set(run.err, ERR_INTERNAL, "CoreMark: %s", what);
    run.failed = true;
}

void portable_init(core_portable *port, int *argc, char *argv[])
{
    (void)argc;
    (void)argv;
    port->portable_id = 1;
}

void portable_fini(core_portable *port)
{
    port->portable_id = 0;
}

void *portable_malloc(ee_size_t size)
{
    void *memory = malloc(size);
    if (!memory)
        abort(); /* 2000 bytes: CoreMark does not look at what it is given */
    return memory;
}

void portable_free(void *memory)
{
    free(memory);
}

int ee_printf(const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    strbuf_adds(run.log, text);
    return length;
}

void start_time(void)
{
    run.start = stopwatch_now();
}

void stop_time(void)
{
    run.stop = stopwatch_now();
}

CORE_TICKS get_time(void)
{
    return (CORE_TICKS)(run.stop - run.start);
}

secs_ret time_in_secs(CORE_TICKS ticks)
{
    double seconds;
    if (stopwatch_seconds(0, (int64_t)ticks, &seconds, run.failed ? NULL : run.err) == 0)
        return seconds;
    run.failed = true;
    return ENDLESS;
}

static int pin(pthread_attr_t *attributes, uint16_t cpu)
{
    size_t size = CPU_ALLOC_SIZE(cpu + 1U);
    cpu_set_t *mask = CPU_ALLOC(cpu + 1U);
    if (!mask)
        return -1;
    CPU_ZERO_S(size, mask);
    CPU_SET_S(cpu, size, mask);
    int failed = pthread_attr_setaffinity_np(attributes, size, mask);
    CPU_FREE(mask);
    return failed ? -1 : 0;
}

/* portable_id is 2 in a context that has a thread. */
ee_u8 core_start_parallel(core_results *res)
{
    pthread_attr_t attributes;
    res->port.portable_id = 0;
    if (pthread_attr_init(&attributes) != 0) {
        fail("a thread can't be prepared");
        return 1;
    }
    if (pin(&attributes, run.order->cpus[run.started++]) < 0 ||
        pthread_create(&res->port.thread, &attributes, iterate, res) != 0)
        fail("a thread can't be started on its CPU");
    else
        res->port.portable_id = 2;
    pthread_attr_destroy(&attributes);
    return res->port.portable_id == 2 ? 0 : 1;
}

/* Nobody may think that we have gone silent while the threads run. */
ee_u8 core_stop_parallel(core_results *res)
{
    if (res->port.portable_id != 2)
        return 1;
    int failed;
    do {
        struct timespec until;
        progress_tick(run.order->progress);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += TICK;
        failed = pthread_timedjoin_np(res->port.thread, NULL, &until);
    } while (failed == ETIMEDOUT);
    return failed ? 1 : 0;
}

int coremark_run(const struct coremark_order *order, struct strbuf *log, struct err *err)
{
    run.order = order;
    run.log = log;
    run.err = err;
    run.failed = false;
    run.started = 0;
    bool performance = order->seeds == COREMARK_PERFORMANCE;
    seed1_volatile = performance ? 0 : 0x3415;
    seed2_volatile = performance ? 0 : 0x3415;
    seed3_volatile = 0x66;
    seed4_volatile = (ee_s32)order->iterations;
    seed5_volatile = 0;
    default_num_contexts = (ee_u32)order->contexts;
    coremark_main();
    if (run.failed)
        return -1;
    return strbuf_ok(log, "CoreMark's output", err);
}
