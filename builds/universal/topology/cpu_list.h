/* Lists of CPU or node numbers as Linux writes them: "0-3,8,10-11". */
#ifndef TOPOLOGY_CPU_LIST_H
#define TOPOLOGY_CPU_LIST_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPUS_MAX 4096

/* Ascending, without repeats. */
struct cpu_list {
    size_t count;
    uint16_t cpus[CPUS_MAX];
};

/* The whole text must be a list; an empty text is an empty list. -1 with ERR_DATA on anything else: a number
 * of CPUS_MAX or above, a range that runs backwards, numbers that do not ascend. */
int cpu_list_parse(const char *text, struct cpu_list *list, struct err *err);

/* Reads a file that holds a list; false where it can't be read or is not one. */
bool cpu_list_read(const char *root, const char *path, struct cpu_list *list);

bool cpu_list_contains(const struct cpu_list *list, size_t cpu);

/* Keeps those that are in `other` too. */
void cpu_list_intersect(struct cpu_list *list, const struct cpu_list *other);

/* Writes the list as Linux does. False when it does not fit. */
bool cpu_list_format(const struct cpu_list *list, char *text, size_t size);

#endif
