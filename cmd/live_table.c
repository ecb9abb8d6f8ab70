#include "live_table.h"

#include "base/text.h"

#include <string.h>

#define LONG_BAR 20
#define SHORT_BAR 10
#define WIDE_ENOUGH_FOR_ID 72
#define WIDE_ENOUGH_FOR_SHORT_BAR 80
#define WIDE_ENOUGH_FOR_LONG_BAR 100

#define GREEN "\033[32m"
#define RED "\033[31m"
#define FAINT "\033[2m"
#define PLAIN "\033[0m"

/* What is being composed. */
struct table {
    struct strbuf *out;
    const struct run_view *run;
    unsigned columns;
    unsigned type_columns; /* of the longest instance type in it */
    unsigned *widths;
    size_t count;
};

/* A line under construction: colours take no columns. */
struct line {
    struct strbuf *out;
    unsigned left; /* columns */
    bool colour;
};

enum job_phase job_phase(const struct job_view *job)
{
    switch (job->state) {
    case JOB_PLANNED:
        return PHASE_WAITING;
    case JOB_TERMINATED:
        return PHASE_DONE;
    case JOB_FAILED:
        return PHASE_FAILED;
    case JOB_INTENT:
    case JOB_LAUNCHED:
    case JOB_RUNNING:
    case JOB_REACHABLE:
    case JOB_DELIVERED:
    case JOB_MEASURED:
    case JOB_STORED:
        break;
    }
    return PHASE_ACTIVE;
}

void count_phases(const struct run_view *run, size_t counts[PHASE_COUNT])
{
    memset(counts, 0, PHASE_COUNT * sizeof *counts);
    for (size_t i = 0; i < run->job_count; i++)
        counts[job_phase(&run->jobs[i])]++;
}

void add_phase_counts(struct strbuf *out, const struct run_view *run)
{
    static const char *const words[PHASE_COUNT] = {"waiting", "active", "done", "failed"};
    size_t counts[PHASE_COUNT];
    count_phases(run, counts);
    strbuf_addf(out, "%zu %s", run->job_count, run->job_count == 1 ? "job" : "jobs");
    const char *separator = ": ";
    for (int phase = PHASE_COUNT - 1; phase >= 0; phase--) {
        if (!counts[phase])
            continue;
        strbuf_addf(out, "%s%zu %s", separator, counts[phase], words[phase]);
        separator = ", ";
    }
}

/* --- lines ----------------------------------------------------------------------------------- */

static void add_colour(struct line *line, const char *colour)
{
    if (line->colour)
        strbuf_adds(line->out, colour);
}

/* As much of the text as there is room for, whole characters only, filled with spaces up to `columns`. */
static void add_field(struct line *line, const char *text, unsigned columns)
{
    size_t length = 0;
    unsigned taken = 0;
    while (text[length]) {
        size_t next = length + 1;
        while (((unsigned char)text[next] & 0xC0) == 0x80)
            next++;
        if (taken == line->left || (columns && taken == columns))
            break;
        taken++;
        length = next;
    }
    strbuf_add(line->out, text, length);
    line->left -= taken;
    for (; taken < columns && line->left; taken++, line->left--)
        strbuf_addc(line->out, ' ');
}

static void add_gap(struct line *line)
{
    add_field(line, "", 2);
}

