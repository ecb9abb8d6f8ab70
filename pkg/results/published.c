#include "results/published.h"

#include "base/attributes.h"
#include "results/schema.h"

const struct published_file_row published_files[] = {
    [FILE_MEMORY] = {SCHEMA_MEMORY_BENCHMARKS, true},
    [FILE_CPU] = {SCHEMA_CPU_BENCHMARKS, false},
};

/* Indices of what the rankings are made of. */
enum { TRIAD_BANDWIDTH = 3, MEMORY_LATENCY = 10, LINPACK_GFLOPS = 23, COREMARK_SCORE = 37 };

#define MEMORY(...)                                                                                          \
    {                                                                                                        \
        FILE_MEMORY, __VA_ARGS__                                                                             \
    }
#define CPU(...)                                                                                             \
    {                                                                                                        \
        FILE_CPU, __VA_ARGS__                                                                                \
    }

const struct published_field published_fields[] = {
    MEMORY("stream", "copy.bandwidth", "GB/s", "stream.copy.bandwidth", FIELD_NEEDED),
    MEMORY("stream", "scale.bandwidth", "GB/s", "stream.scale.bandwidth", FIELD_NEEDED),
    MEMORY("stream", "add.bandwidth", "GB/s", "stream.add.bandwidth", FIELD_NEEDED),
    [TRIAD_BANDWIDTH] = MEMORY("stream", "triad.bandwidth", "GB/s", "stream.triad.bandwidth", FIELD_NEEDED),
    MEMORY("cache", "l1.latency", "cycles", "cache.l1.latency", FIELD_NEEDED),
    MEMORY("cache", "l1.bandwidth", "GB/s", "cache.l1.bandwidth", FIELD_NEEDED),
    MEMORY("cache", "l2.latency", "cycles", "cache.l2.latency", FIELD_MAY_LACK),
    MEMORY("cache", "l2.bandwidth", "GB/s", "cache.l2.bandwidth", FIELD_MAY_LACK),
    MEMORY("cache", "l3.latency", "cycles", "cache.l3.latency", FIELD_MAY_LACK),
    MEMORY("cache", "l3.bandwidth", "GB/s", "cache.l3.bandwidth", FIELD_MAY_LACK),
    [MEMORY_LATENCY] = MEMORY("cache", "memory.latency", "ns", "cache.memory.latency", FIELD_NEEDED),
    MEMORY("cache", "memory.latency_random", "ns", "cache.memory.latencyRandom", FIELD_EXTRA),
    MEMORY("numa", "sockets", "count", "numa.socketCount", FIELD_NEEDED),
    MEMORY("numa", "nodes", "count", "numa.nodeCount", FIELD_EXTRA),
    MEMORY("numa", "local.bandwidth", "GB/s", "numa.localBandwidth", FIELD_NEEDED),
    MEMORY("numa", "remote.bandwidth", "GB/s", "numa.remoteBandwidth", FIELD_MAY_LACK),
    MEMORY("numa", "local.latency", "ns", "numa.localLatency", FIELD_EXTRA),
    MEMORY("numa", "remote.latency", "ns", "numa.remoteLatency", FIELD_EXTRA),
    MEMORY("numa", "inter_socket.latency", "ns", "numa.interSocketLatency", FIELD_MAY_LACK),
    MEMORY("stream", "copy.bandwidth_reference", "GB/s", "stream.copy.reference", FIELD_EXTRA),
    MEMORY("stream", "scale.bandwidth_reference", "GB/s", "stream.scale.reference", FIELD_EXTRA),
    MEMORY("stream", "add.bandwidth_reference", "GB/s", "stream.add.reference", FIELD_EXTRA),
    MEMORY("stream", "triad.bandwidth_reference", "GB/s", "stream.triad.reference", FIELD_EXTRA),
    [LINPACK_GFLOPS] = CPU("linpack", "gflops", "GFLOPS", "linpack.gflops", FIELD_NEEDED),
    CPU("linpack", "efficiency", "fraction", "linpack.efficiency", FIELD_NEEDED),
    CPU("linpack", "problem_size", "count", "linpack.problemSize", FIELD_NEEDED),
    CPU("linpack", "peak", "GFLOPS", "linpack.peak", FIELD_EXTRA),
    CPU("vector", "sse2.fp64", "GFLOPS", "vectorization.sse2", FIELD_IF_HAD),
    CPU("vector", "avx2.fp64", "GFLOPS", "vectorization.avx2", FIELD_IF_HAD),
    CPU("vector", "avx512.fp64", "GFLOPS", "vectorization.avx512", FIELD_IF_HAD),
    CPU("vector", "neon.fp64", "GFLOPS", "vectorization.neon", FIELD_IF_HAD),
    CPU("vector", "sve.fp64", "GFLOPS", "vectorization.sve", FIELD_IF_HAD),
    CPU("scaling", "single_thread", "GFLOPS", "scaling.singleThread", FIELD_NEEDED),
    CPU("scaling", "all_cores", "GFLOPS", "scaling.allCores", FIELD_NEEDED),
    CPU("scaling", "all_threads", "GFLOPS", "scaling.allThreads", FIELD_MAY_LACK),
    CPU("scaling", "core_efficiency", "fraction", "scaling.coreEfficiency", FIELD_MAY_LACK),
    CPU("scaling", "smt_efficiency", "fraction", "scaling.smtEfficiency", FIELD_MAY_LACK),
    [COREMARK_SCORE] = CPU("coremark", "score", "iterations/s", "coremark.score", FIELD_OR_NULL),
    CPU("coremark", "score_per_mhz", "iterations/s/MHz", "coremark.coremarkMhz", FIELD_OR_NULL),
    MEMORY("cache", "l1.latency_ns", "ns", "cache.l1.latencyNs", FIELD_EXTRA),
    MEMORY("cache", "l1.write_bandwidth", "GB/s", "cache.l1.writeBandwidth", FIELD_EXTRA),
    MEMORY("cache", "l1.copy_bandwidth", "GB/s", "cache.l1.copyBandwidth", FIELD_EXTRA),
    MEMORY("cache", "l2.latency_ns", "ns", "cache.l2.latencyNs", FIELD_EXTRA),
    MEMORY("cache", "l2.write_bandwidth", "GB/s", "cache.l2.writeBandwidth", FIELD_EXTRA),
    MEMORY("cache", "l2.copy_bandwidth", "GB/s", "cache.l2.copyBandwidth", FIELD_EXTRA),
    MEMORY("cache", "l3.latency_ns", "ns", "cache.l3.latencyNs", FIELD_EXTRA),
    MEMORY("cache", "l3.write_bandwidth", "GB/s", "cache.l3.writeBandwidth", FIELD_EXTRA),
    MEMORY("cache", "l3.copy_bandwidth", "GB/s", "cache.l3.copyBandwidth", FIELD_EXTRA),
    MEMORY("cache", "memory.latency_cycles", "cycles", "cache.memory.latencyCycles", FIELD_EXTRA),
    MEMORY("cache", "memory.bandwidth", "GB/s", "cache.memory.readBandwidth", FIELD_EXTRA),
    MEMORY("cache", "memory.write_bandwidth", "GB/s", "cache.memory.writeBandwidth", FIELD_EXTRA),
    MEMORY("cache", "memory.copy_bandwidth", "GB/s", "cache.memory.copyBandwidth", FIELD_EXTRA),
    MEMORY("numa", "loaded.latency", "ns", "numa.loadedLatency", FIELD_EXTRA),
};

