#include "measure/placement.h"

#include "base/parse.h"
#include "topology/system_file.h"

#include <string.h>

#define TEXT_SIZE ((size_t)64 << 10)

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end ? end + 1 : NULL;
}

/* The line of the mapping: it starts with the address in hexadecimal digits and a space. */
static const char *line_of(const char *numa_maps, uintptr_t address)
{
    char key[32];
    int length = snprintf(key, sizeof key, "%lx ", (unsigned long)address);
    for (const char *line = numa_maps; line; line = next_line(line)) {
        line += strspn(line, "0");
        if (strncmp(line, key, (size_t)length) == 0)
            return line;
    }
    return NULL;
}

bool placement_parse(const char *numa_maps, uintptr_t address, unsigned node, double *share)
{
    const char *line = line_of(numa_maps, address);
    double all = 0, wanted = 0;
    if (!line)
        return false;
    struct cursor cursor = {line, line + strcspn(line, "\n")};
    while (!cursor_done(&cursor)) {
        uint32_t number, pages;
        bool word_starts = cursor_skip(&cursor, ' ');
        if (word_starts && cursor_skip(&cursor, 'N') && cursor_number(&cursor, &number) &&
            cursor_skip(&cursor, '=') && cursor_number(&cursor, &pages)) {
            all += pages;
            wanted += number == node ? pages : 0;
        } else if (!word_starts) {
            cursor.at++;
        }
    }
    *share = all > 0 ? wanted / all : 0;
    return all > 0;
}

bool placement_read(const char *root, const void *address, unsigned node, double *share)
{
    AUTO_FREE char *text = malloc(TEXT_SIZE);
    return text && system_file_read(root, "/proc/self/numa_maps", text, TEXT_SIZE) &&
           placement_parse(text, (uintptr_t)address, node, share);
}
