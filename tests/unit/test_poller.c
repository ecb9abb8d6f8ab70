#include "unit.h"

#include "base/clock.h"
#include "orchestrator/complaint.h"
#include "orchestrator/poller.h"

#include <stdatomic.h>
#include <string.h>

#define MACHINES 32

/* A cloud whose machines go from pending to running to terminated by what its test sets, and which forgets
 * them for one answer in three. */
struct cloud_session {
    atomic_int state; /* enum machine_state of all machines */
    atomic_int answers;
    atomic_bool fails;
    _Atomic double latest; /* of the deadlines that questions had */
};

static struct cloud_session *open_session(void *context, struct err *err UNUSED)
{
    return context;
}

static void close_session(struct cloud_session *session UNUSED)
{
}

static void name_machine(size_t number, char id[32])
{
    snprintf(id, 32, "i-%zu", number);
}

static int list(struct cloud_session *session, const char *run_id, const struct cloud_patience *patience,
                void (*visit)(void *context, const struct machine *machine), void *context, struct err *err)
{
    int answer = atomic_fetch_add(&session->answers, 1);
    if (patience->deadline > atomic_load(&session->latest)) /* by the poller's one thread */
        atomic_store(&session->latest, patience->deadline);
    if (atomic_load(&session->fails) || strcmp(run_id, "run-1") != 0)
        return err_set(err, ERR_NETWORK, "no answer");
    for (size_t i = 0; i < MACHINES && answer % 3 != 0; i++) {
        struct machine machine = {.state = (enum machine_state)atomic_load(&session->state)};
        name_machine(i, machine.id);
        visit(context, &machine);
    }
    return 0;
}

static const struct cloud_ops operations = {.open = open_session, .close = close_session, .list = list};

struct waiter {
    struct poller *poller;
    size_t number;
    enum machine_state wanted;
    double seconds;
    int result;
    struct machine machine;
    struct err err;
};

static void *wait_for_machine(void *argument)
{
    struct waiter *waiter = argument;
    struct clock clock = clock_system();
    const struct cloud_patience patience = {clock_monotonic(&clock) + waiter->seconds, CANCEL_DRAIN};
    char id[32];
    name_machine(waiter->number, id);
    waiter->result =
        poller_wait(waiter->poller, id, waiter->wanted, &patience, &waiter->machine, &waiter->err);
    return NULL;
}

/* One thread for each machine, all of which wait for the same. */
static void start_waiting(struct poller *poller, enum machine_state wanted, double seconds,
                          struct waiter waiters[MACHINES], pthread_t threads[MACHINES])
{
    for (size_t i = 0; i < MACHINES; i++) {
        waiters[i] = (struct waiter){.poller = poller, .number = i, .wanted = wanted, .seconds = seconds};
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_machine, &waiters[i]), 0);
    }
}

static void join_all(const pthread_t threads[MACHINES])
{
    for (size_t i = 0; i < MACHINES; i++)
        pthread_join(threads[i], NULL);
}

static void every_worker_wakes_with_its_own_machine(void **state UNUSED)
{
    struct err err = {0};
    struct cancel cancel;
    struct cloud_session session = {.state = MACHINE_PENDING};
    const struct cloud cloud = {&operations, &session};
    struct waiter waiters[MACHINES];
    pthread_t threads[MACHINES];
    assert_succeeds(cancel_init(&cancel, &err), err);
    struct poller *poller = poller_start(&cloud, "run-1", &cancel, NULL, &err);
    assert_non_null(poller);
    static const enum machine_state states[] = {MACHINE_RUNNING, MACHINE_TERMINATED};
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
        start_waiting(poller, states[i], 60, waiters, threads);
        atomic_store(&session.state, states[i]);
        join_all(threads);
        for (size_t m = 0; m < MACHINES; m++) {
            char id[32];
            name_machine(m, id);
            assert_int_equal(waiters[m].result, 0);
            assert_string_equal(waiters[m].machine.id, id);
            assert_int_equal(waiters[m].machine.state, states[i]);
        }
    }
    poller_stop(poller);
    cancel_destroy(&cancel);
}

static void an_ended_machine_is_not_brought_back_by_a_late_answer(void **state UNUSED)
{
    struct err err = {0};
    struct cancel cancel;
    struct cloud_session session = {.state = MACHINE_TERMINATED};
    const struct cloud cloud = {&operations, &session};
    assert_succeeds(cancel_init(&cancel, &err), err);
    struct poller *poller = poller_start(&cloud, "run-1", &cancel, NULL, &err);
    assert_non_null(poller);
    struct waiter first = {.poller = poller, .wanted = MACHINE_TERMINATED, .seconds = 60};
    wait_for_machine(&first);
    assert_int_equal(first.result, 0);
    atomic_store(&session.state, MACHINE_RUNNING);
    /* a machine that never comes keeps the poller asking until it has heard the late answer */
    struct waiter other = {.poller = poller, .number = MACHINES, .wanted = MACHINE_RUNNING, .seconds = 1};
    wait_for_machine(&other);
    assert_int_equal(other.err.kind, ERR_NETWORK);
    struct waiter again = {.poller = poller, .wanted = MACHINE_RUNNING, .seconds = 1};
    wait_for_machine(&again);
    assert_int_equal(again.machine.state, MACHINE_TERMINATED);
    poller_stop(poller);
    cancel_destroy(&cancel);
}

