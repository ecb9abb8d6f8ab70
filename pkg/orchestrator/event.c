#include "orchestrator/event.h"

#include <string.h>

const char *job_state_name(enum job_state state)
{
    static const char *const names[JOB_STATE_COUNT] = {
        [JOB_PLANNED] = "planned",   [JOB_INTENT] = "intent",       [JOB_LAUNCHED] = "launched",
        [JOB_RUNNING] = "running",   [JOB_REACHABLE] = "reachable", [JOB_DELIVERED] = "delivered",
        [JOB_MEASURED] = "measured", [JOB_STORED] = "stored",       [JOB_TERMINATED] = "terminated",
        [JOB_FAILED] = "failed",
    };
    return names[state];
}

bool job_state_from_name(const char *name, enum job_state *state)
{
    for (int i = 0; i < JOB_STATE_COUNT; i++) {
        if (strcmp(name, job_state_name((enum job_state)i)) != 0)
            continue;
        *state = (enum job_state)i;
        return true;
    }
    return false;
}
