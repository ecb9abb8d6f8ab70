#include "measure/team_timing.h"

#include "measure/stopwatch.h"

/* Passes in one job, so that members go from one to the next without sleeping. */
#define PASSES_MAX 16

struct span {
    int64_t start, end;
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
        span.start = stopwatch_now();
        job->pass(job->context, member);
        span.end = stopwatch_now();
        job->spans[pass * team_size(job->team) + member] = span;
    }
}

static struct span hull_of(const struct span *spans, size_t count)
{
    struct span hull = spans[0];
    for (size_t i = 1; i < count; i++) {
        hull.start = spans[i].start < hull.start ? spans[i].start : hull.start;
        hull.end = spans[i].end > hull.end ? spans[i].end : hull.end;
    }
    return hull;
}

int team_time_passes(struct team *team, team_work *pass, void *context, size_t passes, double *seconds,
                     struct err *err)
{
    size_t members = team_size(team);
    AUTO_FREE struct span *spans = calloc(passes * members, sizeof *spans);
    if (!spans)
        return err_memory(err);
    struct timed_job job = {team, pass, context, passes, spans};
    team_run(team, timed_member, &job);
    for (size_t i = 0; i < passes; i++) {
        struct span hull = hull_of(spans + i * members, members);
        if (stopwatch_seconds(hull.start, hull.end, &seconds[i], err) < 0)
            return -1;
    }
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
    for (size_t passes = 1; burst_wants_more(burst); passes = passes_left(burst, seconds[0])) {
        if (team_time_passes(team, pass, context, passes, seconds, err) < 0)
            return -1;
        for (size_t i = 0; i < passes; i++)
            burst_add(burst, amount / seconds[i]);
    }
    return 0;
}
