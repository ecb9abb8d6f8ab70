#include "orchestrator/tar.h"

#include <stdbool.h>
#include <string.h>

#define BLOCK 512
#define NAME_SIZE 100

/* The size field of a header: octal digits, ended by a space or NUL. */
static int read_size(const char *header, size_t *size)
{
    *size = 0;
    for (size_t i = 124; i < 136 && header[i] && header[i] != ' '; i++) {
        if (header[i] < '0' || header[i] > '7')
            return -1;
        *size = *size * 8 + (size_t)(header[i] - '0');
    }
    return 0;
}

static bool is_file_of_name(const char *header, const char *name)
{
    bool regular = header[156] == '0' || header[156] == '\0';
    size_t skipped = strncmp(header, "./", 2) == 0 ? 2 : 0;
    return regular && strncmp(header + skipped, name, NAME_SIZE - skipped) == 0;
}

int tar_find(const char *data, size_t length, const char *name, const char *what, struct tar_member *member,
             struct err *err)
{
    size_t at = 0;
    while (length - at >= BLOCK && data[at]) {
        const char *header = data + at;
        size_t size = 0;
        if (read_size(header, &size) < 0 || size > length - at - BLOCK)
            return err_set(err, ERR_DATA, "%s is not a tar, or is cut short", what);
        if (is_file_of_name(header, name)) {
            *member = (struct tar_member){header + BLOCK, size};
            return 0;
        }
        size_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
        if (padded > length - at - BLOCK)
            break;
        at += BLOCK + padded;
    }
    return err_set(err, ERR_NOT_FOUND, "%s has no '%s'", what, name);
}
