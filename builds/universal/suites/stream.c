/*
 * STREAM after McCalpin (https://www.cs.virginia.edu/stream/): four operations over three arrays, each thread
 * on a slice of its own that it touched first, bytes counted as he counts them (16 for copy and scale, 24 for
 * add and triad, an element), a pass timed from the first thread's start to the last one's end. The arrays
 * are walked three ways: with the best kernels by all hardware threads and by one to a core, and with plain
 * loops.
 */
#include "suites/suite.h"

#include "kernels/stream_kernels.h"
#include "measure/sampling.h"
#include "measure/stopwatch.h"
#include "measure/team.h"
#include "measure/team_timing.h"
#include "suites/stream_model.h"
#include "topology/packages.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Each array is four times all last-level caches together, as McCalpin's run rules want. */
#define CACHES_PER_ARRAY 4
#define ARRAY_BYTES_MIN ((uint64_t)64 << 20)
/* Where the caches hide: larger than those of any instance type but the very largest. */
#define CACHES_ASSUMED ((uint64_t)256 << 20)

/* Less than this for a thread is no stream. */
#define SLICE_ELEMENTS_MIN ((size_t)16 * STREAM_BLOCK_ELEMENTS)
#define HUGE_PAGE_ELEMENTS (HUGE_PAGE_BYTES / sizeof(double))

/* Of the time allowed, what filling the arrays may take at most. */
#define FILLING_SHARE 0.35
/* Rounds that there must be time for, else the arrays are cut. */
#define ROUNDS_WANTED 6

/* Three ways through the same arrays. */
enum way {
    WAY_BEST,      /* the best kernels, all hardware threads */
    WAY_CORES,     /* the best kernels, one thread to a core, which takes the slices of all its threads */
    WAY_REFERENCE, /* plain loops, all hardware threads */
    WAYS
};

struct operation_row {
    const char *metric[WAYS];
    unsigned bytes_per_element;
};

static const struct operation_row operations[STREAM_OPERATIONS] = {
    [STREAM_COPY] = {{"copy.bandwidth", "copy.bandwidth_one_thread_per_core", "copy.bandwidth_reference"},
                     16},
    [STREAM_SCALE] = {{"scale.bandwidth", "scale.bandwidth_one_thread_per_core", "scale.bandwidth_reference"},
                      16},
    [STREAM_ADD] = {{"add.bandwidth", "add.bandwidth_one_thread_per_core", "add.bandwidth_reference"}, 24},
    [STREAM_TRIAD] = {{"triad.bandwidth", "triad.bandwidth_one_thread_per_core", "triad.bandwidth_reference"},
                      24},
};

#define STREAM_PROBES (WAYS * STREAM_OPERATIONS)
_Static_assert(STREAM_PROBES <= PROBES_MAX, "the sampler takes all probes");

struct stream {
    struct suite_run *run;
    const struct stream_kernels *kernels;
    struct core_groups groups; /* member i runs on groups.cpus[i] */
    struct team *team;
    struct team *core_team; /* one member a core; NULL where that would be the same team */
    size_t threads;
    size_t slice;    /* elements from one thread's first to the next one's */
    size_t elements; /* of its slice that each thread works on */
    struct memory_region regions[STREAM_ARRAYS];
    struct stream_model model;
    double filling_seconds;
    size_t *filled;        /* by each thread */
    double *largest_error; /* found by each thread */
};

static double *slice_of(const struct stream *stream, enum stream_array array, size_t member)
{
    return (double *)(void *)stream->regions[array].base + member * stream->slice;
}

/* --- set-up ------------------------------------------------------------------------------------------------
 */

static struct optional_u64 all_last_level_caches(const struct machine *machine)
{
    const struct cache *last = caches_last(&machine->caches);
    return last ? known_u64(last->size_bytes * last->instances) : (struct optional_u64){0};
}

/* A huge page more for each thread, since slices are cut a little (odd_blocks). */
static uint64_t array_bytes_wanted(const struct machine *machine, size_t threads)
{
    struct optional_u64 caches = all_last_level_caches(machine);
    uint64_t wanted = CACHES_PER_ARRAY * (caches.known ? caches.value : CACHES_ASSUMED);
    return (wanted > ARRAY_BYTES_MIN ? wanted : ARRAY_BYTES_MIN) + threads * HUGE_PAGE_BYTES;
}