static void add_bar(struct line *line, int percent, int columns)
{
    char bar[LONG_BAR + 1];
    int filled = percent * columns / 100;
    for (int i = 0; i < columns; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[columns] = '\0';
    add_field(line, "[", 0);
    add_colour(line, GREEN);
    add_field(line, bar, 0);
    add_colour(line, PLAIN);
    add_field(line, "]", 0);
    add_gap(line);
}

/* What the job is at, in words. */
static void describe(struct strbuf *out, const struct job_view *job)
{
    static const char *const words[JOB_STATE_COUNT] = {
        [JOB_PLANNED] = "waiting",         [JOB_INTENT] = "launching",        [JOB_LAUNCHED] = "booting",
        [JOB_RUNNING] = "waiting for SSH", [JOB_REACHABLE] = "sending image", [JOB_STORED] = "terminating",
        [JOB_TERMINATED] = "done",         [JOB_FAILED] = "failed",
    };
    if (job->failing)
        strbuf_adds(out, "terminating");
    else if (words[job->state])
        strbuf_adds(out, words[job->state]);
    else if (job->state == JOB_MEASURED && job->measurements && job->measured >= job->measurements)
        strbuf_adds(out, "storing");
    else if (job->suite[0])
        strbuf_addf(out, "measuring %s", job->suite);
    else
        strbuf_adds(out, "starting container");
}

/* Percent of all that the job measures. */
static int percent_of_job(const struct job_view *job)
{
    if (!job->measurements)
        return 0;
    double done = (double)job->measured;
    if (job->percent > 0 && job->measured < job->measurements)
        done += job->percent / 100.0;
    double percent = 100 * done / (double)job->measurements;
    return percent < 100 ? (int)percent : 100;
}

static unsigned longest_type(const struct run_view *run)
{
    size_t longest = 0;
    for (size_t i = 0; i < run->job_count; i++) {
        size_t length = strlen(run->jobs[i].instance_type);
        if (job_phase(&run->jobs[i]) == PHASE_ACTIVE && length > longest)
            longest = length;
    }
    return (unsigned)longest;
}

static void add_job_line(const struct table *table, struct line *line, const struct job_view *job)
{
    const struct run_view *run = table->run;
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(256);
    text_add_elapsed(&text, run->now - job->began);
    add_field(line, strbuf_text(&text), 7);
    add_gap(line);
    add_field(line, job->instance_type, table->type_columns);
    add_gap(line);
    if (table->columns >= WIDE_ENOUGH_FOR_ID) {
        add_colour(line, FAINT);
        add_field(line, job->instance_id, 19);
        add_colour(line, PLAIN);
        add_gap(line);
    }
    bool measures = !job->failing && (job->state == JOB_DELIVERED || job->state == JOB_MEASURED);
    if (measures && table->columns >= WIDE_ENOUGH_FOR_SHORT_BAR)
        add_bar(line, percent_of_job(job), table->columns >= WIDE_ENOUGH_FOR_LONG_BAR ? LONG_BAR : SHORT_BAR);
    strbuf_reset(&text);
    describe(&text, job);
    if (measures && job->percent >= 0 && job->measured < job->measurements)
        strbuf_addf(&text, " %d %%", job->percent);
    add_field(line, strbuf_text(&text), 0);
    if (job->text[0]) {
        add_gap(line);
        add_colour(line, FAINT);
        add_field(line, job->text, 0);
        add_colour(line, PLAIN);
    }
}

static void add_total_line(struct line *line, const struct run_view *run)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(256);
    text_add_elapsed(&text, run->now);
    add_field(line, strbuf_text(&text), 7);
    add_gap(line);
    strbuf_reset(&text);
    add_phase_counts(&text, run);
    add_field(line, strbuf_text(&text), 0);
}

/* --- table ----------------------------------------------------------------------------------- */

static struct line begin_line(const struct table *table)
{
    return (struct line){table->out, table->columns, table->run->colour};
}

static void end_line(struct table *table, const struct line *line)
{
    table->widths[table->count++] = table->columns - line->left;
    strbuf_addc(table->out, '\n');
}

static void add_more_line(struct table *table, size_t hidden)
{
    char text[64];
    snprintf(text, sizeof text, "         and %zu more", hidden);
    struct line line = begin_line(table);
    add_field(&line, text, 0);
    end_line(table, &line);
}

size_t live_table_compose(struct strbuf *out, const struct run_view *run, struct terminal_size size,
                          unsigned widths[LIVE_MOST_ROWS])
{
    struct table table = {out, run, size.columns, longest_type(run), widths, 0};
    size_t room = size.rows < LIVE_MOST_ROWS ? size.rows : LIVE_MOST_ROWS;
    room = room > 2 ? room - 2 : 0; /* the last line, and the cursor's */
    size_t counts[PHASE_COUNT];
    count_phases(run, counts);
    size_t active = counts[PHASE_ACTIVE];
    size_t shown = active <= room ? active : room ? room - 1 : 0;
    for (size_t i = 0; i < run->job_count && table.count < shown; i++) {
        if (job_phase(&run->jobs[i]) != PHASE_ACTIVE)
            continue;
        struct line line = begin_line(&table);
        add_job_line(&table, &line, &run->jobs[i]);
        end_line(&table, &line);
    }
    if (shown < active && room)
        add_more_line(&table, active - shown);
    struct line line = begin_line(&table);
    add_total_line(&line, run);
    end_line(&table, &line);
    return table.count;
}
