/*
 * EEMBC's CoreMark, by its run and reporting rules: the unmodified source, correct runs with the validation
 * and the performance seeds, ten seconds at least, and the line that the rules ask for. Iterations are
 * ordered so that a run takes twelve seconds by the speed of a trial.
 */
#include "suites/suite.h"

#include "coremark/run.h"

#include <math.h>

#define RUN_SECONDS 12
#define TRIAL_ITERATIONS 1000
#define TRIAL_SECONDS 0.2 /* a shorter one says little */
#define RUNS_MAX 100

struct coremark {
    struct suite_run *run;
    size_t contexts;
    uint32_t iterations; /* of a context in a run */
    double score[RUNS_MAX], single[RUNS_MAX], per_mhz[RUNS_MAX];
    size_t runs;
    char report[160], report_single[160];
};

static int run_once(struct coremark *coremark, enum coremark_seeds seeds, size_t contexts,
                    uint32_t iterations, struct coremark_result *result, struct err *err)
{
    AUTO_STRBUF struct strbuf log = STRBUF_INIT(COREMARK_LOG_MAX);
    const struct machine *machine = coremark->run->machine;
    const struct coremark_order order = {.seeds = seeds,
                                         .cpus = machine->usable.cpus + (machine->usable.count - contexts),
                                         .contexts = contexts,
                                         .iterations = iterations,
                                         .progress = &coremark->run->progress};
    if (coremark_run(&order, &log, err) < 0)
        return -1;
    return coremark_read_log(strbuf_text(&log), result, err);
}

static int find_iterations(struct coremark *coremark, struct err *err)
{
    double iterations = TRIAL_ITERATIONS;
    struct coremark_result trial;
    progress_phase(&coremark->run->progress, "a trial");
    do {
        if (run_once(coremark, COREMARK_PERFORMANCE, 1, (uint32_t)iterations, &trial, err) < 0)
            return -1;
        if (iterations / trial.rate >= TRIAL_SECONDS)
            break;
        iterations *= 10;
    } while (iterations < INT32_MAX);
    coremark->iterations = (uint32_t)fmin(trial.rate * RUN_SECONDS, INT32_MAX);
    return 0;
}

static int validate(struct coremark *coremark, struct err *err)
{
    struct coremark_result result;
    progress_phase(&coremark->run->progress, "validation run");
    if (run_once(coremark, COREMARK_VALIDATION, 1, coremark->iterations, &result, err) < 0)
        return -1;
    document_add_check(coremark->run->document, "validation_run", result.validated,
                       "seeds 0x3415, 0x3415, 0x66");
    return 0;
}

/* One run of all contexts and one of a single one. -1 too where CoreMark itself found its results wrong or
 * the run too short: there is no score then. */
static int measure(struct coremark *coremark, struct err *err)
{
    struct coremark_result all, single;
    progress_phase(&coremark->run->progress, "performance run, %zu contexts", coremark->contexts);
    if (run_once(coremark, COREMARK_PERFORMANCE, coremark->contexts, coremark->iterations, &all, err) < 0)
        return -1;
    progress_phase(&coremark->run->progress, "performance run, one context");
    if (run_once(coremark, COREMARK_PERFORMANCE, 1, coremark->iterations, &single, err) < 0)
        return -1;
    if (!all.report[0] || !single.report[0])
        return err_set(err, ERR_DATA, "CoreMark found its own results wrong, or took less than ten seconds");
    size_t i = coremark->runs++;
    coremark->score[i] = all.rate;
    coremark->single[i] = single.rate;
    coremark->per_mhz[i] = single.rate / (coremark->run->machine->clock_ghz * 1000);
    snprintf(coremark->report, sizeof coremark->report, "%s", all.report);
    snprintf(coremark->report_single, sizeof coremark->report_single, "%s", single.report);
    return 0;
}

static void report(const struct coremark *coremark)
{
    struct document *document = coremark->run->document;
    document_add_check(document, "performance_run", true, "%s", coremark->report);
    document_add_check(document, "performance_run_single", true, "%s", coremark->report_single);
    document_add_whole(document, "contexts", coremark->contexts);
    document_add_whole(document, "iterations_per_context", coremark->iterations);
    document_add_text(document, "compiler_flags", coremark_flags);
    document_add_metric(document, "score", "iterations/s", HIGHER_IS_BETTER, coremark->score, coremark->runs);
    document_add_metric(document, "single_thread", "iterations/s", HIGHER_IS_BETTER, coremark->single,
                        coremark->runs);
    document_add_metric(document, "score_per_mhz", "iterations/s/MHz", HIGHER_IS_BETTER, coremark->per_mhz,
                        coremark->runs);
}

int coremark_suite(struct suite_run *run, struct err *err)
{
    AUTO_FREE struct coremark *coremark = calloc(1, sizeof *coremark);
    if (!coremark)
        return err_memory(err);
    size_t threads = suite_threads(run);
    const struct pace pace = {&run->progress, run->deadline - (int64_t)(2.5 * RUN_SECONDS) * 1000000000};
    coremark->run = run;
    coremark->contexts = threads < COREMARK_CONTEXTS_MAX ? threads : COREMARK_CONTEXTS_MAX;
    if (find_iterations(coremark, err) < 0 || validate(coremark, err) < 0)
        return -1;
    do {
        if (measure(coremark, err) < 0)
            return -1;
    } while (coremark->runs < RUNS_MAX && pace_allows(&pace));
    report(coremark);
    return 0;
}
