#include "storage/store.h"

#include "results/document.h"

#include <string.h>

/* A key is a relative path of plain steps: nothing empty, no "." or "..". */
static int check_key(const char *key, struct err *err)
{
    const char *step = key;
    for (;;) {
        size_t length = strcspn(step, "/");
        bool climbs = (length == 1 && step[0] == '.') || (length == 2 && strncmp(step, "..", 2) == 0);
        if (length == 0 || climbs)
            return err_set(err, ERR_USAGE, "'%.128s' is no key of a store", key);
        if (step[length] == '\0')
            return 0;
        step += length + 1;
    }
}

int store_put(const struct store *store, const char *key, const void *data, size_t length, struct err *err)
{
    if (check_key(key, err) < 0)
        return -1;
    return store->operations->put(store->context, key, data, length, err);
}

char *store_get(const struct store *store, const char *key, size_t max_bytes, size_t *length, struct err *err)
{
    if (check_key(key, err) < 0)
        return NULL;
    return store->operations->get(store->context, key, max_bytes, length, err);
}

int store_list(const struct store *store, const char *prefix, store_visit visit, void *visitor,
               struct err *err)
{
    return store->operations->list(store->context, prefix, visit, visitor, err);
}

void store_close(struct store *store)
{
    if (store->operations)
        store->operations->close(store->context);
    *store = (struct store){0};
}

struct copy {
    const struct store *from;
    const struct store *to;
    struct err first; /* what failed first */
};

static int copy_one(void *visitor, const char *key, struct err *err UNUSED)
{
    struct copy *copy = visitor;
    struct err failure = {0};
    size_t length = 0;
    AUTO_FREE char *data = store_get(copy->from, key, RESULT_MAX_BYTES, &length, &failure);
    if (data && store_put(copy->to, key, data, length, &failure) == 0)
        return 0;
    if (copy->first.kind == ERR_NONE)
        copy->first = failure;
    return 0;
}

int store_copy(const struct store *from, const struct store *to, const char *prefix, struct err *err)
{
    struct copy copy = {.from = from, .to = to};
    if (store_list(from, prefix, copy_one, &copy, err) < 0)
        return -1;
    if (copy.first.kind == ERR_NONE)
        return 0;
    if (err)
        *err = copy.first;
    return -1;
}
