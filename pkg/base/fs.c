#include "base/fs.h"

#include "base/digest.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_regular(int fd, const char *path, size_t max_bytes, struct stat *status, struct err *err)
{
    if (fstat(fd, status) < 0)
        return err_errno(err, "could not read '%s'", path);
    if (!S_ISREG(status->st_mode))
        return err_set(err, ERR_DATA, "'%s' is not a regular file", path);
    if ((size_t)status->st_size > max_bytes)
        return err_set(err, ERR_DATA, "'%s' is larger than %zu bytes", path, max_bytes);
    return 0;
}

char *fs_read_file(const char *path, size_t max_bytes, size_t *length, struct err *err)
{
    /* O_NONBLOCK: a pipe of that name must not hold us before check_regular refuses it. */
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        err_errno(err, "could not open '%s'", path);
        return NULL;
    }
    struct stat status;
    if (check_regular(fd, path, max_bytes, &status, err) < 0)
        return NULL;
    AUTO_FREE char *data = malloc((size_t)status.st_size + 1);
    if (!data) {
        err_memory(err);
        return NULL;
    }
    size_t used = 0;
    while (used < (size_t)status.st_size) {
        ssize_t got = read(fd, data + used, (size_t)status.st_size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            err_errno(err, "could not read '%s'", path);
            return NULL;
        }
        if (got == 0)
            break;
        used += (size_t)got;
    }
    data[used] = '\0';
    if (length)
        *length = used;
    return TAKE(data);
}

int fs_write_all(int fd, const void *data, size_t length, struct err *err)
{
    const char *at = data;
    while (length > 0) {
        ssize_t written = write(fd, at, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return err_errno(err, "could not write");
        at += written;
        length -= (size_t)written;
    }
    return 0;
}

int fs_sync_directory(const char *path, struct err *err)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return err_errno(err, "could not sync the directory '%s'", path);
    return 0;
}

static int sync_parent(const char *path, struct err *err)
{
    AUTO_FREE char *copy = strdup(path);
    if (!copy)
        return err_memory(err);
    return fs_sync_directory(dirname(copy), err);
}

/* Makes one directory, unless it is there. One without its entry on the disk would be gone after a power cut,
 * with all that had been synced in it. */
static int make_directory(const char *path, mode_t mode, struct err *err)
{
    if (mkdir(path, mode) == 0)
        return sync_parent(path, err);
    int reason = errno;
    if (reason == EEXIST && fs_is_directory(path))
        return 0;
    errno = reason == EEXIST ? ENOTDIR : reason;
    return err_errno(err, "could not make the directory '%s'", path);
}

int fs_make_directories(const char *path, mode_t mode, struct err *err)
{
    AUTO_FREE char *copy = strdup(path);
    if (!copy)
        return err_memory(err);
    for (char *at = copy + 1; *copy && *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (make_directory(copy, mode, err) < 0)
            return err_prepend(err, "'%s'", path);
        *at = '/';
    }
    return make_directory(copy, mode, err);
}

static int write_synced(const char *path, const void *data, size_t length, mode_t mode, struct err *err)
{
    AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return err_errno(err, "could not create '%s'", path);
    if (fs_write_all(fd, data, length, err) < 0)
        return err_prepend(err, "'%s'", path);
    if (fsync(fd) < 0)
        return err_errno(err, "could not sync '%s'", path);
    return 0;
}

static int temporary_name(const char *path, char *out, size_t size, struct err *err)
{
    char unique[13];
    if (random_name(unique, sizeof unique - 1, err) < 0)
        return -1;
    int length = snprintf(out, size, "%s.%s.tmp", path, unique);
    if (length < 0 || (size_t)length >= size)
        return err_set(err, ERR_CONFIG, "the path '%.64s…' is too long", path);
    return 0;
}

int fs_replace_file(const char *path, const void *data, size_t length, mode_t mode, struct err *err)
{
    char temporary[PATH_MAX];
    if (temporary_name(path, temporary, sizeof temporary, err) < 0)
        return -1;
    if (write_synced(temporary, data, length, mode, err) < 0) {
        unlink(temporary);
        return -1;
    }
    if (rename(temporary, path) < 0) {
        err_errno(err, "could not replace '%s'", path);
        unlink(temporary);
        return -1;
    }
    return sync_parent(path, err);
}

