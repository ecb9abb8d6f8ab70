#include "unit.h"

#include "base/json.h"
#include "base/parse.h"
#include "base/text.h"
#include "progress.h"

#include <pthread.h>
#include <string.h>

/* --- a terminal that shows what it was sent --------------------------------------------------- */

#define SCREEN_ROWS 64
#define SCREEN_COLUMNS 200

struct screen {
    char cells[SCREEN_ROWS][SCREEN_COLUMNS + 1];
    unsigned row;
    unsigned column;
    bool wraps;
    bool misused; /* a control sequence that progress has no business sending */
};

static void clear_from(struct screen *screen, unsigned row)
{
    memset(screen->cells[row] + screen->column, 0, SCREEN_COLUMNS - screen->column);
    for (unsigned i = row + 1; i < SCREEN_ROWS; i++)
        memset(screen->cells[i], 0, SCREEN_COLUMNS);
}

/* Acts on what follows ESC [ and returns what follows that. */
static const char *control(struct screen *screen, const char *at)
{
    struct cursor cursor = cursor_over(at);
    uint32_t number = 1;
    bool is_private = cursor_skip(&cursor, '?');
    cursor_number(&cursor, &number);
    if (is_private && cursor_skip(&cursor, 'l'))
        screen->wraps = false;
    else if (is_private && cursor_skip(&cursor, 'h'))
        screen->wraps = true;
    else if (cursor_skip(&cursor, 'A'))
        screen->row -= number < screen->row ? number : screen->row;
    else if (cursor_skip(&cursor, 'J'))
        clear_from(screen, screen->row);
    else if (!cursor_skip(&cursor, 'm'))
        screen->misused = true;
    return cursor.at;
}

static struct screen show(const char *sent)
{
    struct screen screen = {.wraps = true};
    while (*sent && screen.row < SCREEN_ROWS) {
        char c = *sent++;
        if (c == '\033' && *sent == '[')
            sent = control(&screen, sent + 1);
        else if (c == '\r')
            screen.column = 0;
        else if (c == '\n')
            screen.column = 0, screen.row++;
        else if ((unsigned char)c < 0x20)
            screen.misused = true;
        else if (screen.column < SCREEN_COLUMNS)
            screen.cells[screen.row][screen.column++] = c;
    }
    return screen;
}

static bool screen_shows(const struct screen *screen, const char *text)
{
    for (unsigned i = 0; i < SCREEN_ROWS; i++)
        if (strstr(screen->cells[i], text))
            return true;
    return false;
}

static unsigned lines_on(const struct screen *screen)
{
    unsigned lines = 0;
    for (unsigned i = 0; i < SCREEN_ROWS; i++)
        lines += screen->cells[i][0] != '\0';
    return lines;
}

/* --- a run ------------------------------------------------------------------------------------ */

struct fixture {
    struct progress *progress;
    FILE *out;
    char *text;
    size_t length;
    double now;
};

static double read_now(void *context)
{
    return *(double *)context;
}

static struct terminal_size small_terminal(FILE *out UNUSED)
{
    return (struct terminal_size){6, 60};
}

static struct terminal_size large_terminal(FILE *out UNUSED)
{
    return (struct terminal_size){40, 120};
}

static void begin(struct fixture *fixture, enum progress_choice mode, size_t jobs,
                  struct terminal_size (*size)(FILE *out))
{
    static const struct progress_job all[] = {
        {"m7i.large", 2}, {"c7g.large", 2}, {"m7i.large", 1}, {"r8g.xlarge", 2}, {"c8g.metal-48xl", 2},
        {"t3.micro", 2},  {"t3.micro", 2},  {"t3.micro", 2},  {"t3.micro", 2},   {"t3.micro", 2}};
    struct err err = {0};
    *fixture = (struct fixture){.now = 0};
    fixture->out = open_memstream(&fixture->text, &fixture->length);
    const struct progress_settings settings = {
        .mode = mode,
        .jobs = all,
        .job_count = jobs,
        .out = fixture->out,
        .clock = {.realtime = read_now, .monotonic = read_now, .context = &fixture->now},
        .size = size,
    };
    fixture->progress = progress_start(&settings, &err);
    assert_non_null(fixture->progress);
}

