/* How long a team takes for one pass of parallel work. */
#ifndef MEASURE_TEAM_TIMING_H
#define MEASURE_TEAM_TIMING_H

#include "measure/sampling.h"
#include "measure/team.h"

/* Lines all members up, lets each do one pass, and again, `passes` times. seconds[i] is the time of pass i
 * from the first member's start to the last member's end, each taken by the member itself. *lost is the share
 * of all passes' time in which the most disturbed member did not run. */
int team_time_passes(struct team *team, team_work *pass, void *context, size_t passes, double *seconds,
                     double *lost, struct err *err);

/* Fills a burst with amount / seconds of pass after pass. */
int team_burst(struct team *team, team_work *pass, void *context, double amount, struct burst *burst,
               struct err *err);

#endif
