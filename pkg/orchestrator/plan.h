/*
 * The plan: one job for each instance type, with all that was found out about it before anything is launched.
 * It is what `--dry-run` prints and what the run carries out; nothing in it changes once the run has begun.
 */
#ifndef ORCHESTRATOR_PLAN_H
#define ORCHESTRATOR_PLAN_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUN_ID_SIZE 32

struct placement {
    char zone[32];
    char zone_id[32]; /* the same place for every account; empty if unknown */
    char subnet_id[32];
};

struct planned_job {
    char instance_type[48];
    char family[32];
    char architecture[16]; /* EC2's word */
    char processor_vendor[16];
    uint32_t vcpus;
    uint64_t memory_mib;
    char image_id[32];
    char image_name[160];
    struct placement *placements; /* in the order in which they are tried */
    size_t placement_count;
    bool *done; /* in a run that is resumed: which suites have a result, iteration after iteration, each
                   in the order of the suites; NULL: none */
    struct err refused; /* kind ERR_NONE, or why this type is not launched */
};

struct plan {
    char run_id[RUN_ID_SIZE]; /* "20261120T153045Z-k3x9qd" */
    char region[32];
    char collection_method[16]; /* "automated" or "sandbox": where the machines really are */
    char endpoint[256];         /* of EC2 */
    char account[16];           /* who pays; not plan_make's to fill */
    char vpc_id[32];
    char security_group_id[32]; /* empty: a temporary one, open to ssh_cidr on the SSH port, is made */
    char ssh_cidr[64];
    struct planned_job *jobs;
    size_t job_count;
};

/* A new run's name, from the time and chance. */
int run_id_make(double realtime, char out[RUN_ID_SIZE], struct err *err);
/* When the run of that name began, in seconds since the epoch; 0 where the text is no such name. */
int64_t run_id_time(const char *run_id);

void planned_job_free(struct planned_job *job);
void plan_free(struct plan *plan);

#endif