/* Slices end at huge pages where they have many, so that no page belongs to two threads. */
static size_t slice_for(uint64_t array_bytes, size_t threads)
{
    size_t slice = array_bytes / sizeof(double) / threads;
    size_t unit = slice >= 8 * HUGE_PAGE_ELEMENTS ? HUGE_PAGE_ELEMENTS : STREAM_BLOCK_ELEMENTS;
    return slice / unit * unit;
}

static int choose_size(struct stream *stream, struct err *err)
{
    const struct suite_run *run = stream->run;
    uint64_t affordable = run->budget.limit / STREAM_ARRAYS;
    if (affordable >= HUGE_PAGE_BYTES)
        affordable = affordable / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES; /* or rounding up would pass the limit */
    uint64_t wanted = array_bytes_wanted(run->machine, stream->threads);
    stream->slice = slice_for(wanted < affordable ? wanted : affordable, stream->threads);
    if (stream->slice < SLICE_ELEMENTS_MIN)
        return err_set(err, ERR_UNSUPPORTED,
                       "%zu bytes of memory are needed for %zu threads, and %" PRIu64 " may be used",
                       SLICE_ELEMENTS_MIN * STREAM_ARRAYS * sizeof(double) * stream->threads, stream->threads,
                       run->budget.limit);
    return 0;
}

static int map_arrays(struct stream *stream, struct err *err)
{
    size_t bytes = stream->slice * stream->threads * sizeof(double);
    for (enum stream_array array = STREAM_A; array < STREAM_ARRAYS; array++)
        if (memory_map(&stream->run->budget, bytes, &stream->regions[array], err) < 0)
            return -1;
    return 0;
}

/* Fills this member's slices block by block until they are full or the time is up. */
static void fill_member(void *context, size_t member)
{
    struct stream *stream = context;
    struct pace pace = {member == 0 ? &stream->run->progress : NULL,
                        suite_deadline(stream->run, FILLING_SHARE)};
    size_t block = HUGE_PAGE_ELEMENTS;
    size_t at = 0;
    while (at < stream->slice && (at == 0 || pace_allows(&pace))) {
        size_t end = at + block < stream->slice ? at + block : stream->slice;
        for (enum stream_array array = STREAM_A; array < STREAM_ARRAYS; array++) {
            double *values = slice_of(stream, array, member);
            for (size_t i = at; i < end; i++)
                values[i] = stream_initial(array, member * stream->slice + i);
        }
        at = end;
    }
    stream->filled[member] = at;
}

static void fill(struct stream *stream)
{
    progress_phase(&stream->run->progress, "filling %zu bytes",
                   STREAM_ARRAYS * stream->slice * stream->threads * sizeof(double));
    int64_t start = stopwatch_now();
    team_run(stream->team, fill_member, stream);
    stream->filling_seconds = (double)(stopwatch_now() - start) / NANOSECONDS;
    stream->elements = stream->slice;
    for (size_t member = 0; member < stream->threads; member++)
        if (stream->filled[member] < stream->elements)
            stream->elements = stream->filled[member];
    stream->model = stream_model_start();
}

/* --- measuring ---------------------------------------------------------------------------------------------
 */

struct operation_run {
    struct stream *stream;
    enum stream_operation operation;
    enum way way;
};

/* A member's part is its slice, or those of all threads of its core. */
static void pass_member(void *context, size_t member)
{
    const struct operation_run *run = context;
    const struct stream *stream = run->stream;
    const struct stream_kernels *kernels = run->way == WAY_REFERENCE ? &stream_reference : stream->kernels;
    bool by_core = run->way == WAY_CORES;
    size_t first = by_core ? stream->groups.first[member] : member;
    size_t end = by_core ? stream->groups.first[member + 1] : member + 1;
    for (size_t slice = first; slice < end; slice++)
        kernels->run[run->operation](slice_of(stream, STREAM_A, slice), slice_of(stream, STREAM_B, slice),
                                     slice_of(stream, STREAM_C, slice), STREAM_SCALAR, stream->elements);
}

static struct team *team_of(const struct operation_run *run)
{
    return run->way == WAY_CORES ? run->stream->core_team : run->stream->team;
}

