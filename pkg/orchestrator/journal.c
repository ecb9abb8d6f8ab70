#include "orchestrator/journal.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "orchestrator/journal_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/file.h>

struct journal {
    struct clock clock;
    char *path;
    size_t first_job;
    pthread_mutex_t lock; /* guards what follows */
    int file;
    bool half_line; /* a record that failed could not be taken away */
};

/* Takes the file over, also on failure. */
static struct journal *new_journal(int file, const char *path, struct err *err)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (!journal) {
        err_memory(err);
        close(file);
        return NULL;
    }
    *journal = (struct journal){.clock = clock_system(), .file = file};
    journal->path = strdup(path);
    pthread_mutex_init(&journal->lock, NULL);
    if (journal->path)
        return journal;
    err_memory(err);
    journal_close(journal);
    return NULL;
}

/* The file gets its name when it is locked already: nobody ever sees a journal of a live run without its
 * lock. */
static int create_locked(const char *path, struct err *err)
{
    AUTO_STRBUF struct strbuf unnamed = STRBUF_INIT(PATH_MAX);
    strbuf_addf(&unnamed, "%s.new", path);
    if (strbuf_ok(&unnamed, "the journal's path", err) < 0)
        return -1;
    int file = open(strbuf_text(&unnamed), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return err_errno(err, "could not start the journal '%s'", path);
    if (flock(file, LOCK_EX | LOCK_NB) == 0 && link(strbuf_text(&unnamed), path) == 0 &&
        unlink(strbuf_text(&unnamed)) == 0)
        return file;
    err_errno(err, "could not start the journal '%s'", path);
    unlink(strbuf_text(&unnamed));
    close(file);
    return -1;
}

struct journal *journal_open(const char *state_directory, const char *run_id, struct err *err)
{
    AUTO_FREE char *directory = history_directory(state_directory, run_id, err);
    AUTO_FREE char *path = directory ? fs_join(directory, JOURNAL_NAME, err) : NULL;
    if (!path || fs_make_directories(directory, 0700, err) < 0)
        return NULL;
    int file = create_locked(path, err);
    if (file < 0)
        return NULL;
    if (fs_sync_directory(directory, err) < 0) {
        close(file);
        return NULL;
    }
    return new_journal(file, path, err);
}

/* A record after half a line would be lost with it. */
static int cut_unfinished_line(int file, const char *path, struct err *err)
{
    char block[4096];
    off_t end = lseek(file, 0, SEEK_END);
    for (off_t at = end; at > 0;) {
        off_t from = at > (off_t)sizeof block ? at - (off_t)sizeof block : 0;
        if (pread(file, block, (size_t)(at - from), from) != at - from)
            return err_errno(err, "could not read the journal '%s'", path);
        const char *newline = memrchr(block, '\n', (size_t)(at - from));
        at = newline ? from + (newline - block) + 1 : from;
        if (!newline && at > 0)
            continue;
        if (at < end && (ftruncate(file, at) < 0 || fdatasync(file) < 0))
            return err_errno(err, "could not mend the journal '%s'", path);
        return 0;
    }
    return 0;
}

/* Who only asks whether the run is live holds the lock for a moment (history_is_live). */
static bool lock_for_writing(int file)
{
    for (int attempt = 0; attempt < 5; attempt++) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0)
            return true;
        usleep(20000);
    }
    return false;
}

struct journal *journal_reopen(const char *state_directory, const char *run_id, struct err *err)
{
    AUTO_FREE char *directory = history_directory(state_directory, run_id, err);
    AUTO_FREE char *path = directory ? fs_join(directory, JOURNAL_NAME, err) : NULL;
    if (!path)
        return NULL;
    int file = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 && errno == ENOENT)
        err_set(err, ERR_NOT_FOUND, "there is no journal '%s'", path);
    else if (file < 0)
        err_errno(err, "could not open the journal '%s'", path);
    if (file < 0)
        return NULL;
    if (!lock_for_writing(file))
        err_set(err, ERR_EXISTS, "another process is at work on run %s", run_id);
    else if (cut_unfinished_line(file, path, err) == 0)
        return new_journal(file, path, err);
    close(file);
    return NULL;
}

