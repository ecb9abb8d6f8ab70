#include "topology/cpu_list.h"

#include "base/parse.h"
#include "topology/system_file.h"

#include <string.h>

/* "N" or "N-M" */
static bool read_range(struct cursor *cursor, uint32_t *first, uint32_t *last)
{
    if (!cursor_number(cursor, first))
        return false;
    *last = *first;
    return !cursor_skip(cursor, '-') || cursor_number(cursor, last);
}

static bool append_range(struct cpu_list *list, uint32_t first, uint32_t last)
{
    bool ascends = list->count == 0 || first > list->cpus[list->count - 1];
    if (!ascends || last < first || last >= CPUS_MAX)
        return false;
    for (uint32_t cpu = first; cpu <= last; cpu++)
        list->cpus[list->count++] = (uint16_t)cpu;
    return true;
}

int cpu_list_parse(const char *text, struct cpu_list *list, struct err *err)
{
    list->count = 0;
    struct cursor cursor = cursor_over(text);
    while (!cursor_done(&cursor)) {
        uint32_t first, last;
        bool good = read_range(&cursor, &first, &last) && append_range(list, first, last);
        bool more = good && cursor_skip(&cursor, ',');
        if (!good || more == cursor_done(&cursor))
            return err_set(err, ERR_DATA, "'%.64s' is not a list of CPUs", text);
    }
    return 0;
}

bool cpu_list_read(const char *root, const char *path, struct cpu_list *list)
{
    char text[16384];
    return system_file_read(root, path, text, sizeof text) && cpu_list_parse(text, list, NULL) == 0;
}

bool cpu_list_contains(const struct cpu_list *list, size_t cpu)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->cpus[i] == cpu)
            return true;
    return false;
}

void cpu_list_intersect(struct cpu_list *list, const struct cpu_list *other)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (cpu_list_contains(other, list->cpus[i]))
            list->cpus[kept++] = list->cpus[i];
    list->count = kept;
}

/* The index of the last CPU of the unbroken range that starts at index `first`. */
static size_t range_end(const struct cpu_list *list, size_t first)
{
    size_t last = first;
    while (last + 1 < list->count && list->cpus[last + 1] == list->cpus[last] + 1)
        last++;
    return last;
}

bool cpu_list_format(const struct cpu_list *list, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t first = 0; first < list->count;) {
        size_t last = range_end(list, first);
        const char *comma = first ? "," : "";
        int length = last == first ? snprintf(text + used, size - used, "%s%d", comma, list->cpus[first])
                                   : snprintf(text + used, size - used, "%s%d-%d", comma, list->cpus[first],
                                              list->cpus[last]);
        if (length < 0 || (size_t)length >= size - used)
            return false;
        used += (size_t)length;
        first = last + 1;
    }
    return true;
}
