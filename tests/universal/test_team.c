#include "measure/stopwatch.h"
#include "measure/team.h"
#include "measure/team_timing.h"

#include "test.h"

#include <sched.h>
#include <stdatomic.h>

#define MEMBERS 4
#define ROUNDS 200

struct tally {
    struct team *team;
    atomic_size_t entered;
    size_t calls[MEMBERS];
    int cpus[MEMBERS];
    bool out_of_step;
};

/* Each member counts itself in; behind the barrier all must be in, before the next one none may be ahead. */
static void step_together(void *context, size_t member)
{
    struct tally *tally = context;
    tally->calls[member]++;
    tally->cpus[member] = sched_getcpu();
    for (size_t round = 1; round <= ROUNDS; round++) {
        atomic_fetch_add(&tally->entered, 1);
        team_barrier(tally->team);
        if (atomic_load(&tally->entered) != round * MEMBERS)
            tally->out_of_step = true;
        team_barrier(tally->team);
    }
}

static uint16_t some_cpu(void)
{
    return (uint16_t)sched_getcpu();
}

TEST(members_run_every_job_and_keep_in_step)
{
    uint16_t cpu = some_cpu();
    const uint16_t cpus[MEMBERS] = {cpu, cpu, cpu,
                                    cpu}; /* one CPU for all: the barrier must let others run */
    AUTO_TEAM struct team *team = team_start(cpus, MEMBERS, NULL);
    assert_non_null(team);
    assert_int_equal(team_size(team), MEMBERS);
    struct tally tally = {.team = team};
    for (size_t job = 1; job <= 3; job++) {
        atomic_store(&tally.entered, 0);
        team_run(team, step_together, &tally);
        assert_false(tally.out_of_step);
        for (size_t member = 0; member < MEMBERS; member++) {
            assert_int_equal(tally.calls[member], job);
            assert_int_equal(tally.cpus[member], cpu);
        }
    }
}

TEST(caller_gets_its_affinity_back)
{
    cpu_set_t before, during, after;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    uint16_t cpu = some_cpu();
    struct team *team = team_start(&cpu, 1, NULL);
    assert_int_equal(sched_getaffinity(0, sizeof during, &during), 0);
    assert_int_equal(CPU_COUNT(&during), 1);
    team_stop(team);
    assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
    assert_true(CPU_EQUAL(&before, &after));
}

TEST(cpu_that_is_not_there_is_an_error)
{
    uint16_t cpus[] = {some_cpu(), 4000};
    struct err err = {0};
    assert_null(team_start(cpus, 2, &err));
    assert_int_equal(err.kind, ERR_UNSUPPORTED);
    assert_null(team_start(cpus + 1, 1, &err));
}

static void spend_a_millisecond(void *context UNUSED, size_t member)
{
    int64_t end = stopwatch_now() + (int64_t)(member + 1) * NANOSECONDS / 1000;
    while (stopwatch_now() < end)
        ;
}

/* Long enough for the kernel to let the other member in between. */
static void spend_a_while(void *context UNUSED, size_t member UNUSED)
{
    int64_t end = stopwatch_now() + NANOSECONDS / 20;
    while (stopwatch_now() < end)
        ;
}

TEST(pass_takes_from_the_first_start_to_the_last_end)
{
    uint16_t cpu = some_cpu();
    AUTO_TEAM struct team *team = team_start(&cpu, 1, NULL);
    double seconds[3];
    double lost = -1;
    assert_int_equal(team_time_passes(team, spend_a_millisecond, NULL, 3, seconds, &lost, NULL), 0);
    for (size_t pass = 0; pass < 3; pass++)
        assert_true(seconds[pass] >= 0.001 && seconds[pass] < 1);
}

TEST(members_that_share_a_cpu_have_lost_half_of_their_time)
{
    const uint16_t cpus[] = {some_cpu(), some_cpu()};
    AUTO_TEAM struct team *team = team_start(cpus, 2, NULL);
    double seconds[3];
    double lost = 0;
    assert_non_null(team);
    assert_int_equal(team_time_passes(team, spend_a_while, NULL, 3, seconds, &lost, NULL), 0);
    assert_true(lost > 0.2);
}

TEST(burst_of_passes_fills_up_and_ends)
{
    uint16_t cpu = some_cpu();
    AUTO_TEAM struct team *team = team_start(&cpu, 1, NULL);
    struct burst burst = {.end = stopwatch_now() + NANOSECONDS / 50};
    assert_int_equal(team_burst(team, spend_a_millisecond, NULL, 1, &burst, NULL), 0);
    assert_in_range(burst.count, 1, BURST_MAX);
    for (size_t i = 0; i < burst.count; i++)
        assert_true(burst.values[i] > 0 && burst.values[i] <= 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_run_every_job_and_keep_in_step),
        cmocka_unit_test(caller_gets_its_affinity_back),
        cmocka_unit_test(cpu_that_is_not_there_is_an_error),
        cmocka_unit_test(pass_takes_from_the_first_start_to_the_last_end),
        cmocka_unit_test(members_that_share_a_cpu_have_lost_half_of_their_time),
        cmocka_unit_test(burst_of_passes_fills_up_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
