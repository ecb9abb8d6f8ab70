#include "measure/arithmetic_peak.h"

#include "measure/team_timing.h"

#define PASS_SECONDS 1e-3
#define STEPS_FIRST 1024

void arithmetic_peak_init(struct arithmetic_peak *peak, struct team *team,
                          const struct arithmetic_kernels *kernels, enum arithmetic kind)
{
    *peak = (struct arithmetic_peak){
        .team = team, .run = kernels->kinds[kind].run, .operations = kernels->kinds[kind].operations()};
}

static void pass_member(void *context, size_t member UNUSED)
{
    struct arithmetic_peak *peak = context;
    if (!peak->run(peak->steps))
        atomic_fetch_add(&peak->wrong, 1);
}

/* Long enough that the clock's own cost does not count. */
static int choose_steps(struct arithmetic_peak *peak, struct err *err)
{
    double seconds = 0;
    double lost;
    for (peak->steps = STEPS_FIRST; peak->steps < ARITHMETIC_STEPS_MAX; peak->steps *= 2) {
        if (team_time_passes(peak->team, pass_member, peak, 1, &seconds, &lost, err) < 0)
            return -1;
        if (seconds >= PASS_SECONDS)
            break;
    }
    return 0;
}

int arithmetic_peak_measure(void *context, struct burst *burst, struct err *err)
{
    struct arithmetic_peak *peak = context;
    if (peak->steps == 0 && choose_steps(peak, err) < 0)
        return -1;
    double billions = (double)peak->operations * (double)peak->steps * (double)team_size(peak->team) / 1e9;
    return team_burst(peak->team, pass_member, peak, billions, burst, err);
}
