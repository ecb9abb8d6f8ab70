#include "storage/process.h"

#include "base/fs.h"
#include "base/text.h"
#include "results/census.h"
#include "results/document.h"
#include "results/processed.h"
#include "storage/validate.h"

#include <string.h>

#define FILE_MODE 0644
#define DIRECTORY_MODE 0755
#define SNAPSHOTS "v1.0"

struct process {
    const struct process_options *options;
    struct process_result *result;
    struct aggregate *aggregate;
    struct census *census;
    const struct process_source *source; /* whose keys are being listed */
};

/* SOURCE/KEY, as a person would name the file. */
static void name_file(const struct process *process, const char *key, struct strbuf *file)
{
    strbuf_adds(file, process->source->name);
    if (file->length > 0 && file->data[file->length - 1] != '/')
        strbuf_addc(file, '/');
    text_add_printable(file, key, strlen(key));
}

static void tell(struct process *process, enum process_outcome outcome, const char *file, const char *reason)
{
    if (outcome == PROCESS_LEFT_OUT)
        process->result->left_out++;
    else
        process->result->refused++;
    if (process->options->report)
        process->options->report(process->options->context, outcome, file, reason);
}

struct first_finding {
    char text[2048];
};

static void keep_first(void *context, const char *rule, const char *message)
{
    struct first_finding *first = context;
    if (!first->text[0])
        snprintf(first->text, sizeof first->text, "%s: %s", rule, message);
}

/* The document, when it passes every rule, by itself and beside those read before; else NULL, with the first
 * one that it broke, or with none and err where going on makes no sense. */
static cJSON *sound_document(const struct process *process, const char *file, const char *text, size_t length,
                             struct first_finding *first, struct err *err)
{
    AUTO_JSON cJSON *document = NULL;
    struct err misplaced = {0};
    if (inspect_result(process->options->inspector, text, length, &document, keep_first, first) > 0)
        return NULL;
    if (check_key(file, document, &misplaced) < 0) {
        keep_first(first, "key", misplaced.message);
        return NULL;
    }
    const char *digest = json_string_or(document, "integrity.sha256", "");
    if (census_take(process->census, file, document, digest, keep_first, first, err) != 0)
        return NULL;
    return TAKE(document);
}

/* -1 only where going on makes no sense. */
static int take_in(struct process *process, const char *file, const char *text, size_t length,
                   struct err *err)
{
    struct first_finding first = {0};
    struct err failure = {0};
    const char *reason = NULL;
    AUTO_JSON cJSON *document = sound_document(process, file, text, length, &first, err);
    if (!document && !first.text[0])
        return -1;
    if (!document) {
        tell(process, PROCESS_REFUSED, file, first.text);
        return 0;
    }
    switch (aggregate_add(process->aggregate, document, &reason, &failure)) {
    case AGGREGATE_USED:
        process->result->used++;
        return 0;
    case AGGREGATE_LEFT_OUT:
        tell(process, PROCESS_LEFT_OUT, file, reason);
        return 0;
    case AGGREGATE_FAILED:
        break;
    }
    if (failure.kind == ERR_DATA) {
        tell(process, PROCESS_REFUSED, file, failure.message);
        return 0;
    }
    if (err)
        *err = failure;
    return -1;
}

/* Failures that the next file would meet as well. */
static bool ends_all(enum err_kind kind)
{
    return kind == ERR_CANCELLED || kind == ERR_INTERNAL || kind == ERR_AUTH || kind == ERR_NETWORK;
}

static int visit_key(void *visitor, const char *key, struct err *err)
{
    struct process *process = visitor;
    const struct cancel *cancel = process->options->cancel;
    if (cancel && cancel_check(cancel, CANCEL_DRAIN, err) < 0)
        return -1;
    if (!text_ends_with(key, ".json"))
        return 0;
    AUTO_STRBUF struct strbuf file = STRBUF_INIT(16384);
    name_file(process, key, &file);
    struct err failure = {0};
    size_t length = 0;
    AUTO_FREE char *text = store_get(&process->source->store, key, RESULT_MAX_BYTES, &length, &failure);
    if (text)
        return take_in(process, strbuf_text(&file), text, length, err);
    if (ends_all(failure.kind)) {
        if (err)
            *err = failure;
        return -1;
    }
    tell(process, PROCESS_REFUSED, strbuf_text(&file), failure.message);
    return 0;
}

static int visit_stray_link(void *visitor, const char *path, struct err *err UNUSED)
{
    AUTO_STRBUF struct strbuf file = STRBUF_INIT(16384);
    text_add_printable(&file, path, strlen(path));
    tell(visitor, PROCESS_REFUSED, strbuf_text(&file), STRAY_LINK_MESSAGE);
    return 0;
}

/* The slash makes the walk go into a directory that is named by a link. */
static int name_stray_links(struct process *process, struct err *err)
{
    const char *name = process->source->directory;
    AUTO_FREE char *directory = name ? fs_join(name, "", err) : NULL;
    if (!name)
        return 0;
    return directory ? fs_walk_stray_links(directory, ".json", visit_stray_link, process, err) : -1;
}

