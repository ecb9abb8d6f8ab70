/*
 * A team of threads, each pinned to a CPU of its own. The caller is member 0 and is pinned too while the team
 * lives. Members sleep between two jobs, so that a suite's single-threaded parts run undisturbed; inside a
 * job they line up at a barrier that spins.
 */
#ifndef MEASURE_TEAM_H
#define MEASURE_TEAM_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct team;

/* cpus[i] is where member i runs. NULL with ERR_UNSUPPORTED when a thread can't be started or pinned. */
struct team *team_start(const uint16_t *cpus, size_t count, struct err *err);

/* Ends the threads and lets the caller run where it could before. NULL is no team. */
void team_stop(struct team *team);

size_t team_size(const struct team *team);

/* Every member calls work(context, its index); returns when all have. */
typedef void team_work(void *context, size_t member);
void team_run(struct team *team, team_work *work, void *context);

/* Inside work: waits for all members. */
void team_barrier(struct team *team);

/* For locals that own a team. */
void team_cleanup(struct team **team);
#define AUTO_TEAM CLEANUP(team_cleanup)

#endif
