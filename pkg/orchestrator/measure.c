#include "orchestrator/measure.h"

#include "orchestrator/local.h"
#include "results/stats.h"
#include "results/suite_output.h"
#include "storage/result_store.h"

#include <math.h>
#include <string.h>

void measurements_free(struct measurements *measurements)
{
    for (size_t i = 0; i < measurements->count; i++)
        document_free(&measurements->items[i].document);
    free(measurements->items);
    *measurements = (struct measurements){0};
}

static const char *known(const char *text)
{
    return text[0] ? text : NULL;
}

/* The states reached so far, for the document's timing block. */
static size_t list_states(const struct job *job, struct document_state states[JOB_STATE_COUNT])
{
    size_t count = 0;
    for (int state = JOB_INTENT; state < JOB_FAILED; state++)
        if (job->reached[state] > 0)
            states[count++] =
                (struct document_state){job_state_name((enum job_state)state), job->reached[state]};
    return count;
}

static int build_document(struct job *job, const struct suite_output *output, unsigned iteration,
                          struct document *document, struct err *err)
{
    const struct job_context *context = job->context;
    struct document_state states[JOB_STATE_COUNT];
    bool rented = job->placement != NULL; /* else it is this machine */
    const char *maker = document_processor_vendor(json_string_or(output->machine, "cpu_vendor", ""));
    struct document_facts facts = {
        .run_id = context->plan->run_id,
        .iteration = iteration,
        .measured_at = job->reached[JOB_MEASURED],
        .collection_method = context->plan->collection_method,
        .tool_version = VERSION,
        .instance_type = job->planned->instance_type,
        .instance_family = known(job->planned->family),
        .architecture = job->planned->architecture,
        .processor_vendor = rented ? known(job->planned->processor_vendor) : maker,
        .instance_id = known(job->machine.id),
        .ami_id = known(job->planned->image_id),
        .ami_name = known(job->planned->image_name),
        .region = context->plan->region,
        .availability_zone = known(job->outcome->zone),
        .availability_zone_id = rented ? known(job->placement->zone_id) : NULL,
        .tenancy = rented ? "default" : NULL,
        .purchase = rented ? "on-demand" : NULL,
        .image_reference = context->settings->image_reference,
        .image_digest = known(job->image.index_digest),
        .image_platform_digest = known(job->image.platform_digest),
        .states = states,
        .state_count = list_states(job, states),
        .seconds_billed = rented ? ceil(clock_monotonic(&context->clock) - job->launched_at) : NAN,
        .cost_usd = NAN,
        .identity_document = job->attestation.document,
        .identity_signature = job->attestation.signature,
    };
    return document_build(&facts, output, document, err);
}

/* The local store has the document under its final key, fsynced, or it is said in the journal that it has
 * not. Dying between the two leaves a key that the journal knows as measured: whoever finishes the run looks
 * whether the file is there. */
static int spool(struct job *job, struct measurement *item, struct err *err)
{
    const struct run_services *services = job->context->services;
    struct journal_result names = {item->suite, item->iteration, item->key, item->document.sha256};
    if (store_put(services->spool, item->key, item->document.text, item->document.length, err) < 0) {
        journal_not_stored(services->journal, job->number, item->key, err->message, NULL);
        return err_prepend(err, "the result could not be written to the output directory");
    }
    item->spooled = true;
    job->outcome->stored++;
    return journal_stored(services->journal, job->number, &names, err);
}

/* Among the measurements from here on: where the disk does not take it the remote store still may. */
static int keep_document(struct job *job, const char *suite, unsigned iteration, struct document *document,
                         struct measurements *measurements, struct err *err)
{
    struct measurement *items = realloc(measurements->items, (measurements->count + 1) * sizeof *items);
    if (!items)
        return err_memory(err);
    measurements->items = items;
    struct measurement *item = &items[measurements->count];
    *item = (struct measurement){.iteration = iteration};
    if (result_key_for(document, item->key, err) < 0)
        return err_prepend(err, "keeping the result");
    snprintf(item->suite, sizeof item->suite, "%s", suite);
    item->document = *document;
    *document = (struct document){0};
    measurements->count++;
    struct journal_result names = {item->suite, iteration, item->key, item->document.sha256};
    struct err unwritable = {0};
    int noted = journal_measured(job->context->services->journal, job->number, &names, &unwritable);
    if (spool(job, item, err) < 0)
        return -1;
    return noted == 0 ? 0 : err_copy(err, &unwritable);
}

/* Each word once, however many suites say it. */
static void take_flags(struct job_outcome *outcome, const struct suite_output *output)
{
    const cJSON *flag;
    cJSON_ArrayForEach(flag, output->flags)
    {
        size_t used = strlen(outcome->flags);
        if (cJSON_IsString(flag) && !strstr(outcome->flags, flag->valuestring))
            snprintf(outcome->flags + used, sizeof outcome->flags - used, "%s%s", used ? "," : "",
                     flag->valuestring);
    }
}

static void take_headline(struct headline *headline, const struct suite_output *output, const char *suite,
                          const char *name)
{
    const struct metric *metric = suite_output_metric(output, name);
    AUTO_SUMMARY struct summary summary = {0};
    if (strcmp(output->suite, suite) != 0 || !metric || !metric->samples ||
        summarize(metric->samples, metric->count, &summary, NULL) < 0)
        return;
    /* order statistics alone: the mean's interval is another number's, and with few samples reaches below
     * zero */
    const struct interval *interval = &summary.median_interval;
    *headline = (struct headline){true, summary.median, interval->low, interval->high, interval->known};
}

