#include "suites/numa_load.h"

#include "measure/disturbance.h"
#include "measure/team.h"

#include <math.h>
#include <sched.h>
#include <stdatomic.h>

enum { LOADED_LATENCY, LOADED_BANDWIDTH };

/* Read between two looks at whether to stop. */
#define PIECE_BYTES ((size_t)1 << 20)

/* What a reader did; a line of its own, so that readers don't take it from each other. */
struct reader {
    _Alignas(64) double bandwidth; /* bytes a second */
    double lost;                   /* share of its time in which it did not run */
};

struct loading {
    const struct numa_load *load;
    struct burst *latencies;
    struct err *err;
    int result;
    struct reader *readers; /* by member; the first is the one that chases */
    atomic_size_t under_way;
    atomic_bool stop;
};

/* Reads round and round, each reader from a place of its own on. */
static void read_on(struct loading *loading, size_t member)
{
    const struct numa_load *load = loading->load;
    const size_t piece = load->bytes < PIECE_BYTES ? load->bytes : PIECE_BYTES;
    const size_t pieces = load->bytes / piece;
    size_t at = pieces * member / load->cpus.count;
    double bytes = 0;
    struct thread_moment start = thread_moment_now();
    do {
        uint64_t sum = load->reader(load->memory + at * piece, piece, 1);
        __asm__ volatile("" : : "r"(sum));
        if (bytes == 0)
            atomic_fetch_add(&loading->under_way, 1);
        bytes += (double)piece;
        at = (at + 1) % pieces;
    } while (!atomic_load_explicit(&loading->stop, memory_order_relaxed));
    struct thread_moment end = thread_moment_now();
    double nanoseconds = (double)(end.wall - start.wall);
    loading->readers[member] = (struct reader){.bandwidth = nanoseconds > 0 ? bytes / nanoseconds * 1e9 : 0,
                                               .lost = thread_lost_share(start, end)};
}

static void load_member(void *context, size_t member)
{
    struct loading *loading = context;
    if (member > 0) {
        read_on(loading, member);
        return;
    }
    while (atomic_load(&loading->under_way) + 1 < loading->load->cpus.count)
        sched_yield();
    loading->result = latency_measure(loading->load->latency, loading->latencies, loading->err);
    atomic_store(&loading->stop, true);
}

/* Takes a burst of latencies; *bandwidth is what the readers had meanwhile, in GB/s. */
static int take_burst(const struct numa_load *load, struct burst *latencies, double *bandwidth,
                      struct err *err)
{
    uint16_t cpus[CPUS_MAX];
    for (size_t i = 0; i < load->cpus.count; i++)
        cpus[i] = load->cpus.cpus[load->cpus.count - 1 - i];
    AUTO_FREE struct reader *readers = aligned_alloc(64, load->cpus.count * sizeof *readers);
    AUTO_TEAM struct team *team = team_start(cpus, load->cpus.count, err);
    if (!team)
        return -1;
    if (!readers)
        return err_memory(err);
    struct loading loading = {.load = load, .latencies = latencies, .err = err, .readers = readers};
    team_run(team, load_member, &loading);
    *bandwidth = 0;
    for (size_t member = 1; member < load->cpus.count; member++) {
        *bandwidth += readers[member].bandwidth / 1e9;
        latencies->lost = fmax(latencies->lost, readers[member].lost);
    }
    return loading.result;
}

static int measure_latency(void *context, struct burst *burst, struct err *err)
{
    double bandwidth;
    return take_burst(context, burst, &bandwidth, err);
}

static int measure_bandwidth(void *context, struct burst *burst, struct err *err)
{
    struct burst latencies = {.end = burst->end};
    double bandwidth;
    if (take_burst(context, &latencies, &bandwidth, err) < 0)
        return -1;
    burst->lost = latencies.lost;
    burst_add(burst, bandwidth);
    return 0;
}

void numa_load_list(struct numa_load *load, struct probe *probes)
{
    if (load->cpus.count < 2)
        return;
    probes[LOADED_LATENCY] =
        (struct probe){.name = "loaded.latency", .measure = measure_latency, .context = load};
    probes[LOADED_BANDWIDTH] =
        (struct probe){.name = "loaded.bandwidth", .measure = measure_bandwidth, .context = load};
}

void numa_load_report(const struct numa_load *load, const struct probe *probes, struct suite_run *run)
{
    suite_report_probe(run, "loaded.latency", "ns", LOWER_IS_BETTER, &probes[LOADED_LATENCY]);
    suite_report_probe(run, "loaded.bandwidth", "GB/s", HIGHER_IS_BETTER, &probes[LOADED_BANDWIDTH]);
    document_add_whole(run->document, "loading_threads", load->cpus.count - 1);
    if (load->cpus.count < 2)
        document_add_text(run->document, "loaded_is_null_because",
                          "the node has one usable CPU, which chases");
}
