/*
 * Latency under load: one CPU of a node chases pointers while all others read the node's memory as fast as
 * they can, as in the loaded latencies of Intel's Memory Latency Checker at its highest load. Part of the
 * numa suite.
 */
#ifndef SUITES_NUMA_LOAD_H
#define SUITES_NUMA_LOAD_H

#include "measure/latency.h"
#include "suites/suite.h"

#define LOAD_PROBES 2

struct numa_load {
    struct cpu_list cpus;    /* of the node: the last one chases, the others read */
    struct latency *latency; /* the chase through the node's memory */
    memory_kernel *reader;
    char *memory; /* what is read: whole blocks of MEMORY_BLOCK_BYTES */
    size_t bytes;
};

/* Fills in LOAD_PROBES probes; with one CPU they stay empty, since nothing is left to load the memory. */
void numa_load_list(struct numa_load *load, struct probe *probes);
void numa_load_report(const struct numa_load *load, const struct probe *probes, struct suite_run *run);

#endif
