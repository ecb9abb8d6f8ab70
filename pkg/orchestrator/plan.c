#include "orchestrator/plan.h"

#include "base/digest.h"
#include "base/parse.h"

#include <string.h>
#include <time.h>

int run_id_make(double realtime, char out[RUN_ID_SIZE], struct err *err)
{
    char chance[7];
    time_t whole = (time_t)realtime;
    struct tm when = {0};
    gmtime_r(&whole, &when);
    if (random_name(chance, sizeof chance - 1, err) < 0)
        return -1;
    size_t used = strftime(out, RUN_ID_SIZE, "%Y%m%dT%H%M%SZ", &when);
    snprintf(out + used, RUN_ID_SIZE - used, "-%s", chance);
    return 0;
}

void planned_job_free(struct planned_job *job)
{
    free(job->placements);
    free(job->done);
    *job = (struct planned_job){0};
}

int64_t run_id_time(const char *run_id)
{
    char timestamp[32];
    int64_t seconds = 0;
    if (strnlen(run_id, 16) < 16)
        return 0;
    snprintf(timestamp, sizeof timestamp, "%.4s-%.2s-%.5s:%.2s:%.3s", run_id, run_id + 4, run_id + 6,
             run_id + 11, run_id + 13);
    return parse_timestamp(timestamp, &seconds, NULL) == 0 ? seconds : 0;
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; i < plan->job_count; i++)
        planned_job_free(&plan->jobs[i]);
    free(plan->jobs);
    *plan = (struct plan){0};
}
