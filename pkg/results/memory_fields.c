#include "results/memory_fields.h"

#include "base/attributes.h"

const struct memory_field memory_fields[] = {
    {"stream", "copy.bandwidth", "GB/s", "stream.copy.bandwidth", FIELD_NEEDED},
    {"stream", "scale.bandwidth", "GB/s", "stream.scale.bandwidth", FIELD_NEEDED},
    {"stream", "add.bandwidth", "GB/s", "stream.add.bandwidth", FIELD_NEEDED},
    [FIELD_TRIAD_BANDWIDTH] = {"stream", "triad.bandwidth", "GB/s", "stream.triad.bandwidth", FIELD_NEEDED},
    {"cache", "l1.latency", "cycles", "cache.l1.latency", FIELD_NEEDED},
    {"cache", "l1.bandwidth", "GB/s", "cache.l1.bandwidth", FIELD_NEEDED},
    {"cache", "l2.latency", "cycles", "cache.l2.latency", FIELD_MAY_LACK},
    {"cache", "l2.bandwidth", "GB/s", "cache.l2.bandwidth", FIELD_MAY_LACK},
    {"cache", "l3.latency", "cycles", "cache.l3.latency", FIELD_MAY_LACK},
    {"cache", "l3.bandwidth", "GB/s", "cache.l3.bandwidth", FIELD_MAY_LACK},
    [FIELD_MEMORY_LATENCY] = {"cache", "memory.latency", "ns", "cache.memory.latency", FIELD_NEEDED},
    {"cache", "memory.latency_random", "ns", "cache.memory.latencyRandom", FIELD_EXTRA},
    {"numa", "sockets", "count", "numa.socketCount", FIELD_NEEDED},
    {"numa", "nodes", "count", "numa.nodeCount", FIELD_EXTRA},
    {"numa", "local.bandwidth", "GB/s", "numa.localBandwidth", FIELD_NEEDED},
    {"numa", "remote.bandwidth", "GB/s", "numa.remoteBandwidth", FIELD_MAY_LACK},
    {"numa", "local.latency", "ns", "numa.localLatency", FIELD_EXTRA},
    {"numa", "remote.latency", "ns", "numa.remoteLatency", FIELD_EXTRA},
    {"numa", "inter_socket.latency", "ns", "numa.interSocketLatency", FIELD_MAY_LACK},
};

const struct memory_unit memory_units[] = {
    {"stream.copy", "GB/s"},     {"stream.scale", "GB/s"},    {"stream.add", "GB/s"},
    {"stream.triad", "GB/s"},    {"cache.l1", "cycles|GB/s"}, {"cache.l2", "cycles|GB/s"},
    {"cache.l3", "cycles|GB/s"}, {"cache.memory", "ns"},
};

_Static_assert(ARRAY_LENGTH(memory_fields) == MEMORY_FIELD_COUNT, "the header counts otherwise");
_Static_assert(ARRAY_LENGTH(memory_units) == MEMORY_UNIT_COUNT, "the header counts otherwise");
