#include "unit.h"

#include "base/fs.h"
#include "base/json.h"
#include "orchestrator/journal.h"

#include "temporary.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

/* No file of this process grows beyond so many bytes: writes end in the middle, then fail. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void a_record_that_does_not_fit_leaves_the_others_readable(void **state)
{
    struct err err = {0};
    const char *directory = *state;
    struct journal *journal = journal_open(directory, "run-1", &err);
    assert_non_null(journal);
    AUTO_FREE char *path = strdup(journal_path(journal));
    assert_succeeds(journal_launched(journal, 0, "i-1", &err), err);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(100);
    assert_fails(journal_launched(journal, 1, "i-2", &err), err, ERR_CONFIG);
    limit_files(RLIM_INFINITY);
    assert_succeeds(journal_terminated(journal, 0, "i-1", &err), err);
    journal_close(journal);

    size_t lines = 0;
    AUTO_FREE char *text = fs_read_file(path, 1 << 20, NULL, &err);
    assert_non_null(text);
    for (char *line = text; *line; lines++) {
        size_t length = strcspn(line, "\n");
        AUTO_JSON cJSON *record = json_parse(line, length, 1 << 16, &err);
        if (!record)
            fail_msg("line %zu: %s: %s", lines + 1, err.message, line);
        line += length + 1;
    }
    assert_int_equal(lines, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_that_does_not_fit_leaves_the_others_readable,
                                        temporary_setup, temporary_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