static void end(struct fixture *fixture)
{
    progress_finish(fixture->progress);
    fclose(fixture->out);
    free(fixture->text);
}

static struct event event_of(size_t job, enum event_kind kind, enum job_state state, const char *text)
{
    struct event event = {.kind = kind, .job = job, .state = state, .percent = -1, .realtime = 1795188645};
    snprintf(event.instance_type, sizeof event.instance_type, "%s", job ? "c7g.large" : "m7i.large");
    snprintf(event.instance_id, sizeof event.instance_id, "i-%017zx", job);
    snprintf(event.text, sizeof event.text, "%s", text);
    return event;
}

static void reach(struct fixture *fixture, size_t job, enum job_state state, const char *suite)
{
    struct event event = event_of(job, EVENT_STATE, state, "");
    event.elapsed = fixture->now;
    snprintf(event.suite, sizeof event.suite, "%s", suite);
    progress_event(fixture->progress, &event);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void a_line_says_each_transition_where_there_is_no_terminal(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_PLAIN, 2, NULL);
    run.now = 12.34;
    reach(&run, 0, JOB_MEASURED, "stream");
    progress_tick(run.progress);
    struct event failed = event_of(1, EVENT_STATE, JOB_FAILED, "");
    err_set(&failed.error, ERR_CAPACITY, "no capacity in us-east-1a");
    progress_event(run.progress, &failed);
    assert_string_equal(run.text,
                        "    12.3 s  m7i.large i-00000000000000000 measured stream\n"
                        "     0.0 s  c7g.large i-00000000000000001 failed: no capacity in us-east-1a\n");
    end(&run);
}

static void a_percentage_is_no_transition(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_PLAIN, 1, NULL);
    struct event event = event_of(0, EVENT_PROGRESS, JOB_DELIVERED, "triad");
    progress_event(run.progress, &event);
    fflush(run.out);
    assert_int_equal(run.length, 0);
    end(&run);
}

static void the_live_table_shows_each_active_job_once(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_TTY, 3, large_terminal);
    reach(&run, 0, JOB_INTENT, "");
    reach(&run, 0, JOB_LAUNCHED, "");
    progress_tick(run.progress);
    run.now = 65;
    reach(&run, 1, JOB_DELIVERED, "stream");
    struct event event = event_of(1, EVENT_PROGRESS, JOB_DELIVERED, "triad 41.9 GB/s");
    snprintf(event.suite, sizeof event.suite, "stream");
    event.percent = 50;
    progress_event(run.progress, &event);
    progress_tick(run.progress);
    progress_tick(run.progress);
    struct screen screen = show(run.text);
    assert_false(screen.misused);
    assert_true(screen.wraps);
    assert_int_equal(lines_on(&screen), 3);
    assert_string_equal(screen.cells[0], "1:05     m7i.large  i-00000000000000000  booting");
    assert_string_equal(screen.cells[1], "0:00     c7g.large  i-00000000000000001  [#####...............]  "
                                         "measuring stream 50 %  triad 41.9 GB/s");
    assert_string_equal(screen.cells[2], "1:05     3 jobs: 2 active, 1 waiting");
    end(&run);
}

static void a_resumed_job_counts_only_what_it_still_has_to_measure(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_TTY, 3, large_terminal);
    struct event event = event_of(2, EVENT_PROGRESS, JOB_DELIVERED, "");
    snprintf(event.suite, sizeof event.suite, "numa");
    event.percent = 50;
    progress_event(run.progress, &event);
    progress_tick(run.progress);
    struct screen screen = show(run.text);
    assert_true(screen_shows(&screen, "[##########..........]  measuring numa 50 %"));
    reach(&run, 2, JOB_MEASURED, "numa");
    progress_tick(run.progress);
    screen = show(run.text);
    assert_true(screen_shows(&screen, "storing"));
    end(&run);
}

