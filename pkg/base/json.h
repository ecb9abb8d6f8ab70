/*
 * JSON: the one door to cJSON's parser and printer. Trees may be built and read with cJSON's own functions
 * (cJSON_AddItemToObject, cJSON_GetObjectItemCaseSensitive, …); text goes in and out here alone, because
 * cJSON_Parse writes a global, has no size cap, and takes 64-bit integers for doubles.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/error.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_MAX_DEPTH 64

/* `AUTO_JSON cJSON *document = NULL;` */
#define AUTO_JSON CLEANUP(json_auto)
void json_auto(cJSON **tree);

/* Parses one document of at most max_bytes that fills the text (white space may trail), nested at most
 * JSON_MAX_DEPTH deep, in valid UTF-8, without NUL characters, with no key twice in one object. The caller
 * cJSON_Delete()s it. NULL: ERR_DATA. */
cJSON *json_parse(const char *text, size_t length, size_t max_bytes, struct err *err);

/* Prints a tree; the same tree gives the same bytes. Pretty text is indented by two spaces and ends in a
 * newline, plain text is one line without it. The caller free()s it. NULL: out of memory or a number that is
 * not finite. */
char *json_print(const cJSON *tree, bool pretty, struct err *err);

/* The item at a dotted path below object ("metadata.region"), or NULL. */
const cJSON *json_at(const cJSON *object, const char *path);

/* What stands at the path. The plain ones fail with ERR_DATA, naming the path, when it is absent or of
 * another type. A string belongs to the tree. */
int json_get_string(const cJSON *object, const char *path, const char **value, struct err *err);
int json_get_double(const cJSON *object, const char *path, double *value, struct err *err);
/* Refuses a number that is not whole or too large to be exact (2^53). */
int json_get_i64(const cJSON *object, const char *path, int64_t *value, struct err *err);
/* The string, or the number, at the path, or fallback when there is none. */
const char *json_string_or(const cJSON *object, const char *path, const char *fallback);
double json_number_or(const cJSON *object, const char *path, double fallback);

/* Adding to an object. A NULL string or tree becomes null; in a string that is not UTF-8 (a message that was
 * cut, what a machine said) '?' stands for what is wrong. Sticky-free: they return -1 with ERR_INTERNAL when
 * memory runs out; json_add_double refuses what is not finite with ERR_DATA. json_add takes ownership of
 * item, also on failure. */
int json_add(cJSON *object, const char *name, cJSON *item, struct err *err);
int json_add_string(cJSON *object, const char *name, const char *value, struct err *err);
int json_add_double(cJSON *object, const char *name, double value, struct err *err);
/* A number that may be unknown: NAN becomes null. */
int json_add_known(cJSON *object, const char *name, double value, struct err *err);
int json_add_i64(cJSON *object, const char *name, int64_t value, struct err *err);
int json_add_bool(cJSON *object, const char *name, bool value, struct err *err);
int json_add_null(cJSON *object, const char *name, struct err *err);
/* The object that holds the last step of a dotted path below object, made when absent; *last is that step,
 * within path. NULL: out of memory, a step of more than 127 bytes, or something else stands on the way. */
cJSON *json_parent(cJSON *object, const char *path, const char **last, struct err *err);
/* The object of that name below object, made when absent. NULL: out of memory, or something else stands
 * there. */
cJSON *json_child(cJSON *object, const char *name, struct err *err);

#endif