void journal_number_jobs_from(struct journal *journal, size_t first_job)
{
    journal->first_job = first_job;
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
static int write_line(struct journal *journal, struct strbuf *line, struct err *err)
{
    off_t end = lseek(journal->file, 0, SEEK_END);
    bool parted = !journal->half_line || fs_write_all(journal->file, "\n", 1, err) == 0;
    if (parted && fs_write_all(journal->file, line->data, line->length, err) == 0) {
        journal->half_line = false;
        return fdatasync(journal->file) == 0 ? 0 : err_errno(err, "could not sync");
    }
    if (end < 0 || ftruncate(journal->file, end) == 0)
        return -1;
    journal->half_line = true;
    return err_prepend(err, "half a record is left in it");
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

static cJSON *start_record(const struct journal *journal, const char *kind, size_t job, struct err *err)
{
    AUTO_JSON cJSON *record = cJSON_CreateObject();
    char timestamp[TIMESTAMP_SIZE];
    format_timestamp(clock_realtime(&journal->clock), timestamp);
    if (!record) {
        err_memory(err);
        return NULL;
    }
    if (json_add_string(record, "record", kind, err) < 0 ||
        json_add_string(record, "time", timestamp, err) < 0 ||
        (job != SIZE_MAX && json_add_i64(record, "job", (int64_t)(journal->first_job + job), err) < 0))
        return NULL;
    return TAKE(record);
}

/* Names and texts in pairs, ended by NULL; a NULL text is left out. */
static int add_texts(cJSON *record, const char *const *pairs, struct err *err)
{
    for (; pairs[0]; pairs += 2)
        if (pairs[1] && json_add_string(record, pairs[0], pairs[1], err) < 0)
            return -1;
    return 0;
}

static int write_record(struct journal *journal, const char *kind, size_t job, const char *const *pairs,
                        struct err *err)
{
    AUTO_JSON cJSON *record = start_record(journal, kind, job, err);
    if (!record || add_texts(record, pairs, err) < 0)
        return -1;
    return append_line(journal, record, err);
}

#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define WRITE_RECORD(journal, kind, job, err, ...) write_record(journal, kind, job, PAIRS(__VA_ARGS__), err)

static int add_list(cJSON *record, const char *name, const char *const *items, size_t count, struct err *err)
{
    cJSON *list = count ? cJSON_CreateStringArray(items, (int)count) : cJSON_CreateArray();
    return json_add(record, name, list, err);
}

int journal_run(struct journal *journal, const struct journal_header *header, struct err *err)
{
    AUTO_JSON cJSON *record = start_record(journal, "run", SIZE_MAX, err);
    if (!record ||
        add_texts(record,
                  PAIRS("run_id", header->run_id, "region", header->region, "endpoint", header->endpoint,
                        "account", header->account, "version", VERSION, "collection_method",
                        header->collection_method, "bucket", header->bucket, "output_dir",
                        header->output_dir),
                  err) < 0 ||
        json_add_i64(record, "first_job", (int64_t)journal->first_job, err) < 0 ||
        add_list(record, "arguments", header->arguments, header->argument_count, err) < 0 ||
        add_list(record, "instance_types", header->instance_types, header->instance_type_count, err) < 0)
        return -1;
    return append_line(journal, record, err);
}

int journal_intent(struct journal *journal, size_t job, const char *token, const char *request,
                   struct err *err)
{
    return WRITE_RECORD(journal, "intent", job, err, "token", token, "request", request);
}

int journal_launched(struct journal *journal, size_t job, const char *token, const char *instance_id,
                     struct err *err)
{
    return WRITE_RECORD(journal, "launched", job, err, "token", token, "instance_id", instance_id);
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

static int write_result(struct journal *journal, const char *kind, size_t job,
                        const struct journal_result *result, struct err *err)
{
    AUTO_JSON cJSON *record = start_record(journal, kind, job, err);
    if (!record || add_texts(record, PAIRS("suite", result->suite), err) < 0 ||
        json_add_i64(record, "iteration", result->iteration, err) < 0 ||
        add_texts(record, PAIRS("key", result->key, "sha256", result->sha256), err) < 0)
        return -1;
    return append_line(journal, record, err);
}

int journal_measured(struct journal *journal, size_t job, const struct journal_result *result,
                     struct err *err)
{
    return write_result(journal, "measured", job, result, err);
}

int journal_stored(struct journal *journal, size_t job, const struct journal_result *result, struct err *err)
{
    return write_result(journal, "stored", job, result, err);
}

int journal_not_stored(struct journal *journal, size_t job, const char *key, const char *reason,
                       struct err *err)
{
    return WRITE_RECORD(journal, "not_stored", job, err, "key", key, "reason", reason);
}

int journal_sent(struct journal *journal, size_t job, const char *key, const char *sha256, struct err *err)
{
    return WRITE_RECORD(journal, "sent", job, err, "key", key, "sha256", sha256);
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
    AUTO_JSON cJSON *record = start_record(journal, "end", SIZE_MAX, err);
    if (!record || json_add_i64(record, "exit_code", exit_code, err) < 0)
        return -1;
    return append_line(journal, record, err);
}
