#include "progress.h"

#include "live_table.h"

#include "base/json.h"
#include "base/text.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#define LONGEST_FRAME (256 * 1024)

#define ERASE_BELOW "\033[J"
#define WRAP_OFF "\033[?7l"
#define WRAP_ON "\033[?7h"

struct progress {
    struct progress_settings settings;
    double started;       /* monotonic */
    pthread_mutex_t lock; /* guards what follows, and the stream */
    struct job_view *jobs;
    unsigned drawn[LIVE_MOST_ROWS]; /* columns of each line of the live table that is on the terminal */
    size_t drawn_count;
    struct terminal_size drawn_for;
    char *drawn_text;
};

enum progress_choice progress_mode(const struct program *program)
{
    enum progress_choice mode = (enum progress_choice)program->common.progress;
    if (mode != PROGRESS_AUTO)
        return mode;
    if (program->common.quiet)
        return PROGRESS_NONE;
    const char *terminal = getenv("TERM");
    int fd = fileno(program->talk);
    bool able = terminal && strcmp(terminal, "dumb") != 0;
    return able && fd >= 0 && isatty(fd) ? PROGRESS_TTY : PROGRESS_PLAIN;
}

static struct terminal_size ask_terminal(FILE *out)
{
    struct terminal_size size = {24, 80};
    terminal_ask(out, &size);
    return size;
}

struct progress *progress_start(const struct progress_settings *settings, struct err *err)
{
    AUTO_FREE struct progress *progress = calloc(1, sizeof *progress);
    struct job_view *jobs = calloc(settings->job_count + 1, sizeof *jobs);
    if (!progress || !jobs) {
        free(jobs);
        err_memory(err);
        return NULL;
    }
    progress->settings = *settings;
    if (!settings->size)
        progress->settings.size = ask_terminal;
    progress->started = clock_monotonic(&settings->clock);
    progress->jobs = jobs;
    for (size_t i = 0; i < settings->job_count; i++) {
        jobs[i].percent = -1;
        jobs[i].began = -1;
        jobs[i].measurements = settings->jobs[i].measurements;
        snprintf(jobs[i].instance_type, sizeof jobs[i].instance_type, "%s", settings->jobs[i].instance_type);
    }
    progress->settings.jobs = NULL;
    pthread_mutex_init(&progress->lock, NULL);
    return TAKE(progress);
}

static struct run_view view_of(const struct progress *progress)
{
    return (struct run_view){
        .jobs = progress->jobs,
        .job_count = progress->settings.job_count,
        .now = clock_monotonic(&progress->settings.clock) - progress->started,
        .colour = progress->settings.colour,
    };
}

/* One write, so that nothing of it is seen half. */
static void put(const struct progress *progress, const struct strbuf *text)
{
    fwrite(strbuf_text(text), 1, text->length, progress->settings.out);
    fflush(progress->settings.out);
}

/* --- live table ------------------------------------------------------------------------------ */

/* Moves to where the table begins and clears from there. A window made narrower since has folded its lines.
 */
static void add_erase(const struct progress *progress, struct strbuf *out, unsigned columns)
{
    unsigned lines = 0;
    for (size_t i = 0; i < progress->drawn_count; i++)
        lines += progress->drawn[i] > columns ? (progress->drawn[i] + columns - 1) / columns : 1;
    if (lines)
        strbuf_addf(out, "\r\033[%uA%s", lines, ERASE_BELOW);
}

/* Erases the table, writes text, which may be empty, where it stood, and draws it again below. What would
 * only draw the same is left out. */
static void redraw(struct progress *progress, const char *text)
{
    AUTO_STRBUF struct strbuf table = STRBUF_INIT(LONGEST_FRAME);
    AUTO_STRBUF struct strbuf frame = STRBUF_INIT(LONGEST_FRAME);
    unsigned widths[LIVE_MOST_ROWS];
    struct run_view run = view_of(progress);
    struct terminal_size size = progress->settings.size(progress->settings.out);
    size_t count = live_table_compose(&table, &run, size, widths);
    bool resized = size.rows != progress->drawn_for.rows || size.columns != progress->drawn_for.columns;
    bool same = progress->drawn_text && strcmp(progress->drawn_text, strbuf_text(&table)) == 0;
    if (same && !resized && !*text)
        return;
    add_erase(progress, &frame, size.columns);
    strbuf_addf(&frame, "%s%s%s%s", text, WRAP_OFF, strbuf_text(&table), WRAP_ON);
    put(progress, &frame);
    memcpy(progress->drawn, widths, count * sizeof *widths);
    progress->drawn_count = count;
    progress->drawn_for = size;
    free(progress->drawn_text);
    progress->drawn_text = strbuf_take(&table, "the live table", NULL);
}

