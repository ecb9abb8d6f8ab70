/*
 * When enough has been measured. A probe is done when it has twelve samples, over five seconds, and its 95 %
 * interval is as narrow as wanted; others go on. There is no clock in here: the rule can be replayed over
 * recorded samples.
 */
#ifndef MEASURE_STOPPING_H
#define MEASURE_STOPPING_H

#include "measure/sampling.h"

/* Adds a sample, and makes the interval what all of them say. */
void stopping_add(struct probe *probe, double sample);

/* Marks the probes that want another sample, `elapsed` nanoseconds after sampling began, and returns how many
 * they are. */
size_t stopping_choose(struct probe *probes, size_t count, const struct sampling_rule *rule, int64_t elapsed);

/* False when another round that takes as long as the last one would pass the deadline. */
bool stopping_has_time(const struct sampling_rule *rule, int64_t round_started, int64_t now);

/* Sums up what has become of the intervals. */
void stopping_conclude(const struct probe *probes, size_t count, const struct sampling_rule *rule,
                       struct sampling *sampling);

#endif