static void deadlines_and_interruptions_end_every_wait_also_while_ec2_does_not_answer(void **state UNUSED)
{
    struct err err = {0};
    struct cancel cancel;
    struct clock clock = clock_system();
    struct cloud_session session = {.state = MACHINE_PENDING, .fails = true};
    const struct cloud cloud = {&operations, &session};
    struct waiter waiters[MACHINES];
    pthread_t threads[MACHINES];
    assert_succeeds(cancel_init(&cancel, &err), err);
    struct poller *poller = poller_start(&cloud, "run-1", &cancel, NULL, &err);
    assert_non_null(poller);
    start_waiting(poller, MACHINE_RUNNING, 0.2, waiters, threads);
    join_all(threads);
    assert_true(atomic_load(&session.answers) > 0);
    assert_true(atomic_load(&session.latest) <=
                clock_monotonic(&clock)); /* none outlasts who wants to know */
    for (size_t i = 0; i < MACHINES; i++)
        assert_true(waiters[i].result < 0 && waiters[i].err.kind == ERR_NETWORK);
    start_waiting(poller, MACHINE_RUNNING, 600, waiters, threads);
    cancel_request(&cancel, CANCEL_DRAIN, 2);
    join_all(threads);
    for (size_t i = 0; i < MACHINES; i++)
        assert_true(waiters[i].result < 0 && waiters[i].err.kind == ERR_CANCELLED);
    poller_stop(poller);
    cancel_destroy(&cancel);
}

static void nobody_asks_while_nobody_waits(void **state UNUSED)
{
    struct err err = {0};
    struct cancel cancel;
    struct clock clock = clock_system();
    struct cloud_session session = {.state = MACHINE_RUNNING};
    const struct cloud cloud = {&operations, &session};
    assert_succeeds(cancel_init(&cancel, &err), err);
    struct poller *poller = poller_start(&cloud, "run-1", &cancel, NULL, &err);
    assert_non_null(poller);
    assert_succeeds(clock_sleep(&clock, 0.3, &cancel, CANCEL_DRAIN, &err), err);
    assert_int_equal(atomic_load(&session.answers), 0);
    poller_stop(poller);
    cancel_destroy(&cancel);
}

/* What a poller said: its lines, one after the other. */
struct said {
    atomic_size_t refused;
    atomic_size_t again;
};

static void hear(void *context, enum log_level level, const char *line)
{
    struct said *said = context;
    bool refused = level == LOG_WARNING && strstr(line, "no answer");
    atomic_fetch_add(refused ? &said->refused : &said->again, 1);
}

static void a_refusal_at_each_question_is_said_once_and_so_is_its_end(void **state UNUSED)
{
    struct err err = {0};
    struct cancel cancel;
    struct log log;
    struct said said = {0};
    struct cloud_session session = {.state = MACHINE_RUNNING, .fails = true};
    const struct cloud cloud = {&operations, &session};
    assert_succeeds(cancel_init(&cancel, &err), err);
    log_init(&log, LOG_INFO, hear, &said);
    struct poller *poller = poller_start(&cloud, "run-1", &cancel, &log, &err);
    assert_non_null(poller);
    struct waiter waiter = {.poller = poller, .wanted = MACHINE_RUNNING, .seconds = 0.1};
    while (atomic_load(&session.answers) < 3)
        wait_for_machine(&waiter);
    assert_int_equal(atomic_load(&said.refused), 1);
    assert_int_equal(atomic_load(&said.again), 0);
    atomic_store(&session.fails, false);
    waiter.seconds = 60;
    wait_for_machine(&waiter);
    assert_int_equal(waiter.result, 0);
    poller_stop(poller);
    assert_int_equal(atomic_load(&said.refused), 1);
    assert_int_equal(atomic_load(&said.again), 1);
    log_destroy(&log);
    cancel_destroy(&cancel);
}

static void a_complaint_is_repeated_when_it_is_another_one_and_every_minute(void **state UNUSED)
{
    struct complaint complaint = {0};
    struct err refused = {0}, expired = {0}, again = {0};
    err_set(&refused, ERR_AUTH, "cipher 1");
    err_set_code(&refused, "UnauthorizedOperation");
    again = refused;
    snprintf(again.message, sizeof again.message, "cipher 2");
    err_set(&expired, ERR_AUTH, "expired");
    err_set_code(&expired, "RequestExpired");
    assert_false(complaint_is_over(&complaint));
    assert_true(complaint_is_due(&complaint, &refused, 1000));
    assert_false(complaint_is_due(&complaint, &again, 1001));
    assert_false(complaint_is_due(&complaint, &again, 1000 + COMPLAINT_EVERY - 1));
    assert_true(complaint_is_due(&complaint, &again, 1000 + COMPLAINT_EVERY));
    assert_true(complaint_is_due(&complaint, &expired, 1000 + COMPLAINT_EVERY + 1));
    assert_true(complaint_is_over(&complaint));
    assert_false(complaint_is_over(&complaint));
    assert_true(complaint_is_due(&complaint, &expired, 1000 + COMPLAINT_EVERY + 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_worker_wakes_with_its_own_machine),
        cmocka_unit_test(an_ended_machine_is_not_brought_back_by_a_late_answer),
        cmocka_unit_test(deadlines_and_interruptions_end_every_wait_also_while_ec2_does_not_answer),
        cmocka_unit_test(nobody_asks_while_nobody_waits),
        cmocka_unit_test(a_refusal_at_each_question_is_said_once_and_so_is_its_end),
        cmocka_unit_test(a_complaint_is_repeated_when_it_is_another_one_and_every_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