/* --- lines that stay ------------------------------------------------------------------------- */

static void add_text(struct strbuf *out, const char *text)
{
    text_add_printable(out, text, strlen(text));
}

/* "m7i.large i-0123 stored: 3 results" */
static void add_job_words(struct strbuf *out, const struct event *event)
{
    if (event->job == SIZE_MAX)
        strbuf_adds(out, "run");
    else
        add_text(out, event->instance_type);
    if (event->instance_id[0]) {
        strbuf_addc(out, ' ');
        add_text(out, event->instance_id);
    }
}

/* What the line does not say already. */
static void add_reason(struct strbuf *out, const struct event *event)
{
    bool said = strcmp(event->text, event->instance_id) == 0 || strcmp(event->text, event->suite) == 0;
    if (event->text[0] && !said) {
        strbuf_adds(out, ": ");
        add_text(out, event->text);
    }
    if (event->error.kind != ERR_NONE && strcmp(event->error.message, event->text) != 0) {
        strbuf_adds(out, ": ");
        add_text(out, event->error.message);
    }
}

static void add_plain_line(struct strbuf *out, const struct event *event)
{
    strbuf_addf(out, "%8.1f s  ", event->elapsed);
    add_job_words(out, event);
    if (event->kind == EVENT_STATE) {
        strbuf_addf(out, " %s", job_state_name(event->state));
        if (event->state == JOB_MEASURED && event->suite[0]) {
            strbuf_addc(out, ' ');
            add_text(out, event->suite);
        }
    }
    add_reason(out, event);
    strbuf_addc(out, '\n');
}

/* Above the live table stands how jobs ended, and notes. */
static void add_lasting_line(const struct progress *progress, struct strbuf *out, const struct event *event)
{
    bool failed = event->error.kind != ERR_NONE;
    bool ended = event->kind == EVENT_STATE && (event->state == JOB_TERMINATED || event->state == JOB_FAILED);
    if (!ended && event->kind != EVENT_NOTE)
        return;
    const char *colour = failed ? "\033[31m" : event->kind == EVENT_NOTE ? "\033[33m" : "\033[32m";
    text_add_elapsed(out, event->elapsed);
    strbuf_adds(out, "  ");
    add_job_words(out, event);
    if (event->kind == EVENT_STATE)
        strbuf_addf(out, " %s%s%s", progress->settings.colour ? colour : "", job_state_name(event->state),
                    progress->settings.colour ? "\033[0m" : "");
    add_reason(out, event);
    strbuf_addc(out, '\n');
}

/* --- JSON lines ------------------------------------------------------------------------------ */

static void put_json(const struct progress *progress, const cJSON *object)
{
    AUTO_STRBUF struct strbuf line = STRBUF_INIT(16384);
    AUTO_FREE char *text = json_print(object, false, NULL);
    strbuf_adds(&line, text ? text : "{}");
    strbuf_addc(&line, '\n');
    put(progress, &line);
}

/* JSON escapes control characters below 0x20 alone. */
static void add_json_text(cJSON *object, const char *name, const char *text)
{
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(16384);
    add_text(&printable, text);
    json_add_string(object, name, strbuf_text(&printable), NULL);
}

static void add_json_error(cJSON *object, const struct err *error)
{
    cJSON *child = json_child(object, "error", NULL);
    json_add_string(child, "kind", err_kind_name(error->kind), NULL);
    json_add_string(child, "code", error->code[0] ? error->code : NULL, NULL);
    add_json_text(child, "message", error->message);
}

static void put_json_event(const struct progress *progress, const struct event *event)
{
    static const char *const kinds[] = {
        [EVENT_STATE] = "state", [EVENT_PROGRESS] = "progress", [EVENT_NOTE] = "note"};
    char timestamp[TIMESTAMP_SIZE];
    format_timestamp(event->realtime, timestamp);
    AUTO_JSON cJSON *object = cJSON_CreateObject();
    json_add_string(object, "event", kinds[event->kind], NULL);
    json_add_string(object, "time", timestamp, NULL);
    json_add_double(object, "elapsed", round(event->elapsed * 1000) / 1000, NULL);
    if (event->job != SIZE_MAX) {
        json_add_i64(object, "job", (int64_t)event->job, NULL);
        json_add_string(object, "instance_type", event->instance_type, NULL);
        json_add_string(object, "instance_id", event->instance_id[0] ? event->instance_id : NULL, NULL);
        json_add_string(object, "state", job_state_name(event->state), NULL);
        json_add_string(object, "suite", event->suite[0] ? event->suite : NULL, NULL);
    }
    if (event->kind == EVENT_PROGRESS && event->percent >= 0)
        json_add_i64(object, "percent", event->percent, NULL);
    add_json_text(object, "text", event->text);
    if (event->error.kind != ERR_NONE)
        add_json_error(object, &event->error);
    put_json(progress, object);
}

