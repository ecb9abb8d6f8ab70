/* Where pages really went, from /proc/self/numa_maps: the calls that could tell are forbidden in a container.
 */
#ifndef MEASURE_PLACEMENT_H
#define MEASURE_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

/* In the text of numa_maps, the share of the pages of the mapping that starts at `address` which lie on a
 * node. False: the text has no such mapping, or no page of it. */
bool placement_parse(const char *numa_maps, uintptr_t address, unsigned node, double *share);

/* The same for this process. False also where the file is hidden. */
bool placement_read(const char *root, const void *address, unsigned node, double *share);

#endif
