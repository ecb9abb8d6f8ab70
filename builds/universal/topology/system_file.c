#include "topology/system_file.h"

#include "base/parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t read_fully(int fd, char *text, size_t size)
{
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(fd, text + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    return used;
}

bool system_file_read(const char *root, const char *path, char *text, size_t size)
{
    char full[PATH_MAX];
    int length = snprintf(full, sizeof full, "%s%s", root, path);
    if (length < 0 || (size_t)length >= sizeof full)
        return false;
    AUTO_CLOSE int fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    size_t used = read_fully(fd, text, size - 1);
    while (used > 0 && (text[used - 1] == '\n' || is_blank(text[used - 1])))
        used--;
    text[used] = '\0';
    return used > 0;
}

struct optional_u64 system_file_number(const char *root, const char *path)
{
    char text[32];
    struct optional_u64 number = {0};
    if (system_file_read(root, path, text, sizeof text))
        number.known = parse_u64(text, 0, UINT64_MAX, &number.value, NULL) == 0;
    return number;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

size_t system_folder_names(const char *root, const char *path, char (*names)[FILE_NAME_SIZE], size_t max)
{
    char full[PATH_MAX];
    int length = snprintf(full, sizeof full, "%s%s", root, path);
    DIR *folder = length > 0 && (size_t)length < sizeof full ? opendir(full) : NULL;
    if (!folder)
        return 0;
    size_t count = 0;
    for (const struct dirent *entry = readdir(folder); entry && count < max; entry = readdir(folder)) {
        size_t size = strlen(entry->d_name) + 1;
        if (entry->d_name[0] != '.' && size <= FILE_NAME_SIZE)
            memcpy(names[count++], entry->d_name, size);
    }
    closedir(folder);
    qsort(names, count, FILE_NAME_SIZE, by_name);
    return count;
}

/* The value behind the key when this line has it, else NULL. */
static const char *value_of(const char *line, const char *key)
{
    size_t length = strlen(key);
    if (strncmp(line, key, length) != 0)
        return NULL;
    const char *at = line + length;
    bool separated = false;
    for (; is_blank(*at) || *at == ':'; at++)
        separated = true;
    return separated ? at : NULL;
}

bool system_text_field(const char *text, const char *key, char *value, size_t size)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *found = value_of(line, key);
        if (!found)
            continue;
        size_t length = strcspn(found, "\n");
        while (length > 0 && is_blank(found[length - 1]))
            length--;
        snprintf(value, size, "%.*s", (int)(length < size ? length : size), found);
        return length > 0;
    }
    return false;
}

struct optional_u64 system_text_number(const char *text, const char *key)
{
    char value[64];
    struct optional_u64 number = {0};
    if (!system_text_field(text, key, value, sizeof value))
        return number;
    value[strspn(value, "0123456789")] = '\0';
    number.known = parse_u64(value, 0, UINT64_MAX, &number.value, NULL) == 0;
    return number;
}
