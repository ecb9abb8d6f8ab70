/* Running the suites on a reached machine, and keeping what they measured. */
#ifndef ORCHESTRATOR_MEASURE_H
#define ORCHESTRATOR_MEASURE_H

#include "orchestrator/launch.h"
#include "results/document.h"
#include "storage/keys.h"

struct measurement {
    char key[RESULT_KEY_SIZE];
    char suite[SUITE_NAME_SIZE];
    unsigned iteration;
    struct document document;
    bool spooled; /* it is in the local store, fsynced */
};

/* The documents of one job. */
struct measurements {
    struct measurement *items;
    size_t count;
};

void measurements_free(struct measurements *measurements);

/* Runs every suite as often as wanted; each result is a sealed document in the spool (fsynced) before the
 * next begins. A suite that fails does not keep the others from running; -1 with the first failure. */
int measure_suites(struct job *job, struct measurements *measurements, struct err *err);

/* What the output directory did not take is tried again: the disk may have room now. */
void keep_measurements(struct job *job, struct measurements *measurements);

/* Puts the documents into the remote store, if there is one, and says that they are stored. */
int send_measurements(struct job *job, struct measurements *measurements, struct err *err);

/* A line of a suite's talk, as an event. context is the struct job. */
void job_progress(void *context, int percent, const char *text);

#endif
