/* Runs as people name them. */
#include "unit.h"

#include "temporary.h"

#include "run_ids.h"

#include <string.h>

static const char *const runs[] = {"20261121T102613Z-m0ziqf", "20261121T102614Z-k3x9qd",
                                   "20261122T000000Z-k3zzzz"};

static void make_runs(const char *directory)
{
    struct err err;
    for (size_t i = 0; i < ARRAY_LENGTH(runs); i++) {
        AUTO_FREE char *all = fs_join(directory, "runs", NULL);
        AUTO_FREE char *own = fs_join(all, runs[i], NULL);
        AUTO_FREE char *journal = fs_join(own, "journal.ndjson", NULL);
        assert_succeeds(fs_make_directories(own, 0700, &err), err);
        assert_succeeds(fs_create_file(journal, "", 0, 0600, &err), err);
    }
}

static void a_run_is_found_by_its_id_and_by_enough_of_it(void **state)
{
    static const struct {
        const char *word;
        size_t run;
    } cases[] = {
        {"20261121T102613Z-m0ziqf", 0},
        {"20261121T102613", 0},
        {"20261122", 2},
        {"m0ziqf", 0},
        {"m", 0},
        {"k3x", 1},
    };
    make_runs(*state);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct err err;
        char found[RUN_ID_SIZE];
        assert_succeeds(run_id_find(*state, cases[i].word, found, &err), err);
        assert_string_equal(found, runs[cases[i].run]);
    }
}

static void a_word_that_means_none_or_several_is_a_usage_error(void **state)
{
    static const struct {
        const char *word;
        const char *said;
    } cases[] = {
        {"2026", "give more"},
        {"k3", "give more"},
        {"20261121T102613Z-m0ziqq", "did you mean '20261121T102613Z-m0ziqf'"},
        {"nothing", "the newest is '20261122T000000Z-k3zzzz'"},
        {"", "the newest is"},
        {"../..", "the newest is"},
    };
    make_runs(*state);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct err err;
        char found[RUN_ID_SIZE];
        assert_fails(run_id_find(*state, cases[i].word, found, &err), err, ERR_USAGE);
        if (!strstr(err.message, cases[i].said))
            fail_msg("%s: %s", cases[i].word, err.message);
    }
}

static void without_runs_there_is_none(void **state)
{
    struct err err;
    char found[RUN_ID_SIZE];
    assert_fails(run_id_find(*state, "m0ziqf", found, &err), err, ERR_USAGE);
    assert_non_null(strstr(err.message, "no run has a journal"));
}

int main(void)
{
#define IN_TEMPORARY(test) cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)
    const struct CMUnitTest tests[] = {
        IN_TEMPORARY(a_run_is_found_by_its_id_and_by_enough_of_it),
        IN_TEMPORARY(a_word_that_means_none_or_several_is_a_usage_error),
        IN_TEMPORARY(without_runs_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