/* No operation reads what it writes: the passes of a burst count as one. */
static int measure_operation(void *context, struct burst *burst, struct err *err)
{
    struct operation_run *run = context;
    struct stream *stream = run->stream;
    double gigabytes = (double)stream->elements * (double)stream->threads *
                       operations[run->operation].bytes_per_element / 1e9;
    stream_model_apply(&stream->model, run->operation);
    return team_burst(team_of(run), pass_member, run, gigabytes, burst, err);
}

/* Checking computes what filling computed, mixes it, and compares: it is given 2.5 times as long. */
static double checking_seconds(const struct stream *stream)
{
    return 2.5 * stream->filling_seconds * (double)stream->elements / (double)stream->slice;
}

/* An odd number of blocks. The parts that a kernel walks side by side are a quarter of a slice: were the
 * blocks even, all parts would begin in the same sets of the caches and drive one another out. The best
 * passes of triad gained 4 to 8 % by it on Zen 4, those of add more. */
static size_t odd_blocks(size_t elements)
{
    size_t blocks = elements / STREAM_BLOCK_ELEMENTS;
    return (blocks % 2 == 0 ? blocks - 1 : blocks) * STREAM_BLOCK_ELEMENTS;
}

/* Cuts the slices where too few rounds of this length, and the checking, would fit the time that is left. */
static void cut_to_time(struct stream *stream, double round_seconds)
{
    double left = (double)(stream->run->deadline - stopwatch_now()) / NANOSECONDS;
    double share = fmax(left, 0) / (ROUNDS_WANTED * round_seconds + checking_seconds(stream));
    if (share < 1)
        stream->elements = (size_t)((double)stream->elements * share);
    if (stream->elements < SLICE_ELEMENTS_MIN)
        stream->elements = SLICE_ELEMENTS_MIN;
    stream->elements = odd_blocks(stream->elements);
}

/* One untimed round, which also tells how long a round takes. */
static int warm_up(struct stream *stream, struct operation_run runs[STREAM_PROBES],
                   const struct probe probes[STREAM_PROBES], struct err *err)
{
    progress_phase(&stream->run->progress, "warming up");
    double round_seconds = 0;
    for (size_t i = 0; i < STREAM_PROBES; i++) {
        double seconds;
        double lost;
        if (!probes[i].measure)
            continue;
        stream_model_apply(&stream->model, runs[i].operation);
        if (team_time_passes(team_of(&runs[i]), pass_member, &runs[i], 1, &seconds, &lost, err) < 0)
            return -1;
        round_seconds += seconds;
        progress_tick(&stream->run->progress);
    }
    cut_to_time(stream, round_seconds);
    return 0;
}

static void check_member(void *context, size_t member)
{
    struct stream *stream = context;
    stream->largest_error[member] = 0;
    for (size_t at = 0; at < stream->elements; at += STREAM_BLOCK_ELEMENTS) {
        const double *const pieces[STREAM_ARRAYS] = {slice_of(stream, STREAM_A, member) + at,
                                                     slice_of(stream, STREAM_B, member) + at,
                                                     slice_of(stream, STREAM_C, member) + at};
        double error =
            stream_largest_error(&stream->model, pieces, member * stream->slice + at, STREAM_BLOCK_ELEMENTS);
        stream->largest_error[member] = fmax(stream->largest_error[member], error);
        if (member == 0 && at % HUGE_PAGE_ELEMENTS == 0)
            progress_tick(&stream->run->progress);
    }
}

static void check_solution(struct stream *stream)
{
    progress_phase(&stream->run->progress, "checking the arrays");
    team_run(stream->team, check_member, stream);
    double largest = 0;
    for (size_t member = 0; member < stream->threads; member++)
        largest = fmax(largest, stream->largest_error[member]);
    document_add_check(stream->run->document, "solution", largest <= STREAM_ERROR_ALLOWED,
                       "largest relative error %.2g, allowed %g", largest, STREAM_ERROR_ALLOWED);
}

/* --- reporting ---------------------------------------------------------------------------------------------
 */