/* What the table at the end of the run shows. */
static void take_headlines(struct job *job, const struct suite_output *output)
{
    struct job_outcome *outcome = job->outcome;
    snprintf(outcome->cpu_model, sizeof outcome->cpu_model, "%s",
             json_string_or(output->machine, "cpu_model", outcome->cpu_model));
    take_flags(outcome, output);
    take_headline(&outcome->triad, output, "stream", "triad.bandwidth");
    take_headline(&outcome->linpack, output, "linpack", "gflops");
}

static int run_where_it_belongs(struct job *job, const char *suite, const struct remote_limits *limits,
                                struct strbuf *text, struct err *err)
{
    const struct run_settings *settings = job->context->settings;
    const struct suite_talk talk = {job_progress, job};
    if (job->program)
        return local_run_suite(*job->program, suite, settings->suite_options, settings->suite_option_count,
                               &talk, limits, text, err);
    return container_run_suite(&job->host, &job->image, suite, settings->suite_options,
                               settings->suite_option_count, &talk, limits, text, err);
}

static int run_suite(struct job *job, const char *suite, struct suite_output *output, struct err *err)
{
    const struct job_context *context = job->context;
    const struct run_settings *settings = context->settings;
    AUTO_STRBUF struct strbuf text = STRBUF_INIT(SUITE_OUTPUT_MAX_BYTES);
    struct remote_limits limits = {clock_monotonic(&context->clock) + settings->suite_seconds,
                                   context->services->cancel, CANCEL_DRAIN};
    if (run_where_it_belongs(job, suite, &limits, &text, err) < 0)
        return -1;
    if (suite_output_parse(strbuf_text(&text), text.length, suite, output, err) < 0)
        return err_prepend(err, "suite %s", suite);
    if (!output->passed)
        return err_set(err, ERR_REMOTE, "suite %s did not pass its own check", suite);
    return 0;
}

static int measure_once(struct job *job, const char *suite, unsigned iteration,
                        struct measurements *measurements, struct err *err)
{
    AUTO_SUITE_OUTPUT struct suite_output output = {0};
    AUTO_DOCUMENT struct document document = {0};
    job->suite = suite;
    int result = run_suite(job, suite, &output, err);
    if (result == 0)
        result = job_reach(job, JOB_MEASURED, suite, err);
    if (result == 0)
        result = build_document(job, &output, iteration, &document, err);
    if (result == 0)
        result = keep_document(job, suite, iteration, &document, measurements, err);
    if (result == 0)
        take_headlines(job, &output);
    job->suite = NULL;
    return result;
}

/* After a failure of this kind the machine or the run is lost, not only the suite. */
static bool ends_the_job(enum err_kind kind)
{
    return kind == ERR_NETWORK || kind == ERR_CANCELLED || kind == ERR_SECURITY || kind == ERR_CONFIG;
}

int measure_suites(struct job *job, struct measurements *measurements, struct err *err)
{
    const struct run_settings *settings = job->context->settings;
    struct err first = {0};
    for (unsigned iteration = 1; iteration <= settings->iterations; iteration++) {
        for (size_t i = 0; i < settings->suite_count; i++) {
            const bool *done = job->planned->done;
            if (done && done[(iteration - 1) * settings->suite_count + i])
                continue;
            if (measure_once(job, settings->suites[i], iteration, measurements, err) == 0)
                continue;
            if (first.kind == ERR_NONE)
                first = *err;
            if (job->outcome->failure.kind != ERR_NONE)
                job_note(job, err, "%s", err->message);
            job_fail(job, err);
            if (ends_the_job(err->kind))
                return -1;
        }
    }
    if (first.kind == ERR_NONE)
        return 0;
    *err = first;
    return -1;
}

static int not_sent(struct job *job, const struct measurement *item, struct err *err)
{
    job->outcome->unsent += item->spooled;
    return err_prepend(err, "'%s' %s", item->key,
                       item->spooled ? "is in the output directory, but could not be sent" : "IS LOST");
}

static int send_one(struct job *job, const struct store *store, const struct measurement *item,
                    struct err *err)
{
    if (store_put(store, item->key, item->document.text, item->document.length, err) < 0)
        return not_sent(job, item, err);
    job->outcome->stored += !item->spooled;
    /* Where this can't be written down, whoever finishes the run sends it again, and finds it there. */
    journal_sent(job->context->services->journal, job->number, item->key, item->document.sha256, NULL);
    return 0;
}

static int send_all(struct job *job, const struct store_factory *factory,
                    const struct measurements *measurements, struct err *err)
{
    struct store store = {0};
    void *connection = NULL;
    double deadline = clock_monotonic(&job->context->clock) + job->context->settings->store_seconds;
    int result = 0;
    struct err why = {0};
    bool open = factory->open(factory->context, deadline, &store, &connection, &why) == 0;
    for (size_t i = 0; i < measurements->count; i++) {
        struct err failure = why;
        int sent = open ? send_one(job, &store, &measurements->items[i], &failure)
                        : not_sent(job, &measurements->items[i], &failure);
        if (sent < 0 && result == 0)
            result = err_copy(err, &failure);
    }
    if (open)
        factory->close(&store, connection);
    return result;
}

void keep_measurements(struct job *job, struct measurements *measurements)
{
    for (size_t i = 0; i < measurements->count; i++) {
        struct err not_yet = {0};
        if (!measurements->items[i].spooled)
            spool(job, &measurements->items[i], &not_yet);
    }
}

int send_measurements(struct job *job, struct measurements *measurements, struct err *err)
{
    const struct store_factory *factory = job->context->services->remote_store;
    if (measurements->count == 0)
        return 0;
    if (factory && send_all(job, factory, measurements, err) < 0)
        return -1;
    if (job->outcome->failure.kind != ERR_NONE)
        return 0;
    return job_reach(job, JOB_STORED, factory ? "output directory and bucket" : "output directory", err);
}
