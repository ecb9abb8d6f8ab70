#include "storage/store.h"

#include "base/fs.h"
#include "base/text.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

#define FILE_MODE 0644
#define DIRECTORY_MODE 0755

struct directory_store {
    char *root;
};

/* Writes the entries of new directories to the disk, from the file's own up to the root's: else a power cut
 * takes the directories away from under a file that was synced. */
static int sync_directories(const char *root, const char *path, struct err *err)
{
    AUTO_FREE char *copy = strdup(path);
    if (!copy)
        return err_memory(err);
    char *at = copy;
    do {
        at = dirname(at);
        if (fs_sync_directory(at, err) < 0)
            return -1;
    } while (strlen(at) > strlen(root));
    return 0;
}

static int create(const struct directory_store *store, const char *path, const void *data, size_t length,
                  struct err *err)
{
    AUTO_FREE char *copy = strdup(path);
    if (!copy)
        return err_memory(err);
    if (fs_make_directories(dirname(copy), DIRECTORY_MODE, err) < 0 ||
        fs_create_file(path, data, length, FILE_MODE, err) < 0)
        return -1;
    return sync_directories(store->root, path, err);
}

static bool holds(const char *path, const void *data, size_t length)
{
    size_t present_length = 0;
    AUTO_FREE char *present = fs_read_file(path, length, &present_length, NULL);
    return present && present_length == length && memcmp(present, data, length) == 0;
}

static int put(void *context, const char *key, const void *data, size_t length, struct err *err)
{
    const struct directory_store *store = context;
    struct err failure = {0};
    AUTO_FREE char *path = fs_join(store->root, key, err);
    if (!path)
        return -1;
    if (create(store, path, data, length, &failure) == 0)
        return 0;
    if (failure.kind == ERR_EXISTS && holds(path, data, length))
        return sync_directories(store->root, path, err);
    if (failure.kind == ERR_EXISTS)
        return err_set(err, ERR_EXISTS, "'%s' is there already, with other content", path);
    if (err)
        *err = failure;
    return -1;
}

static char *get(void *context, const char *key, size_t max_bytes, size_t *length, struct err *err)
{
    const struct directory_store *store = context;
    AUTO_FREE char *path = fs_join(store->root, key, err);
    if (!path)
        return NULL;
    if (access(path, F_OK) < 0 && errno == ENOENT) {
        err_set(err, ERR_NOT_FOUND, "there is no '%s'", path);
        return NULL;
    }
    return fs_read_file(path, max_bytes, length, err);
}

struct listing {
    size_t root_length; /* of the path before the key, with its slash */
    const char *prefix;
    store_visit visit;
    void *visitor;
};

static int list_file(void *context, const char *path, struct err *err)
{
    const struct listing *listing = context;
    const char *key = path + listing->root_length;
    /* base/fs.h writes to *.tmp first; one that is left over is no object. */
    if (!text_starts_with(key, listing->prefix) || text_ends_with(key, ".tmp"))
        return 0;
    return listing->visit(listing->visitor, key, err);
}

static int list(void *context, const char *prefix, store_visit visit, void *visitor, struct err *err)
{
    const struct directory_store *store = context;
    if (!fs_is_directory(store->root))
        return err_set(err, ERR_NOT_FOUND, "there is no directory '%s'", store->root);
    /* The slash makes fs_walk go into a root that is a symbolic link; links below it are not followed. */
    AUTO_FREE char *root = fs_join(store->root, "", err);
    if (!root)
        return -1;
    struct listing listing = {strlen(root), prefix, visit, visitor};
    return fs_walk(root, "", list_file, &listing, err);
}

static void close_directory(void *context)
{
    struct directory_store *store = context;
    free(store->root);
    free(store);
}

static const struct store_operations directory_operations = {
    .put = put,
    .get = get,
    .list = list,
    .close = close_directory,
};

/* Without slashes at its end, so that the length of a path says whether it is below. */
static char *plain_root(const char *directory, struct err *err)
{
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/')
        length--;
    char *root = length > 0 ? strndup(directory, length) : strdup(".");
    if (!root)
        err_memory(err);
    return root;
}

int store_open_directory(struct store *store, const char *directory, struct err *err)
{
    AUTO_FREE struct directory_store *context = calloc(1, sizeof *context);
    if (!context)
        return err_memory(err);
    context->root = plain_root(directory, err);
    if (!context->root)
        return -1;
    *store = (struct store){&directory_operations, TAKE(context)};
    return 0;
}