static void put_json_log(const struct progress *progress, enum log_level level, const char *text)
{
    AUTO_JSON cJSON *object = cJSON_CreateObject();
    json_add_string(object, "event", "log", NULL);
    json_add_string(object, "level", log_level_name(level), NULL);
    add_json_text(object, "text", text);
    put_json(progress, object);
}

/* --- events ---------------------------------------------------------------------------------- */

static void copy_text(char *to, size_t size, const char *from)
{
    AUTO_STRBUF struct strbuf printable = STRBUF_INIT(4096);
    add_text(&printable, from);
    size_t length = printable.length < size ? printable.length : size - 1;
    while (length && length < printable.length && ((unsigned char)printable.data[length] & 0xC0) == 0x80)
        length--;
    memcpy(to, strbuf_text(&printable), length);
    to[length] = '\0';
}

static void update_job(struct job_view *job, const struct event *event)
{
    copy_text(job->instance_id, sizeof job->instance_id, event->instance_id);
    copy_text(job->suite, sizeof job->suite, event->suite);
    job->state = event->state;
    job->failing = event->failing;
    if (job->began < 0 && event->state != JOB_PLANNED)
        job->began = event->elapsed;
    if (event->kind == EVENT_PROGRESS) {
        job->percent = event->percent;
        copy_text(job->text, sizeof job->text, event->text);
    } else if (event->kind == EVENT_STATE) {
        job->percent = -1;
        job->text[0] = '\0';
        job->measured += event->state == JOB_MEASURED;
    }
}

static void show_event(struct progress *progress, const struct event *event)
{
    AUTO_STRBUF struct strbuf line = STRBUF_INIT(16384);
    switch (progress->settings.mode) {
    case PROGRESS_TTY:
        add_lasting_line(progress, &line, event);
        if (line.length)
            redraw(progress, strbuf_text(&line));
        break;
    case PROGRESS_PLAIN:
        if (event->kind == EVENT_PROGRESS)
            break;
        add_plain_line(&line, event);
        put(progress, &line);
        break;
    case PROGRESS_JSON:
        put_json_event(progress, event);
        break;
    case PROGRESS_AUTO:
    case PROGRESS_NONE:
        break;
    }
}

void progress_event(struct progress *progress, const struct event *event)
{
    pthread_mutex_lock(&progress->lock);
    if (event->job < progress->settings.job_count)
        update_job(&progress->jobs[event->job], event);
    show_event(progress, event);
    pthread_mutex_unlock(&progress->lock);
}

void progress_tick(struct progress *progress)
{
    if (progress->settings.mode != PROGRESS_TTY)
        return;
    pthread_mutex_lock(&progress->lock);
    redraw(progress, "");
    pthread_mutex_unlock(&progress->lock);
}

void progress_log(void *context, enum log_level level, const char *line)
{
    struct progress *progress = context;
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(16384);
    strbuf_addf(&text, "%s: ", log_level_name(level));
    add_text(&text, line);
    strbuf_addc(&text, '\n');
    pthread_mutex_lock(&progress->lock);
    if (progress->settings.mode == PROGRESS_TTY)
        redraw(progress, strbuf_text(&text));
    else if (progress->settings.mode == PROGRESS_JSON)
        put_json_log(progress, level, line);
    else
        put(progress, &text);
    pthread_mutex_unlock(&progress->lock);
}

static void put_total(struct progress *progress)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(4096);
    struct run_view run = view_of(progress);
    if (progress->settings.mode == PROGRESS_TTY)
        add_erase(progress, &text, progress->settings.size(progress->settings.out).columns);
    add_phase_counts(&text, &run);
    strbuf_adds(&text, " in ");
    text_add_elapsed(&text, run.now);
    strbuf_addc(&text, '\n');
    put(progress, &text);
}

void progress_finish(struct progress *progress)
{
    if (!progress)
        return;
    if (progress->settings.mode == PROGRESS_TTY || progress->settings.mode == PROGRESS_PLAIN)
        put_total(progress);
    pthread_mutex_destroy(&progress->lock);
    free(progress->drawn_text);
    free(progress->jobs);
    free(progress);
}
