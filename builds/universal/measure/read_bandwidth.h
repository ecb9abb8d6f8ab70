/* One thread reading memory, as something to sample: GB/s. */
#ifndef MEASURE_READ_BANDWIDTH_H
#define MEASURE_READ_BANDWIDTH_H

#include "kernels/read_kernels.h"
#include "measure/sampling.h"

#include <stdbool.h>
#include <stddef.h>

struct read_bandwidth {
    read_kernel *kernel;
    const char *memory;
    size_t bytes;  /* whole blocks of READ_BLOCK_BYTES */
    bool in_cache; /* it is read again and again; else piece after piece, so that each is long out of the
                      caches */
    size_t offset; /* of the next piece */
    size_t passes; /* for a sample of about a millisecond; 0: not found out yet */
};

/* Reads memory over and over until the caches have taken it in: 64 times, or for 10 ms, at least 4 times.
 * Walking through a pointer chase would not do. A shared third-level cache (seen on Zen 5) keeps refusing
 * lines that it saw come back too late, and so never fills from random steps; and what neighbours drive out
 * does not come back either. */
void read_into_caches(read_kernel *kernel, const void *memory, size_t bytes);

/* For struct probe: the context is a struct read_bandwidth. */
int read_bandwidth_measure(void *context, struct burst *burst, struct err *err);

/* Holds the kernel's sum to that of a plain loop over the same memory (at most its first 16 MiB). */
bool read_bandwidth_sum_is_right(const struct read_bandwidth *read);

#endif