static void a_table_that_has_not_changed_is_not_sent_again(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_TTY, 1, large_terminal);
    progress_tick(run.progress);
    size_t before = run.length;
    run.now = 0.4;
    progress_tick(run.progress);
    assert_int_equal(run.length, before);
    run.now = 1.1;
    progress_tick(run.progress);
    assert_true(run.length > before);
    end(&run);
}

static void log_lines_stand_whole_above_the_table(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_TTY, 1, large_terminal);
    reach(&run, 0, JOB_RUNNING, "");
    progress_tick(run.progress);
    progress_log(run.progress, LOG_WARNING, "slow\033[2Jness");
    progress_log(run.progress, LOG_INFO, "second");
    struct screen screen = show(run.text);
    assert_false(screen.misused);
    assert_string_equal(screen.cells[0], "warning: slow?[2Jness");
    assert_string_equal(screen.cells[1], "info: second");
    assert_int_equal(lines_on(&screen), 4);
    end(&run);
}

static void *log_many_lines(void *progress)
{
    for (int i = 0; i < 200; i++)
        progress_log(progress, LOG_INFO, "line");
    return NULL;
}

/* Under ThreadSanitizer this also shows that the lock covers what it must. */
static void threads_may_log_while_the_table_is_drawn(void **state UNUSED)
{
    struct fixture run;
    pthread_t threads[2];
    begin(&run, PROGRESS_TTY, 1, large_terminal);
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_many_lines, run.progress), 0);
    for (int i = 0; i < 50; i++) {
        reach(&run, 0, i % 2 ? JOB_RUNNING : JOB_LAUNCHED, "");
        progress_tick(run.progress);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
        pthread_join(threads[i], NULL);
    size_t whole = 0;
    for (const char *at = run.text; (at = strstr(at, "info: line\n")); at++)
        whole++;
    assert_int_equal(whole, 400);
    end(&run);
}

static void a_job_that_fails_is_shown_to_be_ending_whatever_its_state(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_TTY, 1, large_terminal);
    struct event event = event_of(0, EVENT_PROGRESS, JOB_DELIVERED, "");
    event.failing = true;
    progress_event(run.progress, &event);
    progress_tick(run.progress);
    fflush(run.out);
    struct screen screen = show(run.text);
    assert_true(screen_shows(&screen, "terminating"));
    assert_false(screen_shows(&screen, "["));
    end(&run);
}

static void the_table_keeps_within_a_small_terminal(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_TTY, 10, small_terminal);
    for (size_t job = 0; job < 10; job++)
        reach(&run, job, JOB_DELIVERED, "a-suite-of-a-rather-long-name-that-goes-on-beyond-the-edge");
    for (int i = 0; i < 5; i++)
        progress_tick(run.progress);
    struct screen screen = show(run.text);
    assert_int_equal(lines_on(&screen), 5);
    for (unsigned i = 0; i < SCREEN_ROWS; i++)
        assert_true(strlen(screen.cells[i]) <= 60);
    assert_true(screen_shows(&screen, "and 7 more"));
    assert_true(screen_shows(&screen, "10 jobs: 10 active"));
    end(&run);
}

