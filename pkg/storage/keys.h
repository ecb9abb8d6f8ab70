/*
 * Where a result lives, the same below a directory and below s3://bucket/prefix/:
 *
 *   results/v1.0/region=R/instance_type=T/suite=S/date=YYYY-MM-DD/RUN-ITERATION-SHA12.json
 *
 * Athena, DuckDB and Spark read the middle as partitions. The last part holds the beginning of the document's
 * digest, so that two results never share a key.
 */
#ifndef STORAGE_KEYS_H
#define STORAGE_KEYS_H

#include "base/clock.h"
#include "base/error.h"
#include "base/json.h"

#include <stddef.h>

#define RESULT_KEY_ROOT "results/v1.0/"
#define RESULT_KEY_SIZE 512
#define SHA12_SIZE 13

struct result_key {
    char region[32];
    char instance_type[48];
    char suite[64];
    char date[DATE_SIZE];
    char run_id[64];
    unsigned iteration;
    char sha12[SHA12_SIZE];
};

/* ERR_DATA where a part holds anything but letters, digits, '.', '_' and '-', or is empty. */
int result_key_format(const struct result_key *key, char out[RESULT_KEY_SIZE], struct err *err);

/* Reads a key, also at the end of a longer path ("/data/results/v1.0/region=…"). ERR_DATA where it is none.
 */
int result_key_parse(const char *path, struct result_key *key, struct err *err);

/* The key that a result document must have by its own words (metadata, integrity.sha256). */
int result_key_of_document(const cJSON *document, struct result_key *key, struct err *err);

#endif
