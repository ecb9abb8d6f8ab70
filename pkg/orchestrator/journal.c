#include "orchestrator/journal.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>

struct journal {
    struct clock clock;
    char *path;
    pthread_mutex_t lock; /* guards the file */
    int file;
};

static char *run_directory(const char *state_directory, const char *run_id, struct err *err)
{
    AUTO_FREE char *runs = fs_join(state_directory, "runs", err);
    return runs ? fs_join(runs, run_id, err) : NULL;
}

struct journal *journal_open(const char *state_directory, const char *run_id, struct err *err)
{
    AUTO_FREE char *directory = run_directory(state_directory, run_id, err);
    AUTO_FREE char *path = directory ? fs_join(directory, "journal.ndjson", err) : NULL;
    struct journal *journal = path ? calloc(1, sizeof *journal) : NULL;
    if (!journal || fs_make_directories(directory, 0700, err) < 0) {
        free(journal);
        return NULL;
    }
    journal->clock = clock_system();
    journal->file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (journal->file < 0 || fs_sync_directory(directory, err) < 0) {
        err_errno(err, "could not start the journal '%s'", path);
        if (journal->file >= 0)
            close(journal->file);
        free(journal);
        return NULL;
    }
    pthread_mutex_init(&journal->lock, NULL);
    journal->path = TAKE(path);
    return journal;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    close(journal->file);
    pthread_mutex_destroy(&journal->lock);
    free(journal->path);
    free(journal);
}

const char *journal_path(const struct journal *journal)
{
    return journal->path;
}

/* All of the line or nothing, so that a disk that is full for a while does not spoil the records that come
 * after it. Called with the lock held. */
static int write_line(struct journal *journal, const struct strbuf *line, struct err *err)
{
    off_t end = lseek(journal->file, 0, SEEK_END);
    if (fs_write_all(journal->file, line->data, line->length, err) == 0)
        return fdatasync(journal->file) == 0 ? 0 : err_errno(err, "could not sync");
    if (end >= 0 && ftruncate(journal->file, end) < 0)
        return err_prepend(err, "half a record is left in it");
    return -1;
}

static int append_line(struct journal *journal, const cJSON *record, struct err *err)
{
    AUTO_FREE char *text = json_print(record, false, err);
    if (!text)
        return -1;
    AUTO_STRBUF struct strbuf line = STRBUF_INIT(1 << 20);
    strbuf_adds(&line, text);
    strbuf_addc(&line, '\n');
    if (strbuf_ok(&line, "a journal record", err) < 0)
        return -1;
    pthread_mutex_lock(&journal->lock);
    int result = write_line(journal, &line, err);
    pthread_mutex_unlock(&journal->lock);
    if (result < 0) {
        if (err)
            err->kind = ERR_CONFIG;
        return err_prepend(err, "the journal '%s' can't be written", journal->path);
    }
    return 0;
}

/* Names and texts in pairs, ended by NULL; a NULL text is left out. */
static int write_record(struct journal *journal, const char *kind, size_t job, const char *const *pairs,
                        struct err *err)
{
    AUTO_JSON cJSON *record = cJSON_CreateObject();
    char timestamp[TIMESTAMP_SIZE];
    format_timestamp(clock_realtime(&journal->clock), timestamp);
    if (!record || json_add_string(record, "record", kind, err) < 0 ||
        json_add_string(record, "time", timestamp, err) < 0)
        return -1;
    if (job != SIZE_MAX && json_add_i64(record, "job", (int64_t)job, err) < 0)
        return -1;
    for (; pairs[0]; pairs += 2)
        if (pairs[1] && json_add_string(record, pairs[0], pairs[1], err) < 0)
            return -1;
    return append_line(journal, record, err);
}

#define WRITE_RECORD(journal, kind, job, err, ...)                                                           \
    write_record(journal, kind, job, (const char *const[]){__VA_ARGS__, NULL}, err)

int journal_run(struct journal *journal, const char *run_id, const char *region, const char *endpoint,
                const char *const *instance_types, size_t count, struct err *err)
{
    AUTO_STRBUF struct strbuf types = STRBUF_INIT(1 << 16);
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&types, "%s%s", i ? "," : "", instance_types[i]);
    if (strbuf_ok(&types, "the list of instance types", err) < 0)
        return -1;
    return WRITE_RECORD(journal, "run", SIZE_MAX, err, "run_id", run_id, "region", region, "endpoint",
                        endpoint, "version", VERSION, "instance_types", strbuf_text(&types));
}

int journal_intent(struct journal *journal, size_t job, const char *token, const char *request,
                   struct err *err)
{
    return WRITE_RECORD(journal, "intent", job, err, "token", token, "request", request);
}

int journal_launched(struct journal *journal, size_t job, const char *instance_id, struct err *err)
{
    return WRITE_RECORD(journal, "launched", job, err, "instance_id", instance_id);
}

int journal_not_launched(struct journal *journal, size_t job, const char *token, const char *reason,
                         struct err *err)
{
    return WRITE_RECORD(journal, "not_launched", job, err, "token", token, "reason", reason);
}

int journal_state(struct journal *journal, size_t job, enum job_state state, const char *detail,
                  struct err *err)
{
    return WRITE_RECORD(journal, "state", job, err, "state", job_state_name(state), "detail", detail);
}

int journal_stored(struct journal *journal, size_t job, const char *key, const char *sha256, struct err *err)
{
    return WRITE_RECORD(journal, "stored", job, err, "key", key, "sha256", sha256);
}

int journal_terminated(struct journal *journal, size_t job, const char *instance_id, struct err *err)
{
    return WRITE_RECORD(journal, "terminated", job, err, "instance_id", instance_id);
}

int journal_resource(struct journal *journal, const char *kind, const char *id, const char *what,
                     struct err *err)
{
    return WRITE_RECORD(journal, "resource", SIZE_MAX, err, "kind", kind, "id", id, "what", what);
}

int journal_end(struct journal *journal, int exit_code, struct err *err)
{
    char code[16];
    snprintf(code, sizeof code, "%d", exit_code);
    return WRITE_RECORD(journal, "end", SIZE_MAX, err, "exit_code", code);
}
