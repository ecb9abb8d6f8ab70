/* One journal, written by many threads at once. */
#include "unit.h"

#include "orchestrator/journal.h"
#include "orchestrator/journal_read.h"

#include "temporary.h"

#include <pthread.h>
#include <string.h>

#define RUN "20261120T153045Z-abc123"
#define THREADS 8
#define LAUNCHES 20 /* of each thread */

struct writer {
    struct journal *journal;
    size_t job;
    size_t failures;
};

/* Launches of one job, each with a request of another length, the longest beyond what the kernel writes at
 * once.
 */
static void *write_launches(void *argument)
{
    struct writer *writer = argument;
    char request[8192];
    char token[32], id[32];
    for (size_t i = 0; i < LAUNCHES; i++) {
        size_t length = 400 * i;
        memset(request, 'x', length);
        request[length] = '\0';
        snprintf(token, sizeof token, "t-%zu-%zu", writer->job, i);
        snprintf(id, sizeof id, "i-%zu0%zu", writer->job, i);
        writer->failures += journal_intent(writer->journal, writer->job, token, request, NULL) < 0;
        writer->failures += journal_launched(writer->journal, writer->job, token, id, NULL) < 0;
        writer->failures += journal_terminated(writer->journal, writer->job, id, NULL) < 0;
    }
    return NULL;
}

static struct journal *begin(void **state)
{
    static const char *const types[THREADS] = {"m7i.large", "c7g.large", "m7i.large", "c7g.large",
                                               "m7i.large", "c7g.large", "m7i.large", "c7g.large"};
    static const char *const words[] = {"--instance-types=m7i.large,c7g.large"};
    static const struct journal_header header = {.run_id = RUN,
                                                 .region = "us-east-1",
                                                 .endpoint = "http://127.0.0.1:1",
                                                 .account = "123456789012",
                                                 .collection_method = "sandbox",
                                                 .output_dir = "/out",
                                                 .arguments = words,
                                                 .argument_count = 1,
                                                 .instance_types = types,
                                                 .instance_type_count = THREADS};
    struct err err = {0};
    struct journal *journal = journal_open(*state, RUN, &err);
    if (!journal)
        fail_msg("%s", err.message);
    assert_succeeds(journal_run(journal, &header, &err), err);
    return journal;
}

static void every_record_of_every_thread_is_whole_and_in_its_order(void **state)
{
    struct err err = {0};
    struct writer writers[THREADS];
    pthread_t threads[THREADS];
    size_t next[THREADS] = {0};
    struct journal *journal = begin(state);
    for (size_t i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){journal, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, write_launches, &writers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].failures, 0);
    }
    journal_close(journal);
    AUTO_HISTORY struct run_history history = {0};
    assert_succeeds(history_load(*state, RUN, &history, &err), err);
    assert_int_equal(history.damaged, 0);
    assert_false(history.unfinished_end);
    assert_int_equal(history.records, 1 + 3 * THREADS * LAUNCHES);
    assert_int_equal(history.launch_count, THREADS * LAUNCHES);
    for (size_t i = 0; i < history.launch_count; i++) {
        const struct history_launch *launch = &history.launches[i];
        char token[32];
        assert_in_range(launch->job, 0, THREADS - 1);
        snprintf(token, sizeof token, "t-%zu-%zu", launch->job, next[launch->job]++);
        assert_string_equal(launch->token, token);
        assert_int_equal(launch->fate, LAUNCH_ENDED);
    }
    assert_true(history_is_settled(&history));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_record_of_every_thread_is_whole_and_in_its_order,
                                        temporary_setup, temporary_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
