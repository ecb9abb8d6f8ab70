#include "run_ids.h"

#include "base/fs.h"
#include "base/text.h"
#include "orchestrator/journal_read.h"

#include <string.h>

char *state_directory(const char *chosen, struct err *err)
{
    if (!chosen)
        return fs_xdg_directory("XDG_STATE_HOME", ".local/state", err);
    char *copy = strdup(chosen);
    if (!copy)
        err_memory(err);
    return copy;
}

/* "20261121T102613Z-m0ziqf" begins so, or its last letters do. */
static bool is_meant(const char *run_id, const char *word)
{
    const char *dash = strchr(run_id, '-');
    return text_starts_with(run_id, word) || (dash && text_starts_with(dash + 1, word));
}

static int no_such_run(const char *state_directory, const struct history_ids *ids, const char *word,
                       struct err *err)
{
    if (ids->count == 0)
        return err_set(err, ERR_USAGE, "there is no run '%.64s': no run has a journal in '%s'", word,
                       state_directory);
    AUTO_FREE const char **names = calloc(ids->count, sizeof *names);
    if (!names)
        return err_memory(err);
    for (size_t i = 0; i < ids->count; i++)
        names[i] = ids->items[i];
    const char *nearest = text_nearest(word, names, ids->count);
    if (nearest)
        return err_set(err, ERR_USAGE, "there is no run '%.64s'; did you mean '%s'?", word, nearest);
    return err_set(err, ERR_USAGE, "there is no run '%.64s' in '%s'; the newest is '%s'", word,
                   state_directory, names[0]);
}

int run_id_find(const char *state_directory, const char *word, char run_id[RUN_ID_SIZE], struct err *err)
{
    AUTO_HISTORY_IDS struct history_ids ids = {0};
    const char *found = NULL;
    if (history_list(state_directory, &ids, err) < 0)
        return -1;
    for (size_t i = 0; i < ids.count && *word; i++) {
        const char *id = ids.items[i];
        if (!is_meant(id, word))
            continue;
        if (found)
            return err_set(err, ERR_USAGE, "'%.64s' may be run '%s', '%s' or another: give more of its id",
                           word, found, id);
        found = id;
    }
    if (!found)
        return no_such_run(state_directory, &ids, word, err);
    memcpy(run_id, found, RUN_ID_SIZE);
    return 0;
}
