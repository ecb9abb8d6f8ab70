#include "measure/transfer.h"

#include "measure/team_timing.h"

#define SAMPLE_SECONDS 1e-3
#define PIECE_BYTES ((size_t)64 << 20)

#define WARM_PASSES 64

#define CHECKED_BYTES ((size_t)16 << 20)
#define CHECKED_PASSES 3

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Runs a kernel whose sum nobody wants; the compiler must not know that. */
static void run_kernel(memory_kernel *kernel, char *memory, size_t bytes, size_t passes)
{
    uint64_t sum = kernel(memory, bytes, passes);
    __asm__ volatile("" : : "r"(sum));
}

void read_into_caches(memory_kernel *reader, char *memory, size_t bytes, unsigned passes_min,
                      int64_t nanoseconds)
{
    int64_t end = stopwatch_now() + nanoseconds;
    for (unsigned pass = 0; pass < WARM_PASSES && (pass < passes_min || stopwatch_now() < end); pass++)
        run_kernel(reader, memory, bytes, 1);
}

/* --- one thread ----------------------------------------------------------------------------------------- */

/* The next piece; where the rest would be shorter than one, it starts over. */
static char *next_piece(struct transfer *transfer, size_t *bytes)
{
    *bytes = transfer->reader ? transfer->bytes : smaller(transfer->bytes, PIECE_BYTES);
    if (transfer->bytes - transfer->offset < *bytes)
        transfer->offset = 0;
    char *piece = transfer->memory + transfer->offset;
    transfer->offset += *bytes;
    return piece;
}

static int time_alone(struct transfer *transfer, size_t passes, double *seconds, size_t *bytes,
                      struct err *err)
{
    char *piece = next_piece(transfer, bytes);
    int64_t start = stopwatch_now();
    run_kernel(transfer->kernel, piece, *bytes, passes);
    return stopwatch_seconds(start, stopwatch_now(), seconds, err);
}

static int find_passes(struct transfer *transfer, struct err *err)
{
    size_t passes = 1;
    double seconds = 0;
    while (transfer->reader && seconds < SAMPLE_SECONDS) {
        size_t bytes;
        if (time_alone(transfer, passes, &seconds, &bytes, err) < 0)
            return -1;
        passes *= 2;
    }
    transfer->passes = passes;
    return 0;
}

static int measure_alone(struct transfer *transfer, struct burst *burst, struct err *err)
{
    while (burst_wants_more(burst)) {
        double seconds;
        size_t bytes;
        if (time_alone(transfer, transfer->passes, &seconds, &bytes, err) < 0)
            return -1;
        burst_add(burst, (double)bytes * (double)transfer->passes / seconds / 1e9);
    }
    return 0;
}

/* --- a team --------------------------------------------------------------------------------------------- */

static void warm_member(void *context, size_t member)
{
    const struct transfer *transfer = context;
    read_into_caches(transfer->reader, transfer->memory + member * transfer->bytes, transfer->bytes,
                     WARM_FOR_SAMPLE);
}

static void move_member(void *context, size_t member)
{
    const struct transfer *transfer = context;
    run_kernel(transfer->kernel, transfer->memory + member * transfer->bytes, transfer->bytes,
               transfer->passes);
}

static int measure_team(struct transfer *transfer, struct burst *burst, struct err *err)
{
    double bytes = (double)transfer->bytes * (double)transfer->passes * (double)team_size(transfer->team);
    return team_burst(transfer->team, move_member, transfer, bytes / 1e9, burst, err);
}

int transfer_measure(void *context, struct burst *burst, struct err *err)
{
    struct transfer *transfer = context;
    if (transfer->reader && transfer->team)
        team_run(transfer->team, warm_member, transfer);
    else if (transfer->reader)
        read_into_caches(transfer->reader, transfer->memory, transfer->bytes, WARM_FOR_SAMPLE);
    if (transfer->passes == 0 && find_passes(transfer, err) < 0)
        return -1;
    return transfer->team ? measure_team(transfer, burst, err) : measure_alone(transfer, burst, err);
}

/* --- checks --------------------------------------------------------------------------------------------- */

/* The fractional part of the golden ratio times 2^64: its multiples are spread evenly and all differ. */
static uint64_t word_of(size_t index)
{
    return (index + 1) * UINT64_C(0x9E3779B97F4A7C15);
}

void transfer_fill(char *memory, size_t bytes)
{
    uint64_t *words = (void *)memory;
    for (size_t i = 0; i < bytes / sizeof *words; i++)
        words[i] = word_of(i);
}

static bool sum_is_right(memory_kernel *kernel, uint64_t *words, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += words[i];
    return kernel(words, count * sizeof *words, CHECKED_PASSES) == CHECKED_PASSES * sum;
}

static bool writes_are_right(memory_kernel *kernel, uint64_t *words, size_t count)
{
    bool right = true;
    kernel(words, count * sizeof *words, 1);
    for (size_t i = 0; i < count; i++)
        right = right && words[i] == MEMORY_WRITTEN_WORD;
    return right;
}

static bool copies_are_right(memory_kernel *kernel, uint64_t *words, size_t count)
{
    bool right = true;
    kernel(words, count * sizeof *words, 1);
    for (size_t i = 0; i < count; i++)
        right = right && words[i] == word_of(i % (count / 2));
    return right;
}

bool transfer_is_right(enum memory_operation operation, memory_kernel *kernel, char *memory, size_t bytes)
{
    uint64_t *words = (void *)memory;
    size_t count = smaller(bytes, CHECKED_BYTES) / sizeof *words;
    if (operation == MEMORY_READ)
        return sum_is_right(kernel, words, count);
    transfer_fill(memory, count * sizeof *words);
    return operation == MEMORY_WRITE ? writes_are_right(kernel, words, count)
                                     : copies_are_right(kernel, words, count);
}
