#include "measure/team_timing.h"

#include "measure/disturbance.h"
#include "measure/stopwatch.h"

#include <math.h>

/* Passes in one job, so that members go from one to the next without sleeping. */
#define PASSES_MAX 16

struct span {
    struct thread_moment start, end;
};

struct timed_job {
    struct team *team;
    team_work *pass;
    void *context;
    size_t passes;
    struct span *spans; /* [pass * team size + member] */
};

static void timed_member(void *argument, size_t member)
{
    struct timed_job *job = argument;
    for (size_t pass = 0; pass < job->passes; pass++) {
        struct span span;
        team_barrier(job->team);
        span.start = thread_moment_now();
        job->pass(job->context, member);
        span.end = thread_moment_now();
        job->spans[pass * team_size(job->team) + member] = span;
    }
}

/* From the first start to the last end. */
static int hull_seconds(const struct span *spans, size_t count, double *seconds, struct err *err)
{
    int64_t start = spans[0].start.wall;
    int64_t end = spans[0].end.wall;
    for (size_t i = 1; i < count; i++) {
        start = spans[i].start.wall < start ? spans[i].start.wall : start;
        end = spans[i].end.wall > end ? spans[i].end.wall : end;
    }
    return stopwatch_seconds(start, end, seconds, err);
}

/* Over all passes together, of the member that lost most. */
static double largest_lost_share(const struct span *spans, size_t passes, size_t members)
{
    double largest = 0;
    for (size_t member = 0; member < members; member++) {
        struct thread_moment sum = {0, 0};
        for (size_t pass = 0; pass < passes; pass++) {
            const struct span *span = &spans[pass * members + member];
            sum.wall += span->end.wall - span->start.wall;
            sum.run += span->end.run - span->start.run;
        }
        largest = fmax(largest, thread_lost_share((struct thread_moment){0, 0}, sum));
    }
    return largest;
}

int team_time_passes(struct team *team, team_work *pass, void *context, size_t passes, double *seconds,
                     double *lost, struct err *err)
{
    size_t members = team_size(team);
    AUTO_FREE struct span *spans = calloc(passes * members, sizeof *spans);
    if (!spans)
        return err_memory(err);
    struct timed_job job = {team, pass, context, passes, spans};
    team_run(team, timed_member, &job);
    for (size_t i = 0; i < passes; i++)
        if (hull_seconds(spans + i * members, members, &seconds[i], err) < 0)
            return -1;
    *lost = largest_lost_share(spans, passes, members);
    return 0;
}

/* How many more passes of this length the burst has time and room for. */
static size_t passes_left(const struct burst *burst, double pass_seconds)
{
    double left = (double)(burst->end - stopwatch_now()) / NANOSECONDS / pass_seconds;
    size_t room = BURST_MAX - burst->count;
    size_t most = room < PASSES_MAX ? room : PASSES_MAX;
    return left <= 1 ? 1 : left >= (double)most ? most : (size_t)left;
}

int team_burst(struct team *team, team_work *pass, void *context, double amount, struct burst *burst,
               struct err *err)
{
    double seconds[PASSES_MAX];
    double lost;
    for (size_t passes = 1; burst_wants_more(burst);) {
        const int64_t start = stopwatch_now();
        if (team_time_passes(team, pass, context, passes, seconds, &lost, err) < 0)
            return -1;
        /* With the wait for each other, which is long where other programs have the CPUs. */
        const double each = (double)(stopwatch_now() - start) / NANOSECONDS / (double)passes;
        for (size_t i = 0; i < passes; i++)
            burst_add(burst, amount / seconds[i]);
        burst->lost = fmax(burst->lost, lost);
        passes = passes_left(burst, each);
    }
    return 0;
}
