/* What a text of a journal must look like before it is believed to be an id, a region, a path. For the
 * readers of journals. */
#ifndef ORCHESTRATOR_JOURNAL_SHAPES_H
#define ORCHESTRATOR_JOURNAL_SHAPES_H

#include "base/error.h"
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>

bool shape_is_instance_id(const char *text);
bool shape_is_group_id(const char *text);
bool shape_is_token(const char *text);
bool shape_is_region(const char *text);
bool shape_is_account(const char *text);
bool shape_is_instance_type(const char *text);
bool shape_is_sha256(const char *text);
bool shape_is_word(const char *text);
bool shape_is_endpoint(const char *text);
bool shape_is_bucket(const char *text);
bool shape_is_absolute_path(const char *text);

/* Copies the record's text of that name when it has the shape. ERR_DATA. */
int shape_take(const cJSON *record, const char *name, bool (*has_shape)(const char *text), char *out,
               size_t size, struct err *err);

#define TAKE_TEXT(record, name, has_shape, out, err)                                                         \
    shape_take(record, name, has_shape, out, sizeof(out), err)

#endif
