/*
 * Small files of /proc and /sys. They may be missing, masked by a container engine, or faked: every reader
 * gets "not readable" as an ordinary answer. `root` is put before each path: "" on a real machine, the folder
 * of a pretend one in tests.
 */
#ifndef TOPOLOGY_SYSTEM_FILE_H
#define TOPOLOGY_SYSTEM_FILE_H

#include "topology/optional.h"

#include "base/attributes.h"

#include <stdbool.h>
#include <stddef.h>

/* The first size - 1 bytes of the file, without the line end behind them. False: not readable. */
bool system_file_read(const char *root, const char *path, char *text, size_t size);

/* The whole of a file that is one decimal number. */
struct optional_u64 system_file_number(const char *root, const char *path);

#define FILE_NAME_SIZE 64

/* The names in a folder, without those that start with a dot or don't fit, in the order of their bytes; `max`
 * at most. 0: not readable, or empty. */
size_t system_folder_names(const char *root, const char *path, char (*names)[FILE_NAME_SIZE], size_t max);

/* In text made of "KEY: value" or "KEY value" lines (tabs and spaces around the colon): the value of the
 * first line with this key, without the blanks around it. False: no such line. */
bool system_text_field(const char *text, const char *key, char *value, size_t size);

/* The number that such a value starts with; a unit may follow it ("123 kB" is 123). */
struct optional_u64 system_text_number(const char *text, const char *key);

#endif
