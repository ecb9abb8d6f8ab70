/*
 * A cloud and machines that exist in memory alone, for tests of what the engine decides. Nothing here stands
 * for EC2 or SSH: those are tested against the sandbox.
 */
#ifndef PRETEND_CLOUD_H
#define PRETEND_CLOUD_H

#include "orchestrator/cloud.h"
#include "orchestrator/remote.h"

#include <pthread.h>
#include <stdbool.h>

#define PRETEND_MACHINES 64

struct pretend_cloud {
    /* what it does; set before the run */
    const char *zone_without_capacity; /* its launches fail with ERR_CAPACITY */
    const char *zone_that_regrets;     /* its machines end at once: the capacity was gone after all */
    size_t quota;                      /* one machine more at a time fails with ERR_QUOTA; 0: no limit */
    bool no_quota;                     /* every launch fails with ERR_QUOTA */
    const char *other_type;            /* its machines are of this type, whatever was asked for */
    bool loses_answers;                /* a launch makes a machine, then fails with ERR_NETWORK */
    bool fills_disk;                   /* from the first launch on no file of this process can grow */
    bool never_terminates;
    bool forbids_ends;        /* a termination fails with ERR_AUTH */
    bool keeps_group;         /* its group is in use for ever */
    size_t shows_late;        /* so many look-ups find nothing, whatever there is */
    bool shows_no_tags;       /* machines are found by their token alone */
    bool keeps_no_lease;      /* a renewal fails with ERR_AUTH */
    bool refuses_connections; /* with ERR_AUTH at once */
    const char *architecture; /* what `uname -m` says */
    const char *image_line;   /* what the engine says of the image */
    const char *metadata;     /* what the machine prints when its metadata service is asked; NULL: nothing */
    const char *suite_output; /* what the suite prints */
    size_t suite_output_length;
    int suite_exit_code;
    double suite_seconds;
    size_t suite_lines; /* that the suite writes to standard error */

    pthread_mutex_t lock; /* guards what follows */
    struct machine machines[PRETEND_MACHINES];
    char tokens[PRETEND_MACHINES][65];
    size_t count;
    size_t alive;
    size_t most_alive;
    size_t launches; /* requests, also those that failed */
    size_t lookups;  /* of machines by token, of groups by run */
    size_t metadata_asked;
    size_t groups;
    size_t groups_made;
    size_t renewals;
    double lease_seconds; /* that were last asked for */
    char leased[96];      /* "RUN GROUP" of the last renewal */
};

void pretend_cloud_init(struct pretend_cloud *pretend);
/* A machine that is there already. */
void pretend_cloud_make(struct pretend_cloud *pretend, const char *token);
struct cloud pretend_cloud_as_cloud(struct pretend_cloud *pretend);
struct remote pretend_cloud_as_remote(struct pretend_cloud *pretend);

#endif
