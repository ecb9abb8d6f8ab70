/* A bucket, or what lies below a prefix of it, as a store. */
#ifndef STORAGE_STORE_S3_H
#define STORAGE_STORE_S3_H

#include "base/error.h"
#include "storage/store.h"

#include <stdbool.h>

struct aws_client;

struct s3_location {
    char bucket[64];
    char prefix[513]; /* empty, or ends in '/' */
};

/* Whether the text is meant as a place in S3 ("s3://…"). */
bool is_s3_url(const char *text);

/* "s3://bucket/prefix". ERR_USAGE with what is wrong with it. */
int s3_location_parse(const char *url, struct s3_location *location, struct err *err);

/* The client is borrowed, must outlive the store and, like every client, belongs to one thread: so does this
 * store. */
int store_open_s3(struct store *store, struct aws_client *client, const struct s3_location *location,
                  struct err *err);

#endif
