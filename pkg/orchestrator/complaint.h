/*
 * What goes wrong again and again and is said now and then: at once, when it goes wrong in another way, and
 * every minute. The way is the error's kind and code; its text may differ each time (EC2 puts a cipher into a
 * refusal).
 */
#ifndef ORCHESTRATOR_COMPLAINT_H
#define ORCHESTRATOR_COMPLAINT_H

#include "base/error.h"

#include <stdbool.h>

#define COMPLAINT_EVERY 60.0 /* seconds */

/* Starts as {0}. */
struct complaint {
    enum err_kind kind; /* ERR_NONE: nothing is wrong */
    char code[64];
    double said; /* monotonic */
};

/* Whether this failure is to be said now (monotonic seconds); if so, that is remembered. */
bool complaint_is_due(struct complaint *complaint, const struct err *err, double now);

/* It went well. True when a failure had been said, which is then forgotten. */
bool complaint_is_over(struct complaint *complaint);

#endif
