#include "orchestrator/sweep_parts.h"

#include "base/fs.h"
#include "results/document.h"

#include <string.h>

/* The bucket that results go to, opened when the first needs it. */
struct shipment {
    struct sweep *sweep;
    const char *bucket; /* NULL: none is open */
    struct store store;
    void *connection;
};

static const char *output_dir_of(const struct sweep *sweep, const struct history_result *result)
{
    return sweep->history->parts[result->part].output_dir;
}

/* The document as the store has it. NULL: it is not there (ERR_NOT_FOUND), or is not the one that was
 * measured. */
static char *read_document_in(const struct store *store, const struct history_result *result, size_t *length,
                              struct err *err)
{
    AUTO_FREE char *text = store_get(store, result->key, RESULT_MAX_BYTES, length, err);
    AUTO_JSON cJSON *tree = text ? json_parse(text, *length, RESULT_MAX_BYTES, err) : NULL;
    if (!tree || document_verify(text, *length, tree, err) < 0)
        return NULL;
    if (strcmp(json_string_or(tree, "integrity.sha256", ""), result->sha256) != 0) {
        err_set(err, ERR_DATA, "its digest is not the one in the journal");
        return NULL;
    }
    return TAKE(text);
}

static char *read_document(const struct sweep *sweep, const struct history_result *result, size_t *length,
                           struct err *err)
{
    AUTO_STORE struct store spool = {0};
    if (store_open_directory(&spool, output_dir_of(sweep, result), err) < 0)
        return NULL;
    return read_document_in(&spool, result, length, err);
}

/* The run died between measuring a result and writing down that it is kept. */
static void look_for_result(struct sweep *sweep, struct history_result *result)
{
    struct err err = {0};
    size_t length = 0;
    struct journal_result names = {result->name.suite, result->name.iteration, result->key, result->sha256};
    AUTO_FREE char *text = read_document(sweep, result, &length, &err);
    if (text) {
        result->stored = true;
        sweep_written(sweep, journal_stored(sweep->journal, result->job, &names, &err), &err);
    } else if (err.kind == ERR_NOT_FOUND) {
        result->absent = true;
        sweep_written(sweep, journal_not_stored(sweep->journal, result->job, result->key, err.message, &err),
                      &err);
    } else {
        log_line(sweep->services->log, LOG_WARNING, "result '%s': %s", result->key, err.message);
    }
}

static void close_shipment(struct shipment *shipment)
{
    if (shipment->bucket)
        shipment->sweep->services->close_bucket(&shipment->store, shipment->connection);
    shipment->bucket = NULL;
}

static int open_shipment(struct shipment *shipment, const char *bucket, struct err *err)
{
    struct sweep *sweep = shipment->sweep;
    if (shipment->bucket && strcmp(shipment->bucket, bucket) == 0)
        return 0;
    close_shipment(shipment);
    if (sweep->services->open_bucket(&sweep->region, bucket, sweep->deadline, &shipment->store,
                                     &shipment->connection, err) < 0)
        return -1;
    shipment->bucket = bucket;
    return 0;
}

static void note_sent(struct sweep *sweep, struct history_result *result)
{
    struct err err = {0};
    result->sent = true;
    sweep_written(sweep, journal_sent(sweep->journal, result->job, result->key, result->sha256, &err), &err);
}

/* Nobody has it any more, and no later run could change that: it is said once, and the record ends the
 * asking.
 */
static void note_lost(struct sweep *sweep, struct history_result *result)
{
    struct err err = {0};
    const char *reason = "it was kept, is gone from the output directory, and is not in the bucket";
    result->stored = false;
    result->absent = true;
    log_line(sweep->services->log, LOG_WARNING, "result '%s' of %s is lost: %s", result->key,
             output_dir_of(sweep, result), reason);
    sweep_written(sweep, journal_not_stored(sweep->journal, result->job, result->key, reason, &err), &err);
}

/* The file is gone. The bucket may have it all the same; what neither has is lost. A directory that is not
 * there may be a disk that is not mounted. */
static int settle_gone(struct shipment *shipment, struct history_result *result, struct err *err)
{
    struct sweep *sweep = shipment->sweep;
    const char *directory = output_dir_of(sweep, result);
    struct err failure = {0};
    size_t length = 0;
    if (!fs_is_directory(directory))
        return err_set(err, ERR_NOT_FOUND,
                       "the directory is not there; if it is gone for good, make it anew");
    AUTO_FREE char *text = read_document_in(&shipment->store, result, &length, &failure);
    if (text)
        note_sent(sweep, result);
    else if (failure.kind == ERR_NOT_FOUND)
        note_lost(sweep, result);
    else
        return err_copy(err, &failure);
    return 0;
}

static int send_result(struct shipment *shipment, struct history_result *result, struct err *err)
{
    struct sweep *sweep = shipment->sweep;
    struct err failure = {0};
    size_t length = 0;
    AUTO_FREE char *text = read_document(sweep, result, &length, &failure);
    if (!text && failure.kind != ERR_NOT_FOUND)
        return err_copy(err, &failure);
    if (open_shipment(shipment, sweep->history->parts[result->part].bucket, err) < 0)
        return -1;
    if (!text)
        return settle_gone(shipment, result, err);
    if (store_put(&shipment->store, result->key, text, length, err) < 0)
        return -1;
    note_sent(sweep, result);
    sweep->sent++;
    return 0;
}

void sweep_results(struct sweep *sweep)
{
    CLEANUP(close_shipment) struct shipment shipment = {.sweep = sweep};
    for (size_t i = 0; i < sweep->history->result_count; i++) {
        struct history_result *result = &sweep->history->results[i];
        struct err err = {0};
        if (!result->stored && !result->absent && !result->sent)
            look_for_result(sweep, result);
        if (!result->stored || !history_is_unsent(sweep->history, result))
            continue;
        if (cancel_check(sweep->services->cancel, CANCEL_DRAIN, NULL) < 0)
            continue;
        if (send_result(&shipment, result, &err) < 0)
            log_line(sweep->services->log, LOG_WARNING, "result '%s' of %s could not be sent: %s",
                     result->key, output_dir_of(sweep, result), err.message);
    }
}
