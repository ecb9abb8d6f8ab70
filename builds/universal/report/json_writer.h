/*
 * JSON written from front to back into capped text. Failure is sticky and named: a number that JSON can't
 * hold (not finite) is refused, never written as something else. Text that is not UTF-8 has the offending
 * bytes replaced by U+FFFD.
 */
#ifndef REPORT_JSON_WRITER_H
#define REPORT_JSON_WRITER_H

#include "base/strbuf.h"
#include "topology/optional.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer {
    struct strbuf *out;
    unsigned depth;
    bool separator_due;
    bool bad_number;
};

struct json_writer json_writer_to(struct strbuf *out);

/* In an object each value has a key; in an array, and for the outermost value, the key is NULL. */
void json_begin_object(struct json_writer *json, const char *key);
void json_end_object(struct json_writer *json);
void json_begin_array(struct json_writer *json, const char *key);
void json_end_array(struct json_writer *json);
void json_text(struct json_writer *json, const char *key, const char *text);
void json_whole(struct json_writer *json, const char *key, uint64_t number);
/* null where it is unknown */
void json_optional(struct json_writer *json, const char *key, struct optional_u64 number);
/* Nine significant digits: more than any measurement deserves. */
void json_number(struct json_writer *json, const char *key, double number);
void json_bool(struct json_writer *json, const char *key, bool value);
void json_null(struct json_writer *json, const char *key);

/* 0 when the document is complete, else -1 with ERR_DATA: a number was not finite, or the text grew too long.
 */
int json_finish(const struct json_writer *json, struct err *err);

#endif
