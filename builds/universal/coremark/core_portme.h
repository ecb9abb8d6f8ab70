/*
 * The port layer's header, which EEMBC's coremark.h includes. Names and meaning of everything here are given
 * by CoreMark's port interface; its run rules allow a port to choose these values and nothing else.
 */
#ifndef CORE_PORTME_H
#define CORE_PORTME_H

#include <stddef.h>
#include <stdint.h>

#include <pthread.h>

#define HAS_FLOAT 1
#define HAS_TIME_H 1
#define USE_CLOCK 0
#define HAS_STDIO 0
#define HAS_PRINTF 0 /* what it says is kept: stdout is the document's */
#define MAIN_HAS_NOARGC 1
#define MAIN_HAS_NORETURN 0
#define SEED_METHOD SEED_VOLATILE
#define MEM_METHOD MEM_MALLOC
#define MEM_LOCATION "Heap"

/* As many contexts as there may be; how many run is default_num_contexts. */
#define MULTITHREAD 1024
#define PARALLEL_METHOD "PThreads"

#define COMPILER_VERSION "GCC" __VERSION__
#ifndef COMPILER_FLAGS
#error "the build gives the flags that it compiles with"
#endif

typedef int16_t ee_s16;
typedef uint16_t ee_u16;
typedef int32_t ee_s32;
typedef uint32_t ee_u32;
typedef uint8_t ee_u8;
typedef float ee_f16;
typedef double ee_f32;
typedef uintptr_t ee_ptr_int;
typedef size_t ee_size_t;

#define align_mem(x) (void *)(4 + (((ee_ptr_int)(x)-1) & ~(ee_ptr_int)3))

typedef uint64_t CORE_TICKS; /* nanoseconds */

typedef struct CORE_PORTABLE_S {
    ee_u8 portable_id;
    pthread_t thread;
} core_portable;

extern ee_u32 default_num_contexts;

void portable_init(core_portable *port, int *argc, char *argv[]);
void portable_fini(core_portable *port);
int ee_printf(const char *format, ...);

#endif
