/* Threads that read, write or copy memory, as something to sample: GB/s. A copy counts what is read and what
 * is written, as STREAM does (McCalpin, Memory Bandwidth and Machine Balance, 1995). */
#ifndef MEASURE_TRANSFER_H
#define MEASURE_TRANSFER_H

#include "kernels/memory_kernels.h"
#include "measure/sampling.h"
#include "measure/stopwatch.h"
#include "measure/team.h"

#include <stdbool.h>
#include <stddef.h>

struct transfer {
    memory_kernel *kernel;
    memory_kernel *reader; /* takes the memory into the caches first; NULL: memory itself is meant, and one
                              thread takes it piece after piece, so that each is long out of the caches */
    char *memory;
    size_t bytes;      /* of one thread, whole blocks of MEMORY_BLOCK_BYTES */
    struct team *team; /* member i has the bytes from memory + i * bytes on; NULL: the caller alone */
    size_t offset;     /* of the next piece */
    size_t passes;     /* for a sample of about a millisecond; 0: not found out yet */
};

/* Reads memory over and over until the caches have taken it in: 64 times, or for so many nanoseconds, at
 * least `passes_min` times. Walking through a pointer chase would not do. A shared third-level cache (seen on
 * Zen 5) keeps refusing lines that it saw come back too late, and so never fills from random steps; and what
 * neighbours drive out does not come back either. */
void read_into_caches(memory_kernel *reader, char *memory, size_t bytes, unsigned passes_min,
                      int64_t nanoseconds);

/* For a sample of its own: four times at least, 10 ms at most. */
#define WARM_FOR_SAMPLE 4, NANOSECONDS / 100

/* For struct probe: the context is a struct transfer. */
int transfer_measure(void *context, struct burst *burst, struct err *err);

/* Words that differ from one to the next. Also the first touch of memory that has none yet. */
void transfer_fill(char *memory, size_t bytes);

/* Holds a kernel to what a plain loop finds, over at most the first 16 MiB: sums must be equal, written and
 * copied words what they should be. Only a read kernel leaves the memory as it is. */
bool transfer_is_right(enum memory_operation operation, memory_kernel *kernel, char *memory, size_t bytes);

#endif
