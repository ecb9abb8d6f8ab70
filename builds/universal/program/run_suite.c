#include "program/run_suite.h"

#include "measure/cpu_clock.h"
#include "measure/stopwatch.h"
#include "measure/team.h"

#include <math.h>
#include <time.h>

/* Of the memory available, what a suite may take. */
#define MEMORY_SHARE(available) ((available) / 4 * 3)

/* What the clock may differ by at the end of a suite before it is worth a word. */
#define CLOCK_MOVED 0.05

static void write_timestamp(char *text, size_t size)
{
    time_t now = time(NULL);
    struct tm when;
    if (!gmtime_r(&now, &when) || strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &when) == 0)
        text[0] = '\0';
}

static int check_threads(const struct machine *machine, const struct settings *settings, struct err *err)
{
    if (settings->threads <= machine->usable.count)
        return 0;
    return err_set(err, ERR_USAGE, "--threads: %zu of %zu CPUs may be used here", machine->usable.count,
                   machine->online.count);
}

static struct memory_budget budget_for(const struct machine *machine, const struct settings *settings)
{
    uint64_t share = MEMORY_SHARE(machine->memory_available);
    bool capped = settings->max_memory && settings->max_memory < share;
    return (struct memory_budget){.limit = capped ? settings->max_memory : share};
}

/* The clock of the CPU that single-threaded suites use. */
static int measure_clock(const struct machine *machine, double *ghz, struct err *err)
{
    uint16_t cpu = (uint16_t)machine_measuring_cpu(machine);
    AUTO_TEAM struct team *alone = team_start(&cpu, 1, err);
    return alone ? cpu_clock_measure_warm(ghz, err) : -1;
}

/* The suite between two looks at what may have changed under it. */
static int run_watched(const struct suite *suite, struct suite_run *run, struct machine *machine,
                       struct err *err)
{
    if (measure_clock(machine, &machine->clock_ghz, err) < 0)
        return -1;
    struct disturbance_counts before = disturbance_counts_read(machine);
    if (suite->run(run, err) < 0)
        return -1;
    struct disturbance_counts after = disturbance_counts_read(machine);
    run->document->disturbances = disturbance_counts_between(&before, &after);
    if (measure_clock(machine, &machine->clock_end_ghz, err) < 0)
        return -1;
    if (fabs(machine->clock_end_ghz / machine->clock_ghz - 1) > CLOCK_MOVED)
        document_add_flag(run->document, "clock_moved");
    return 0;
}

static void add_common(struct document *document, const struct suite_run *run)
{
    document_add_whole(document, "max_seconds", run->settings->max_seconds);
    document_add_whole(document, "memory_budget_bytes", run->budget.limit);
    document_add_text(document, "compiler", COMPILER);
    if (run->machine->identity.emulated)
        document_add_flag(document, "emulated");
    if (run->machine->quota_below_one)
        document_add_flag(document, "cpu_limited");
}

static int print_document(const struct document *document, const struct machine *machine, struct err *err)
{
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(DOCUMENT_BYTES_MAX);
    if (document_write(document, machine, &text, err) < 0)
        return -1;
    if (fwrite(strbuf_text(&text), 1, text.length, stdout) != text.length || fflush(stdout) != 0)
        return err_errno(err, "the document can't be written");
    return 0;
}

int run_suite(const struct suite *suite, const struct settings *settings, bool *passed, struct err *err)
{
    AUTO_FREE struct machine *machine = machine_read("", err);
    AUTO_FREE struct document *document = calloc(1, sizeof *document);
    if (!machine)
        return -1;
    if (!document)
        return err_memory(err);
    if (check_threads(machine, settings, err) < 0)
        return -1;
    struct suite_run run = {.machine = machine,
                            .settings = settings,
                            .budget = budget_for(machine, settings),
                            .started = stopwatch_now(),
                            .document = document};
    run.deadline = run.started + (int64_t)settings->max_seconds * NANOSECONDS;
    progress_start(&run.progress, (double)settings->max_seconds);
    document->suite = suite->name;
    document->suite_version = suite->version;
    write_timestamp(document->started, sizeof document->started);
    progress_phase(&run.progress, "%s: measuring the clock", suite->name);
    if (run_watched(suite, &run, machine, err) < 0)
        return -1;
    add_common(document, &run);
    document->duration_seconds = (double)(stopwatch_now() - run.started) / NANOSECONDS;
    *passed = document_passed(document);
    return print_document(document, machine, err);
}
