#include "measure/read_bandwidth.h"

#include "measure/stopwatch.h"

#define SAMPLE_SECONDS 1e-3
#define PIECE_BYTES ((size_t)64 << 20)

#define WARM_PASSES 64
#define WARM_PASSES_MIN 4
#define WARM_TIME (NANOSECONDS / 100)

#define CHECKED_BYTES ((size_t)16 << 20)
#define CHECKED_PASSES 3

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

void read_into_caches(read_kernel *kernel, const void *memory, size_t bytes)
{
    int64_t end = stopwatch_now() + WARM_TIME;
    for (unsigned pass = 0; pass < WARM_PASSES && (pass < WARM_PASSES_MIN || stopwatch_now() < end); pass++) {
        uint64_t sum = kernel(memory, bytes, 1);
        __asm__ volatile("" : : "r"(sum));
    }
}

/* The next piece; where the rest would be shorter than one, it starts over. */
static const char *next_piece(struct read_bandwidth *read, size_t *bytes)
{
    *bytes = read->in_cache ? read->bytes : smaller(read->bytes, PIECE_BYTES);
    if (read->bytes - read->offset < *bytes)
        read->offset = 0;
    const char *piece = read->memory + read->offset;
    read->offset += *bytes;
    return piece;
}

static int time_read(struct read_bandwidth *read, size_t passes, double *seconds, size_t *bytes,
                     struct err *err)
{
    const char *piece = next_piece(read, bytes);
    int64_t start = stopwatch_now();
    uint64_t sum = read->kernel(piece, *bytes, passes);
    __asm__ volatile("" : : "r"(sum));
    return stopwatch_seconds(start, stopwatch_now(), seconds, err);
}

static int find_passes(struct read_bandwidth *read, struct err *err)
{
    read->passes = 1;
    double seconds = 0;
    while (read->in_cache && seconds < SAMPLE_SECONDS) {
        size_t bytes;
        if (time_read(read, read->passes, &seconds, &bytes, err) < 0)
            return -1;
        read->passes *= 2;
    }
    return 0;
}

int read_bandwidth_measure(void *context, struct burst *burst, struct err *err)
{
    struct read_bandwidth *read = context;
    if (read->in_cache)
        read_into_caches(read->kernel, read->memory, read->bytes);
    if (read->passes == 0 && find_passes(read, err) < 0)
        return -1;
    while (burst_wants_more(burst)) {
        double seconds;
        size_t bytes;
        if (time_read(read, read->passes, &seconds, &bytes, err) < 0)
            return -1;
        burst_add(burst, (double)bytes * (double)read->passes / seconds / 1e9);
    }
    return 0;
}

bool read_bandwidth_sum_is_right(const struct read_bandwidth *read)
{
    size_t bytes = smaller(read->bytes, CHECKED_BYTES);
    const uint64_t *words = (const void *)read->memory;
    uint64_t sum = 0;
    for (size_t i = 0; i < bytes / sizeof *words; i++)
        sum += words[i];
    return read->kernel(read->memory, bytes, CHECKED_PASSES) == CHECKED_PASSES * sum;
}
