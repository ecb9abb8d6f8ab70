/* What a suite found out, in the shape that docs/container-protocol.md gives it. */
#ifndef REPORT_DOCUMENT_H
#define REPORT_DOCUMENT_H

#include "base/strbuf.h"
#include "measure/disturbance_counts.h"
#include "topology/machine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCUMENT_BYTES_MAX ((size_t)1 << 20)

/* As many metrics as the collector takes; so many samples of all of them are 300 kB of text. */
#define DOCUMENT_SAMPLES_MAX 16384
#define METRICS_MAX 1024
#define METRIC_SAMPLES_MAX 256
#define PARAMETERS_MAX 64
#define CHECKS_MAX 16
#define FLAGS_MAX 16
#define NAMES_BYTES ((size_t)64 << 10)

/* Which way of a metric is the good one. */
enum direction { HIGHER_IS_BETTER, LOWER_IS_BETTER };

struct metric {
    const char *name;
    const char *unit;
    enum direction direction;
    bool absent; /* the hardware lacks the thing */
    size_t count;
    double samples[METRIC_SAMPLES_MAX];
};

enum parameter_kind { PARAMETER_WHOLE, PARAMETER_NUMBER, PARAMETER_TEXT, PARAMETER_BOOL, PARAMETER_UNKNOWN };

struct parameter {
    const char *name;
    enum parameter_kind kind;
    uint64_t whole;
    double number;
    const char *text;
};

struct check {
    const char *name;
    bool passed;
    char detail[160];
};

struct document {
    const char *suite;
    const char *suite_version;
    char started[21]; /* "2026-11-20T15:30:45Z" */
    double duration_seconds;
    size_t parameters_count, checks_count, metrics_count, flags_count;
    struct parameter parameters[PARAMETERS_MAX];
    struct check checks[CHECKS_MAX];
    struct metric metrics[METRICS_MAX];
    const char *flags[FLAGS_MAX];
    struct disturbance_counts disturbances; /* while the suite ran */
    char names[NAMES_BYTES];                /* of document_name */
    size_t names_used;
};

/* Names, units and texts are borrowed until the document is written; samples are copied. With samples NULL
 * the hardware lacks the thing. */
void document_add_metric(struct document *document, const char *name, const char *unit,
                         enum direction direction, const double *samples, size_t count);
/* A name that is made up on the way, and kept as long as the document. */
const char *document_name(struct document *document, const char *format, ...) PRINTF_LIKE(2, 3);
void document_add_whole(struct document *document, const char *name, uint64_t value);
void document_add_optional(struct document *document, const char *name, struct optional_u64 value);
void document_add_number(struct document *document, const char *name, double value);
void document_add_text(struct document *document, const char *name, const char *value);
void document_add_bool(struct document *document, const char *name, bool value);
void document_add_check(struct document *document, const char *name, bool passed, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* A flag that is there already is not added again. */
void document_add_flag(struct document *document, const char *flag);

/* Every check passed, and there was one. */
bool document_passed(const struct document *document);

/* Appends the JSON text and a line end. -1 with ERR_DATA when a sample is not finite or the text is too long.
 */
int document_write(const struct document *document, const struct machine *machine, struct strbuf *out,
                   struct err *err);

#endif