static void report(const struct stream *stream, const struct probe *probes, const struct sampling *sampling)
{
    struct document *document = stream->run->document;
    struct optional_u64 caches = all_last_level_caches(stream->run->machine);
    uint64_t array_bytes = (uint64_t)stream->elements * stream->threads * sizeof(double);
    document_add_whole(document, "array_bytes", array_bytes);
    document_add_whole(document, "threads", stream->threads);
    document_add_text(document, "isa", stream->kernels->isa);
    document_add_bool(document, "non_temporal_stores", stream->kernels->non_temporal);
    document_add_optional(document, "last_level_caches_bytes", caches);
    document_add_optional(document, "huge_page_bytes", memory_on_huge_pages(stream->run->machine->root));
    suite_report_sampling(stream->run, sampling);
    for (size_t i = 0; i < STREAM_PROBES; i++)
        suite_report_probe(stream->run, probes[i].name, "GB/s", HIGHER_IS_BETTER, &probes[i]);
    if (!caches.known)
        document_add_flag(document, "cache_size_unknown");
    if (array_bytes < CACHES_PER_ARRAY * (caches.known ? caches.value : CACHES_ASSUMED))
        document_add_flag(document, "cache_resident");
}

/* Where every core has one thread, one thread to a core is what is measured anyway. */
static void list_probes(struct stream *stream, struct operation_run runs[STREAM_PROBES],
                        struct probe probes[STREAM_PROBES])
{
    for (size_t i = 0; i < STREAM_PROBES; i++) {
        runs[i] = (struct operation_run){stream, i % STREAM_OPERATIONS, i / STREAM_OPERATIONS};
        probes[i] =
            (struct probe){.name = operations[runs[i].operation].metric[runs[i].way], .context = &runs[i]};
        if (team_of(&runs[i]))
            probes[i].measure = measure_operation;
    }
}

static int measure(struct stream *stream, struct err *err)
{
    struct operation_run runs[STREAM_PROBES];
    struct probe probes[STREAM_PROBES] = {0};
    struct sampling sampling;
    list_probes(stream, runs, probes);
    if (warm_up(stream, runs, probes, err) < 0)
        return -1;
    int64_t deadline = stream->run->deadline - (int64_t)(checking_seconds(stream) * NANOSECONDS);
    if (suite_sample(stream->run, probes, STREAM_PROBES, deadline, &sampling, err) < 0)
        return -1;
    check_solution(stream);
    report(stream, probes, &sampling);
    return 0;
}

static int run_with_teams(struct stream *stream, struct err *err)
{
    AUTO_FREE size_t *filled = calloc(stream->threads, sizeof *filled);
    AUTO_FREE double *largest_error = calloc(stream->threads, sizeof *largest_error);
    if (!filled || !largest_error)
        return err_memory(err);
    stream->filled = filled;
    stream->largest_error = largest_error;
    fill(stream);
    return measure(stream, err);
}

static int start_core_team(struct stream *stream, struct err *err)
{
    const struct core_groups *groups = &stream->groups;
    AUTO_FREE uint16_t *cpus = calloc(groups->cores, sizeof *cpus);
    if (!cpus)
        return err_memory(err);
    if (groups->cores == stream->threads)
        return 0;
    for (size_t core = 0; core < groups->cores; core++)
        cpus[core] = groups->cpus[groups->first[core]];
    stream->core_team = team_start(cpus, groups->cores, err);
    return stream->core_team ? 0 : -1;
}

/* The last team is stopped first: it pinned the caller last. */
static int start_teams(struct stream *stream, struct err *err)
{
    stream->team = team_start(stream->groups.cpus, stream->threads, err);
    int result = stream->team && start_core_team(stream, err) == 0 ? run_with_teams(stream, err) : -1;
    team_stop(stream->core_team);
    team_stop(stream->team);
    return result;
}

/* Where it is hidden which CPUs share a core, every CPU counts as one: all are used all the same. */
static void group_cpus(struct stream *stream)
{
    struct cpu_list cpus = stream->run->machine->usable;
    cpus.count = stream->threads;
    if (packages_group_cores(stream->run->machine->root, &cpus, &stream->groups))
        return;
    stream->groups.cores = cpus.count;
    memcpy(stream->groups.cpus, cpus.cpus, cpus.count * sizeof *cpus.cpus);
}

int stream_suite(struct suite_run *run, struct err *err)
{
    AUTO_FREE struct stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return err_memory(err);
    stream->run = run;
    stream->kernels = stream_kernels_for(run->machine->features);
    stream->threads = run->settings->threads ? run->settings->threads : run->machine->usable.count;
    group_cpus(stream);
    int result = -1;
    if (choose_size(stream, err) == 0 && map_arrays(stream, err) == 0)
        result = start_teams(stream, err);
    for (enum stream_array array = STREAM_A; array < STREAM_ARRAYS; array++)
        memory_unmap(&run->budget, &stream->regions[array]);
    return result;
}
