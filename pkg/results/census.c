#include "results/census.h"

#include "base/strbuf.h"
#include "results/document.h"
#include "results/fingerprint.h"
#include "results/foreign.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Below these many different numbers nothing is told. */
#define LEAST_DISTINCT 3

/* Digits that chance would have had to hit. A metric is held against all metrics of all documents, a document
 * with all its metrics against far fewer. */
#define DIGITS_OF_METRIC 12
#define DIGITS_OF_DOCUMENT 8

void census_free(struct census *census)
{
    seen_free(&census->documents);
    seen_free(&census->samples);
    seen_free(&census->numbers);
    for (uint32_t i = 0; i < census->count; i++)
        free(census->files[i]);
    free(census->files);
    *census = (struct census){0};
}

static int make_room(struct census *census, struct err *err)
{
    if (census->count < census->capacity)
        return 0;
    uint32_t capacity = census->capacity ? census->capacity * 2 : 64;
    char **grown = reallocarray(census->files, capacity, sizeof *grown);
    if (!grown)
        return err_memory(err);
    census->files = grown;
    census->capacity = capacity;
    return 0;
}

/* A document on its way in. */
struct entry {
    struct census *census;
    const char *identity;
    uint32_t number; /* its file's */
    finding_report report;
    void *context;
    int found;
};

static int begin_entry(struct entry *entry, const char *file, struct err *err)
{
    struct census *census = entry->census;
    if (make_room(census, err) < 0)
        return -1;
    char *copy = strdup(file);
    if (!copy)
        return err_memory(err);
    entry->number = census->count++;
    census->files[entry->number] = copy;
    return 0;
}