const struct published_unit published_units[] = {
    MEMORY("stream.copy", "GB/s"),     MEMORY("stream.scale", "GB/s"),    MEMORY("stream.add", "GB/s"),
    MEMORY("stream.triad", "GB/s"),    MEMORY("cache.l1", "cycles|GB/s"), MEMORY("cache.l2", "cycles|GB/s"),
    MEMORY("cache.l3", "cycles|GB/s"), MEMORY("cache.memory", "ns"),
};

const struct published_ranking published_rankings[] = {
    MEMORY("triad_bandwidth", TRIAD_BANDWIDTH, "bandwidth", true, "bestMemoryBandwidth", "GB/s"),
    MEMORY("memory_latency", MEMORY_LATENCY, "latency", false, "bestMemoryLatency", "ns"),
    CPU("peak_gflops", LINPACK_GFLOPS, "gflops", true, "bestPeakGflops", "GFLOPS"),
    CPU("coremark_score", COREMARK_SCORE, "score", true, "bestCoremarkScore", "iterations/s"),
};

_Static_assert(ARRAY_LENGTH(published_files) == PUBLISHED_FILES, "a row for each file");
_Static_assert(ARRAY_LENGTH(published_fields) == PUBLISHED_FIELD_COUNT, "the header counts otherwise");
_Static_assert(ARRAY_LENGTH(published_units) == PUBLISHED_UNIT_COUNT, "the header counts otherwise");
_Static_assert(ARRAY_LENGTH(published_rankings) == PUBLISHED_RANKING_COUNT, "the header counts otherwise");
