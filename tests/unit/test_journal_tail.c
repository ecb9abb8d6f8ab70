/* Journals read while they are written. */
#include "unit.h"

#include "temporary.h"

#include "orchestrator/journal_tail.h"

#include <fcntl.h>
#include <string.h>

#define RUN "20261121T102613Z-m0ziqf"

struct fixture {
    int file;
    struct journal_tail *tail;
};

static void close_fixture(struct fixture *fixture)
{
    journal_tail_close(fixture->tail);
    close(fixture->file);
}

static struct fixture open_fixture(const char *state_directory)
{
    struct err err;
    char path[512];
    snprintf(path, sizeof path, "%s/runs/" RUN, state_directory);
    assert_succeeds(fs_make_directories(path, 0700, &err), err);
    snprintf(path, sizeof path, "%s/runs/" RUN "/journal.ndjson", state_directory);
    struct fixture fixture = {.file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    assert_true(fixture.file >= 0);
    fixture.tail = journal_tail_open(state_directory, RUN, &err);
    assert_non_null(fixture.tail);
    return fixture;
}

static void add(const struct fixture *fixture, const char *text)
{
    struct err err;
    assert_succeeds(fs_write_all(fixture->file, text, strlen(text), &err), err);
}

/* The number in the next record. */
static void assert_next(const struct fixture *fixture, int number)
{
    struct err err = {0};
    AUTO_JSON cJSON *record = NULL;
    assert_int_equal(journal_tail_next(fixture->tail, &record, &err), TAIL_RECORD);
    assert_int_equal(json_at(record, "n")->valueint, number);
}

static void assert_no_next(const struct fixture *fixture, enum tail_result wanted, const char *said)
{
    struct err err = {0};
    AUTO_JSON cJSON *record = NULL;
    assert_int_equal(journal_tail_next(fixture->tail, &record, &err), wanted);
    assert_null(record);
    if (!strstr(err.message, said))
        fail_msg("'%s' is not in: %s", said, err.message);
}

static void records_come_as_they_are_written(void **state)
{
    CLEANUP(close_fixture) struct fixture fixture = open_fixture(*state);
    assert_no_next(&fixture, TAIL_END, "");
    add(&fixture, "{\"n\":1}\n{\"n\":2}\n{\"n\"");
    assert_next(&fixture, 1);
    assert_next(&fixture, 2);
    assert_no_next(&fixture, TAIL_END, "");
    assert_true(journal_tail_is_cut(fixture.tail));
    add(&fixture, ":3}\n");
    assert_next(&fixture, 3);
    assert_no_next(&fixture, TAIL_END, "");
    assert_false(journal_tail_is_cut(fixture.tail));
}

static void damaged_lines_are_named_and_the_rest_is_read(void **state)
{
    CLEANUP(close_fixture) struct fixture fixture = open_fixture(*state);
    add(&fixture, "{\"n\":1}\nnonsense\n[1]\n\n{\"n\":5}\n");
    assert_next(&fixture, 1);
    assert_no_next(&fixture, TAIL_DAMAGED, "line 2");
    assert_no_next(&fixture, TAIL_DAMAGED, "line 3: it is no record");
    assert_no_next(&fixture, TAIL_DAMAGED, "line 4");
    assert_next(&fixture, 5);
}

static void a_line_without_an_end_takes_no_endless_memory(void **state)
{
    CLEANUP(close_fixture) struct fixture fixture = open_fixture(*state);
    static char block[65536];
    memset(block, 'x', sizeof block - 1);
    for (int i = 0; i < 50; i++)
        add(&fixture, block);
    assert_no_next(&fixture, TAIL_END, "");
    assert_true(journal_tail_is_cut(fixture.tail));
    add(&fixture, "\n{\"n\":2}\n");
    assert_no_next(&fixture, TAIL_DAMAGED, "line 1 is too long");
    assert_next(&fixture, 2);
}

static void half_a_line_that_was_taken_back_is_forgotten(void **state)
{
    CLEANUP(close_fixture) struct fixture fixture = open_fixture(*state);
    add(&fixture, "{\"n\":1}\n{\"n\":2,\"te");
    assert_next(&fixture, 1);
    assert_no_next(&fixture, TAIL_END, "");
    assert_int_equal(ftruncate(fixture.file, 8), 0);
    assert_no_next(&fixture, TAIL_END, "");
    assert_false(journal_tail_is_cut(fixture.tail));
    add(&fixture, "{\"n\":3}\n");
    assert_next(&fixture, 3);
}

static void a_run_without_a_journal_is_not_found(void **state)
{
    struct err err = {0};
    assert_null(journal_tail_open(*state, RUN, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_null(journal_tail_open(*state, "../../etc", &err));
    assert_int_equal(err.kind, ERR_USAGE);
}

int main(void)
{
#define IN_TEMPORARY(test) cmocka_unit_test_setup_teardown(test, temporary_setup, temporary_teardown)
    const struct CMUnitTest tests[] = {
        IN_TEMPORARY(records_come_as_they_are_written),
        IN_TEMPORARY(damaged_lines_are_named_and_the_rest_is_read),
        IN_TEMPORARY(a_line_without_an_end_takes_no_endless_memory),
        IN_TEMPORARY(half_a_line_that_was_taken_back_is_forgotten),
        IN_TEMPORARY(a_run_without_a_journal_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