static void what_is_left_at_the_end_is_no_table(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_TTY, 2, large_terminal);
    run.now = 3723;
    reach(&run, 0, JOB_TERMINATED, "");
    struct event failed = event_of(1, EVENT_STATE, JOB_FAILED, "gone\033[31m");
    err_set(&failed.error, ERR_REMOTE, "the container\nfailed");
    failed.elapsed = run.now;
    progress_event(run.progress, &failed);
    progress_tick(run.progress);
    progress_finish(run.progress);
    struct screen screen = show(run.text);
    assert_false(screen.misused);
    assert_string_equal(screen.cells[0], "1:02:03  m7i.large i-00000000000000000 terminated");
    assert_string_equal(screen.cells[1],
                        "1:02:03  c7g.large i-00000000000000001 failed: gone?[31m: the container failed");
    assert_string_equal(screen.cells[2], "2 jobs: 1 failed, 1 done in 1:02:03");
    assert_int_equal(lines_on(&screen), 3);
    fclose(run.out);
    free(run.text);
}

static void json_lines_are_json_whatever_is_said(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_JSON, 2, NULL);
    struct event event = event_of(0, EVENT_PROGRESS, JOB_DELIVERED, "tri\"ad\xff\033[2J\x7f");
    event.percent = 7;
    progress_event(run.progress, &event);
    struct event note = {.kind = EVENT_NOTE, .job = SIZE_MAX};
    err_set(&note.error, ERR_QUOTA, "the limit is reached");
    progress_event(run.progress, &note);
    progress_log(run.progress, LOG_WARNING, "careful");
    assert_true(text_is_utf8(run.text, run.length));
    assert_null(strpbrk(run.text, "\033\x7f"));
    const char *line = run.text;
    for (int i = 0; i < 3; i++) {
        struct err err = {0};
        size_t length = strcspn(line, "\n");
        AUTO_JSON cJSON *object = json_parse(line, length, 65536, &err);
        assert_non_null(object);
        line += length + 1;
    }
    assert_int_equal(*line, '\0');
    assert_non_null(strstr(run.text, "\"percent\":7"));
    assert_non_null(strstr(run.text, "\"kind\":\"quota\""));
    end(&run);
}

static void nothing_but_the_log_is_said_in_mode_none(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_NONE, 1, NULL);
    reach(&run, 0, JOB_LAUNCHED, "");
    progress_tick(run.progress);
    progress_log(run.progress, LOG_ERROR, "broken");
    progress_finish(run.progress);
    fclose(run.out);
    assert_string_equal(run.text, "error: broken\n");
    free(run.text);
}

/* The window is narrow once the first table stands. */
static struct terminal_size shrinking_terminal(FILE *out)
{
    return (struct terminal_size){40, ftell(out) > 0 ? 30 : 120};
}

/* At 120 columns the lines took one row each; at 30 the terminal has folded them into three and two. */
static void a_window_made_narrower_leaves_no_rests(void **state UNUSED)
{
    struct fixture run;
    begin(&run, PROGRESS_TTY, 1, shrinking_terminal);
    reach(&run, 0, JOB_RUNNING, "");
    progress_tick(run.progress);
    size_t before = run.length;
    progress_tick(run.progress);
    assert_true(text_starts_with(run.text + before, "\r\033[3A"));
    end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_each_transition_where_there_is_no_terminal),
        cmocka_unit_test(a_percentage_is_no_transition),
        cmocka_unit_test(the_live_table_shows_each_active_job_once),
        cmocka_unit_test(a_resumed_job_counts_only_what_it_still_has_to_measure),
        cmocka_unit_test(a_table_that_has_not_changed_is_not_sent_again),
        cmocka_unit_test(log_lines_stand_whole_above_the_table),
        cmocka_unit_test(threads_may_log_while_the_table_is_drawn),
        cmocka_unit_test(a_job_that_fails_is_shown_to_be_ending_whatever_its_state),
        cmocka_unit_test(the_table_keeps_within_a_small_terminal),
        cmocka_unit_test(what_is_left_at_the_end_is_no_table),
        cmocka_unit_test(json_lines_are_json_whatever_is_said),
        cmocka_unit_test(nothing_but_the_log_is_said_in_mode_none),
        cmocka_unit_test(a_window_made_narrower_leaves_no_rests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
