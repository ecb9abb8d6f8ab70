#include "orchestrator/journal_tail.h"

#include "base/fs.h"
#include "base/strbuf.h"
#include "orchestrator/journal.h"
#include "orchestrator/journal_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define LONGEST_LINE ((size_t)1 << 20) /* as journal.c writes them */
#define CHUNK ((size_t)64 << 10)

struct journal_tail {
    int file;
    size_t line_number; /* of the last line that was taken */
    bool too_long;      /* the line at hand is: its rest is passed over */
    size_t taken;       /* bytes of data that are done with */
    struct strbuf data;
};

struct journal_tail *journal_tail_open(const char *state_directory, const char *run_id, struct err *err)
{
    AUTO_FREE char *directory = history_directory(state_directory, run_id, err);
    AUTO_FREE char *path = directory ? fs_join(directory, JOURNAL_NAME, err) : NULL;
    if (!path)
        return NULL;
    struct journal_tail *tail = calloc(1, sizeof *tail);
    if (!tail) {
        err_memory(err);
        return NULL;
    }
    tail->data = STRBUF_INIT(LONGEST_LINE + CHUNK);
    tail->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (tail->file >= 0)
        return tail;
    bool absent = errno == ENOENT;
    err_errno(err, "could not open the journal '%s'", path);
    if (absent && err)
        err->kind = ERR_NOT_FOUND;
    journal_tail_close(tail);
    return NULL;
}

void journal_tail_close(struct journal_tail *tail)
{
    if (!tail)
        return;
    if (tail->file >= 0)
        close(tail->file);
    strbuf_free(&tail->data);
    free(tail);
}

/* What has been taken makes room for what follows. */
static void drop_taken(struct journal_tail *tail)
{
    size_t left = tail->data.length - tail->taken;
    memmove(tail->data.data, tail->data.data + tail->taken, left + 1);
    tail->data.length = left;
    tail->taken = 0;
}

/* A writer whose disk is full takes half a line back: then it is read from its beginning again. */
static int take_back(struct journal_tail *tail, struct err *err)
{
    struct stat status;
    off_t at = lseek(tail->file, 0, SEEK_CUR);
    if (at < 0 || fstat(tail->file, &status) < 0)
        return err_errno(err, "could not read the journal");
    if (status.st_size >= at)
        return 0;
    off_t begin = at - (off_t)(tail->data.length - tail->taken);
    tail->taken = tail->data.length;
    if (lseek(tail->file, begin, SEEK_SET) < 0)
        return err_errno(err, "could not read the journal");
    return status.st_size > begin;
}

/* 1: there is more; 0: not now; -1. */
static int read_more(struct journal_tail *tail, struct err *err)
{
    char chunk[CHUNK];
    ssize_t got = read(tail->file, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR)
        return 1;
    if (got < 0)
        return err_errno(err, "could not read the journal");
    if (got == 0)
        return take_back(tail, err);
    if (tail->taken)
        drop_taken(tail);
    strbuf_add(&tail->data, chunk, (size_t)got);
    return strbuf_ok(&tail->data, "a line of the journal", err) < 0 ? -1 : 1;
}

static enum tail_result take_line(struct journal_tail *tail, const char *line, size_t length, cJSON **record,
                                  struct err *err)
{
    tail->line_number++;
    if (tail->too_long) {
        tail->too_long = false;
        err_set(err, ERR_DATA, "line %zu is too long", tail->line_number);
        return TAIL_DAMAGED;
    }
    *record = json_parse(line, length, LONGEST_LINE, err);
    if (cJSON_IsObject(*record))
        return TAIL_RECORD;
    if (*record)
        err_set(err, ERR_DATA, "it is no record");
    json_auto(record);
    *record = NULL;
    err_prepend(err, "line %zu", tail->line_number);
    return TAIL_DAMAGED;
}

enum tail_result journal_tail_next(struct journal_tail *tail, cJSON **record, struct err *err)
{
    *record = NULL;
    for (;;) {
        const char *start = strbuf_text(&tail->data) + tail->taken;
        size_t left = tail->data.length - tail->taken;
        const char *newline = memchr(start, '\n', left);
        if (newline) {
            tail->taken += (size_t)(newline - start) + 1;
            return take_line(tail, start, (size_t)(newline - start), record, err);
        }
        if (left > LONGEST_LINE) {
            tail->too_long = true;
            tail->taken = tail->data.length;
        }
        int more = read_more(tail, err);
        if (more <= 0)
            return more < 0 ? TAIL_FAILED : TAIL_END;
    }
}

bool journal_tail_is_cut(const struct journal_tail *tail)
{
    return tail->too_long || tail->data.length > tail->taken;
}
