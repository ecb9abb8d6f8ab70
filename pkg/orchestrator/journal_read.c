#include "orchestrator/journal_read.h"

#include "base/fs.h"
#include "base/json.h"
#include "orchestrator/journal.h"
#include "orchestrator/journal_records.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#define LARGEST_JOURNAL ((size_t)256 << 20) /* a run of a thousand instances has some ten million bytes */
#define LONGEST_LINE ((size_t)1 << 20)      /* as journal.c writes them */
#define SETTLED_NAME "settled"

/* --- where things are ------------------------------------------------------------------------- */

char *history_directory(const char *state_directory, const char *run_id, struct err *err)
{
    if (!history_is_run_id(run_id)) {
        err_set(err, ERR_USAGE, "'%.64s' is not the id of a run", run_id);
        return NULL;
    }
    AUTO_FREE char *runs = fs_join(state_directory, "runs", err);
    return runs ? fs_join(runs, run_id, err) : NULL;
}

static char *path_in_run(const char *state_directory, const char *run_id, const char *name, struct err *err)
{
    AUTO_FREE char *directory = history_directory(state_directory, run_id, err);
    return directory ? fs_join(directory, name, err) : NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

static void count_damage(struct run_history *history, size_t line, struct err *why)
{
    if (history->damaged++ == 0) {
        err_prepend(why, "line %zu", line);
        history->damage = *why;
    }
}

static void take_line(struct run_history *history, const char *text, size_t length, size_t number)
{
    struct err why = {0};
    AUTO_JSON cJSON *record = json_parse(text, length, LONGEST_LINE, &why);
    if (!record || history_apply(history, record, &why) < 0)
        count_damage(history, number, &why);
    else
        history->records++;
}

void history_read(struct run_history *history, const char *run_id, const char *text, size_t length)
{
    size_t number = 0;
    *history = (struct run_history){0};
    snprintf(history->run_id, sizeof history->run_id, "%s", run_id);
    for (const char *end = text + length; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        if (!newline) {
            history->unfinished_end = true;
            return;
        }
        take_line(history, text, (size_t)(newline - text), ++number);
        text = newline + 1;
    }
}

int history_load(const char *state_directory, const char *run_id, struct run_history *history,
                 struct err *err)
{
    size_t length = 0;
    AUTO_FREE char *path = path_in_run(state_directory, run_id, JOURNAL_NAME, err);
    *history = (struct run_history){0};
    if (!path)
        return -1;
    if (!fs_exists(path))
        return err_set(err, ERR_NOT_FOUND, "there is no journal '%s'", path);
    AUTO_FREE char *text = fs_read_file(path, LARGEST_JOURNAL, &length, err);
    if (!text)
        return -1;
    history_read(history, run_id, text, length);
    return 0;
}

void history_free(struct run_history *history)
{
    for (size_t i = 0; i < history->part_count; i++)
        history_part_free(&history->parts[i]);
    free(history->parts);
    free(history->jobs);
    free(history->launches);
    free(history->results);
    free(history->groups);
    *history = (struct run_history){0};
}

/* --- listing ---------------------------------------------------------------------------------- */

static int newest_first(const void *a, const void *b)
{
    return strcmp(b, a); /* ids begin with the time */
}

static int add_run(const char *state_directory, const char *name, struct history_ids *ids, struct err *err)
{
    if (!history_is_run_id(name))
        return 0;
    AUTO_FREE char *journal = path_in_run(state_directory, name, JOURNAL_NAME, err);
    if (!journal)
        return -1;
    if (!fs_exists(journal))
        return 0;
    void *items = realloc(ids->items, (ids->count + 1) * sizeof *ids->items);
    if (!items)
        return err_memory(err);
    ids->items = items;
    snprintf(ids->items[ids->count++], sizeof *ids->items, "%.*s", RUN_ID_SIZE - 1, name);
    return 0;
}

int history_list(const char *state_directory, struct history_ids *ids, struct err *err)
{
    *ids = (struct history_ids){0};
    AUTO_FREE char *runs = fs_join(state_directory, "runs", err);
    if (!runs)
        return -1;
    DIR *directory = opendir(runs);
    if (!directory && errno == ENOENT)
        return 0;
    if (!directory)
        return err_errno(err, "could not read the directory '%s'", runs);
    int result = 0;
    for (const struct dirent *entry; result == 0 && (entry = readdir(directory));)
        result = add_run(state_directory, entry->d_name, ids, err);
    closedir(directory);
    if (ids->count)
        qsort(ids->items, ids->count, sizeof *ids->items, newest_first);
    return result;
}

void history_ids_free(struct history_ids *ids)
{
    free(ids->items);
    *ids = (struct history_ids){0};
}

/* --- what it comes to ------------------------------------------------------------------------- */

bool history_is_live(const char *state_directory, const char *run_id)
{
    AUTO_FREE char *path = path_in_run(state_directory, run_id, JOURNAL_NAME, NULL);
    AUTO_CLOSE int file = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    return file >= 0 && flock(file, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

bool history_is_local(const struct run_history *history)
{
    return strcmp(history->collection_method, "local") == 0 && history->launch_count == 0 &&
           history->group_count == 0;
}

bool history_may_be_alive(const struct run_history *history)
{
    for (size_t i = 0; i < history->launch_count; i++)
        if (history->launches[i].fate == LAUNCH_UNKNOWN || history->launches[i].fate == LAUNCH_NOT_ENDED)
            return true;
    for (size_t i = 0; i < history->group_count; i++)
        if (!history->groups[i].removed)
            return true;
    return false;
}

bool history_is_unsent(const struct run_history *history, const struct history_result *result)
{
    return history->parts[result->part].bucket[0] && !result->sent && !result->absent;
}

bool history_is_settled(const struct run_history *history)
{
    for (size_t i = 0; i < history->result_count; i++) {
        const struct history_result *result = &history->results[i];
        bool fate_known = result->stored || result->absent || result->sent;
        if (!fate_known || history_is_unsent(history, result))
            return false;
    }
    return history->damaged == 0 && !history_may_be_alive(history);
}

bool history_is_marked_settled(const char *state_directory, const char *run_id)
{
    AUTO_FREE char *path = path_in_run(state_directory, run_id, SETTLED_NAME, NULL);
    return path && fs_exists(path);
}

int history_mark_settled(const char *state_directory, const char *run_id, struct err *err)
{
    AUTO_FREE char *path = path_in_run(state_directory, run_id, SETTLED_NAME, err);
    return path ? fs_replace_file(path, "", 0, 0600, err) : -1;
}

int history_unmark_settled(const char *state_directory, const char *run_id, struct err *err)
{
    AUTO_FREE char *directory = history_directory(state_directory, run_id, err);
    AUTO_FREE char *path = directory ? fs_join(directory, SETTLED_NAME, err) : NULL;
    if (!path)
        return -1;
    if (unlink(path) < 0 && errno != ENOENT)
        return err_errno(err, "could not remove '%s'", path);
    return fs_sync_directory(directory, err);
}

int history_mark_if_settled(const char *state_directory, const char *run_id, struct err *err)
{
    AUTO_HISTORY struct run_history history = {0};
    if (history_load(state_directory, run_id, &history, err) < 0)
        return -1;
    return history_is_settled(&history) ? history_mark_settled(state_directory, run_id, err) : 0;
}
