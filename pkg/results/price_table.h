/*
 * prices.json: what instance types cost in one region (data/schemas/v1.0/prices.schema.json). Who has asked
 * for prices builds it; who makes the processed files reads it, so that these need no network, and the same
 * input gives the same bytes.
 */
#ifndef RESULTS_PRICE_TABLE_H
#define RESULTS_PRICE_TABLE_H

#include "base/error.h"
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>

#define PRICE_TABLE_MAX_BYTES (16UL * 1024 * 1024) /* a type takes about 350 */

enum price_source { SOURCE_PRICE_LIST, SOURCE_SPOT_HISTORY, SOURCE_SPOT_ADVISOR, PRICE_SOURCES };

/* Where a source was asked, and when; endpoint NULL: it did not answer. */
struct price_origin {
    const char *endpoint;
    double time; /* seconds since the epoch */
};

struct price_table_facts {
    bool sandbox; /* anybody but AWS was asked */
    const char *region;
    struct price_origin origins[PRICE_SOURCES]; /* the advisor alone may be without */
};

/* A table without types, which the caller cJSON_Delete()s. NULL: out of memory. */
cJSON *price_table_new(const struct price_table_facts *facts, struct err *err);

/* USD an hour; NAN and NULL: there is none. */
struct type_prices {
    double on_demand; /* always there */
    double reserved_1yr;
    double reserved_3yr;
    double spot_current;
    double spot_average;
    double spot_reliability;
    const char *spot_zone;
    const char *list_published; /* a time stamp */
};

int price_table_add(cJSON *table, const char *instance_type, const struct type_prices *prices,
                    struct err *err);

/* A type that has no price, and why. */
int price_table_add_unavailable(cJSON *table, const char *instance_type, const char *reason, struct err *err);

/* From the text of a file. NULL: ERR_DATA where it does not meet the schema. */
cJSON *price_table_read(const char *text, size_t length, struct err *err);

/* Of a table that has been read. */
bool price_table_is_sandbox(const cJSON *table);

#endif
