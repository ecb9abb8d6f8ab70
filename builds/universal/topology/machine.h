/* Everything a suite may ask about the machine it runs on, read once at the start. */
#ifndef TOPOLOGY_MACHINE_H
#define TOPOLOGY_MACHINE_H

#include "topology/caches.h"
#include "topology/cgroup.h"
#include "topology/cpu_features.h"
#include "topology/cpu_identity.h"
#include "topology/cpu_list.h"
#include "topology/huge_pages.h"
#include "topology/mitigations.h"
#include "topology/numa_nodes.h"
#include "topology/packages.h"

/* Who decides how fast the CPU runs; empty: not told. */
struct frequency_policy {
    char driver[32];   /* "intel_pstate" */
    char governor[32]; /* "performance" */
};

struct machine {
    const char *root; /* see system_file.h */
    cpu_feature_set features;
    struct cpu_identity identity;
    struct cpu_list online;
    bool online_known;      /* false: `online` is only what we may run on */
    struct cpu_list usable; /* the affinity mask, cut to as many as the CPU quota feeds; at least one */
    bool quota_below_one;   /* the CPU quota stops even a single thread from time to time */
    struct packages packages;
    struct caches caches; /* those of the last usable CPU, where single-threaded suites run */
    struct numa_nodes nodes;
    struct cgroup_limits limits;
    struct optional_u64 memory_total;
    uint64_t memory_available; /* what may still be allocated: free in the machine and left in the cgroup */
    char kernel[128];          /* empty: unknown, as below */
    struct huge_pages huge_pages;
    struct mitigations mitigations;
    struct frequency_policy frequency_policy;
    double clock_ghz;     /* measured by whoever runs the suite, at its start; 0 until then */
    double clock_end_ghz; /* the same at its end */
};

/* The caller free()s the machine. NULL with ERR_UNSUPPORTED where not even the affinity mask can be read. */
struct machine *machine_read(const char *root, struct err *err);

/* The CPU that single-threaded suites run on: the last usable one, since the first gets most interrupts. */
size_t machine_measuring_cpu(const struct machine *machine);

#endif