int fs_create_file(const char *path, const void *data, size_t length, mode_t mode, struct err *err)
{
    char temporary[PATH_MAX];
    if (temporary_name(path, temporary, sizeof temporary, err) < 0)
        return -1;
    int result = write_synced(temporary, data, length, mode, err);
    /* link() is the rename that does not replace. */
    if (result == 0 && link(temporary, path) < 0)
        result = err_errno(err, "could not create '%s'", path);
    unlink(temporary);
    return result == 0 ? sync_parent(path, err) : -1;
}

bool fs_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

bool fs_is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

char *fs_join(const char *directory, const char *name, struct err *err)
{
    AUTO_STRBUF struct strbuf path = STRBUF_INIT(PATH_MAX);
    strbuf_adds(&path, directory);
    if (path.length > 0 && path.data[path.length - 1] != '/')
        strbuf_addc(&path, '/');
    strbuf_adds(&path, name);
    return strbuf_take(&path, "a path", err);
}

char *fs_absolute(const char *path, struct err *err)
{
    char here[PATH_MAX];
    if (path[0] == '/')
        return fs_join("/", path + 1, err);
    if (!getcwd(here, sizeof here)) {
        err_errno(err, "could not tell the working directory");
        return NULL;
    }
    return fs_join(here, path, err);
}

static int not_dot(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

struct walk {
    const char *suffix;
    fs_visit visit;
    void *context;
    const char *root; /* without links in it: those that lead out of it are visited; NULL: files are */
};

static int walk_entry(const struct walk *walk, const char *path, struct err *err);

static int walk_directory(const struct walk *walk, const char *path, struct err *err)
{
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, not_dot, by_bytes);
    if (count < 0)
        return err_errno(err, "could not read the directory '%s'", path);
    int result = 0;
    for (int i = 0; i < count; i++) {
        if (result == 0) {
            AUTO_FREE char *child = fs_join(path, entries[i]->d_name, err);
            result = child ? walk_entry(walk, child, err) : -1;
        }
        free(entries[i]);
    }
    free(entries);
    return result;
}

static bool leads_out(const struct walk *walk, const char *link)
{
    size_t length = strlen(walk->root);
    bool named = text_ends_with(link, walk->suffix);
    AUTO_FREE char *target = realpath(link, NULL);
    if (!target)
        return named;
    bool within = text_starts_with(target, walk->root) &&
                  (target[length] == '/' || target[length] == '\0' || walk->root[length - 1] == '/');
    return !within && (named || fs_is_directory(target));
}

static int walk_entry(const struct walk *walk, const char *path, struct err *err)
{
    struct stat status;
    if (lstat(path, &status) < 0)
        return err_errno(err, "could not read '%s'", path);
    if (S_ISDIR(status.st_mode))
        return walk_directory(walk, path, err);
    bool wanted = walk->root ? S_ISLNK(status.st_mode) && leads_out(walk, path)
                             : S_ISREG(status.st_mode) && text_ends_with(path, walk->suffix);
    return wanted ? walk->visit(walk->context, path, err) : 0;
}

int fs_walk(const char *path, const char *suffix, fs_visit visit, void *context, struct err *err)
{
    const struct walk walk = {.suffix = suffix, .visit = visit, .context = context};
    return walk_entry(&walk, path, err);
}

int fs_walk_stray_links(const char *path, const char *suffix, fs_visit visit, void *context, struct err *err)
{
    AUTO_FREE char *root = realpath(path, NULL);
    if (!root)
        return err_errno(err, "could not read '%s'", path);
    const struct walk walk = {.suffix = suffix, .visit = visit, .context = context, .root = root};
    return walk_entry(&walk, path, err);
}

char *fs_xdg_directory(const char *xdg_variable, const char *home_fallback, struct err *err)
{
    const char *base = getenv(xdg_variable);
    if (base && base[0] == '/') /* the specification: a relative path is to be ignored */
        return fs_join(base, "aws-benchmark-collector", err);
    const char *home = getenv("HOME");
    if (!home || !*home) {
        err_set(err, ERR_CONFIG, "neither %s nor HOME is set: say where files may be kept", xdg_variable);
        return NULL;
    }
    AUTO_FREE char *fallback = fs_join(home, home_fallback, err);
    return fallback ? fs_join(fallback, "aws-benchmark-collector", err) : NULL;
}