static void say(struct entry *entry, const char *rule, const char *format, ...) PRINTF_LIKE(3, 4);
static void say(struct entry *entry, const char *rule, const char *format, ...)
{
    char message[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    entry->report(entry->context, rule, message);
    entry->found++;
}

/* --- copied ---------------------------------------------------------------------------------- */

/* One digest for each of the most metrics that a document has. */
#define MOST_DIGESTS (1024UL * SHA256_HEX_SIZE)

/* What the samples of a document have shown. */
struct comparison {
    struct strbuf digests; /* of all metrics */
    size_t distinct;
    size_t digits;
    size_t copied; /* metrics, or 1 where it is the whole */
    bool whole;
    const char *first; /* metric that is copied */
    uint32_t origin;   /* whose that was */
};

static void comparison_free(struct comparison *comparison)
{
    strbuf_free(&comparison->digests);
}

static void note_copy(struct comparison *comparison, const char *metric, uint32_t origin)
{
    if (comparison->copied++ > 0)
        return;
    comparison->first = metric;
    comparison->origin = origin;
}

static enum seen_verdict note_samples(const struct entry *entry, const char *sha256, uint32_t *origin,
                                      struct err *err)
{
    *origin = entry->number;
    return seen_note_from(&entry->census->samples, sha256, entry->identity, origin, err);
}

/* Counts are what they are on every machine alike. */
static bool is_measured(const cJSON *measurement)
{
    return cJSON_IsArray(json_at(measurement, "samples")) &&
           strcmp(json_string_or(measurement, "unit", ""), "count") != 0;
}

static int compare_metric(const struct entry *entry, const cJSON *measurement, struct comparison *comparison,
                          struct err *err)
{
    struct fingerprint fingerprint;
    uint32_t origin = 0;
    if (fingerprint_of(json_at(measurement, "samples"), &fingerprint, err) < 0)
        return -1;
    strbuf_adds(&comparison->digests, fingerprint.sha256);
    comparison->distinct += fingerprint.distinct;
    comparison->digits += fingerprint.digits;
    if (fingerprint.distinct < LEAST_DISTINCT || fingerprint.digits < DIGITS_OF_METRIC)
        return 0;
    enum seen_verdict verdict = note_samples(entry, fingerprint.sha256, &origin, err);
    if (verdict == SEEN_OTHER)
        note_copy(comparison, json_string_or(measurement, "name", ""), origin);
    return verdict == SEEN_FAILED ? -1 : 0;
}

/* All metrics together: also where each alone is too coarse to tell. */
static int compare_whole(const struct entry *entry, struct comparison *comparison, struct err *err)
{
    uint32_t origin = 0;
    if (strbuf_ok(&comparison->digests, "the digests of a document's samples", err) < 0)
        return -1;
    if (comparison->distinct < LEAST_DISTINCT || comparison->digits < DIGITS_OF_DOCUMENT)
        return 0;
    enum seen_verdict verdict = note_samples(entry, strbuf_text(&comparison->digests), &origin, err);
    if (verdict == SEEN_OTHER)
        *comparison =
            (struct comparison){.digests = comparison->digests, .copied = 1, .whole = true, .origin = origin};
    return verdict == SEEN_FAILED ? -1 : 0;
}

static void say_copied(struct entry *entry, const struct comparison *comparison)
{
    const char *file = entry->census->files[comparison->origin];
    if (comparison->whole)
        say(entry, "copied", "all samples are those of %s", file);
    else if (comparison->copied == 1)
        say(entry, "copied", "the samples of '%s' are those of %s", comparison->first, file);
    else
        say(entry, "copied", "the samples of '%s' and of %zu more metrics are those of %s", comparison->first,
            comparison->copied - 1, file);
}

static int check_copied(struct entry *entry, const cJSON *document, struct err *err)
{
    CLEANUP(comparison_free) struct comparison comparison = {.digests = STRBUF_INIT(MOST_DIGESTS)};
    const cJSON *measurement;
    cJSON_ArrayForEach(measurement, json_at(document, "measurements"))
    {
        if (is_measured(measurement) && compare_metric(entry, measurement, &comparison, err) < 0)
            return -1;
    }
    if (compare_whole(entry, &comparison, err) < 0)
        return -1;
    if (comparison.copied > 0)
        say_copied(entry, &comparison);
    return 0;
}

/* --- duplicate ------------------------------------------------------------------------------- */

int census_take(struct census *census, const char *file, const cJSON *document, const char *digest,
                finding_report report, void *context, struct err *err)
{
    AUTO_STRBUF struct strbuf identity = STRBUF_INIT(2048);
    struct entry entry = {.census = census, .report = report, .context = context};
    if (document_identity(document, &identity, err) < 0 || begin_entry(&entry, file, err) < 0)
        return -1;
    entry.identity = strbuf_text(&identity);
    uint32_t origin = entry.number;
    switch (seen_note_from(&census->documents, entry.identity, digest, &origin, err)) {
    case SEEN_FAILED:
        return -1;
    case SEEN_SAME:
        return 0; /* a copy of the file */
    case SEEN_OTHER:
        say(&entry, "duplicate", "%s has the same run, instance, suite and iteration, and other content",
            census->files[origin]);
        return entry.found; /* which of the two has the samples as they were, nobody knows */
    case SEEN_NEW:
        break;
    }
    return check_copied(&entry, document, err) < 0 ? -1 : entry.found;
}

/* --- results of other programs --------------------------------------------------------------- */

/* Every number that is not whole: round ones are sizes and counts. What stands under "metadata" tells of the
 * measurement and is none. */
static int gather_numbers(const cJSON *item, cJSON *numbers, struct err *err)
{
    const cJSON *child;
    if (item->string && strcmp(item->string, "metadata") == 0)
        return 0;
    if (cJSON_IsNumber(item) && isfinite(item->valuedouble) && item->valuedouble != trunc(item->valuedouble))
        return cJSON_AddItemToArray(numbers, cJSON_CreateNumber(item->valuedouble)) ? 0 : err_memory(err);
    cJSON_ArrayForEach(child, item)
    {
        if (gather_numbers(child, numbers, err) < 0)
            return -1;
    }
    return 0;
}

int census_take_foreign(struct census *census, const char *file, const cJSON *document, finding_report report,
                        void *context, struct err *err)
{
    struct foreign foreign;
    struct fingerprint fingerprint;
    struct entry entry = {.census = census, .report = report, .context = context};
    AUTO_JSON cJSON *numbers = cJSON_CreateArray();
    if (!foreign_read(document, &foreign))
        return 0;
    if (!numbers || gather_numbers(foreign.performance, numbers, err) < 0 ||
        fingerprint_of(numbers, &fingerprint, err) < 0 || begin_entry(&entry, file, err) < 0)
        return -1;
    if (fingerprint.distinct < LEAST_DISTINCT)
        return 0;
    uint32_t origin = entry.number;
    enum seen_verdict verdict =
        seen_note_from(&census->numbers, fingerprint.sha256, foreign.instance_type, &origin, err);
    if (verdict == SEEN_OTHER)
        say(&entry, "copied", "all its numbers are those of %s, which is of another type",
            census->files[origin]);
    return verdict == SEEN_FAILED ? -1 : entry.found;
}
