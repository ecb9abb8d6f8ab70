/* Rows of data on stdout, as a person, a spreadsheet or a program reads them, from one description. */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include "command.h"

#include "base/error.h"
#include "base/json.h"

#include <stddef.h>
#include <stdio.h>

#define TABLE_EXACT (-1)

struct table_column {
    const char *key;   /* dotted path of the field in a row ("price.on_demand"); the name in CSV */
    const char *title; /* in the table; NULL: the column is left out there */
    int decimals;      /* of a number in the table; TABLE_EXACT: as it is. CSV and JSON are always exact */
};

/* rows is an array of objects, which stays the caller's.
 * OUTPUT_JSON prints it as it is, whatever the columns say. OUTPUT_CSV is RFC 4180 with a header. In the
 * table numbers stand right, null and what is absent is "-", lists are joined by commas; in CSV null is
 * empty. Control characters reach neither table nor CSV. ERR_INTERNAL: memory. */
int table_print(FILE *out, enum output_format format, const struct table_column *columns, size_t column_count,
                const cJSON *rows, struct err *err);

/* What a table may lose where it is wider than the reader's terminal. */
struct table_fit {
    unsigned columns;           /* of the terminal; 0: any width will do */
    const char *const *leaving; /* keys of the columns that may go, the first to go first; ends with NULL */
};

/* The same, fitted. CSV and JSON lose nothing. A table that has lost all that may go can still be wider. */
int table_print_fitted(FILE *out, enum output_format format, const struct table_column *columns,
                       size_t column_count, const cJSON *rows, const struct table_fit *fit, struct err *err);

#endif