static int read_sources(struct process *process, struct err *err)
{
    for (size_t i = 0; i < process->options->source_count; i++) {
        process->source = &process->options->sources[i];
        const char *prefix = process->source->prefix ? process->source->prefix : "";
        if (store_list(&process->source->store, prefix, visit_key, process, err) < 0 ||
            name_stray_links(process, err) < 0)
            return err_prepend(err, "%s", process->source->name);
    }
    return 0;
}

static int write_file(const char *directory, const char *name, const cJSON *tree, struct err *err)
{
    AUTO_FREE char *text = json_print(tree, true, err);
    AUTO_FREE char *path = text ? fs_join(directory, name, err) : NULL;
    return path ? fs_replace_file(path, text, strlen(text), FILE_MODE, err) : -1;
}

static void free_trees(cJSON *trees[PROCESSED_FILES])
{
    for (size_t i = 0; i < PROCESSED_FILES; i++)
        cJSON_Delete(trees[i]);
}

static int write_trees(const char *directory, cJSON *trees[PROCESSED_FILES], struct err *err)
{
    if (fs_make_directories(directory, DIRECTORY_MODE, err) < 0)
        return -1;
    for (size_t i = 0; i < PROCESSED_FILES; i++)
        if (write_file(directory, processed_files[i].name, trees[i], err) < 0)
            return -1;
    return 0;
}

/* The same files once more, below the day of the newest result. */
static int write_snapshot(const struct process *process, cJSON *trees[PROCESSED_FILES], struct err *err)
{
    char date[PERIOD_NAME_SIZE];
    char place[64];
    aggregate_date(process->aggregate, date);
    if (!date[0])
        return 0;
    snprintf(place, sizeof place, SNAPSHOTS "/%s", date);
    AUTO_FREE char *directory = fs_join(process->options->output_directory, place, err);
    return directory ? write_trees(directory, trees, err) : -1;
}

static int write_period(const struct process *process, const char *directory, enum period_kind kind,
                        int32_t period, struct err *err)
{
    char name[PERIOD_NAME_SIZE];
    char file[PERIOD_NAME_SIZE + 8];
    period_name(kind, period, name);
    snprintf(file, sizeof file, "%s.json", name);
    AUTO_JSON cJSON *tree = aggregate_period(process->aggregate, kind, period, err);
    return tree ? write_file(directory, file, tree, err) : -1;
}

static int write_periods(const struct process *process, enum period_kind kind, struct err *err)
{
    static const char *const places[] = {
        [PERIOD_WEEK] = "historical/weekly", [PERIOD_MONTH] = "historical/monthly"};
    size_t count = 0;
    AUTO_FREE char *directory = fs_join(process->options->output_directory, places[kind], err);
    AUTO_FREE int32_t *periods = directory ? aggregate_periods(process->aggregate, kind, &count, err) : NULL;
    if (!periods || (count > 0 && fs_make_directories(directory, DIRECTORY_MODE, err) < 0))
        return -1;
    for (size_t i = 0; i < count; i++)
        if (write_period(process, directory, kind, periods[i], err) < 0)
            return -1;
    return 0;
}

/* All trees are made before the first file is replaced. */
static int write_files(const struct process *process, struct err *err)
{
    AUTO_FREE char *directory = fs_join(process->options->output_directory, "latest", err);
    cJSON *trees[PROCESSED_FILES] = {0};
    bool made = directory != NULL;
    for (size_t i = 0; made && i < PROCESSED_FILES; i++) {
        trees[i] = processed_files[i].make(process->aggregate, err);
        made = trees[i] != NULL;
    }
    int result = made && write_trees(directory, trees, err) == 0 ? write_snapshot(process, trees, err) : -1;
    free_trees(trees);
    for (enum period_kind kind = 0; result == 0 && kind < PERIOD_KINDS; kind++)
        result = write_periods(process, kind, err);
    return result;
}

int process_run(const struct process_options *options, struct process_result *result, struct err *err)
{
    *result = (struct process_result){0};
    AUTO_AGGREGATE struct aggregate *aggregate = aggregate_new(&options->aggregate, err);
    AUTO_CENSUS struct census census = {0};
    struct process process = {
        .options = options, .result = result, .aggregate = aggregate, .census = &census};
    if (!aggregate || read_sources(&process, err) < 0)
        return -1;
    result->excluded = aggregate_excluded(aggregate);
    if (result->refused > 0 && result->used == 0 && result->left_out == 0)
        return err_set(err, ERR_DATA,
                       "none of the %zu files is a sound result: the processed files are as they were",
                       result->refused);
    if (result->used + result->left_out + result->refused == 0)
        return err_set(err, ERR_DATA,
                       "there are no result documents below %s: the processed files are as they were",
                       options->source_count == 1 ? options->sources[0].name : "the sources");
    return write_files(&process, err);
}
