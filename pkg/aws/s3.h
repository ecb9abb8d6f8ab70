/*
 * S3: small objects, put in one piece with their checksum, never overwritten unless asked for. With an
 * endpoint of AWS and a bucket name without dots the bucket is part of the host name, else of the path. Keys
 * are plain UTF-8, encoded here.
 */
#ifndef AWS_S3_H
#define AWS_S3_H

#include "aws/aws.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0, or -1 with ERR_USAGE and the rule that a bucket's name breaks (3 to 63 of a-z, 0-9, '-', '.'). */
int s3_check_bucket_name(const char *bucket, struct err *err);

/* Whether the bucket is there and ours to use. ERR_NOT_FOUND; ERR_AUTH without permission; ERR_CONFIG, naming
 * the right one, when it is in another region. */
int s3_head_bucket(struct aws_client *client, const char *bucket, struct err *err);

struct s3_put {
    const char *bucket;
    const char *key;
    const char *content_type;
    const void *data;
    size_t length;
    bool only_if_absent; /* If-None-Match: * */
};

/* ERR_EXISTS with only_if_absent when an object of that key is there. It may be our own, put by an attempt
 * whose answer was lost: compare s3_head_object's checksum before judging. */
int s3_put_object(struct aws_client *client, const struct s3_put *put, struct err *err);

/* Whether an object of that key may be put, without leaving one behind: a put whose checksum is wrong on
 * purpose, which S3 refuses after it has looked at the permission. ERR_AUTH without the permission. */
int s3_check_put(struct aws_client *client, const char *bucket, const char *key, struct err *err);

#define S3_CHECKSUM_SIZE 45 /* base64 of a SHA-256, and the NUL */

struct s3_object_info {
    int64_t size;
    char etag[96];
    char checksum_sha256[S3_CHECKSUM_SIZE]; /* empty when S3 does not know it */
};

/* What x-amz-checksum-sha256 must be for these bytes. */
int s3_checksum(const void *data, size_t length, char checksum[S3_CHECKSUM_SIZE], struct err *err);

/* ERR_NOT_FOUND when there is no such object (or no permission to list, which S3 answers alike). */
int s3_head_object(struct aws_client *client, const char *bucket, const char *key,
                   struct s3_object_info *info, struct err *err);

/* The object's bytes with a NUL behind them, free()d by the caller. ERR_DATA when there are more than
 * max_bytes, or when they don't match the checksum that S3 has of them. */
char *s3_get_object(struct aws_client *client, const char *bucket, const char *key, size_t max_bytes,
                    size_t *length, struct err *err);

/* Calls visit for every key that starts with prefix, in S3's byte order; stops with -1 when visit returns -1.
 */
typedef int (*s3_visit)(void *context, const char *key, int64_t size, struct err *err);
int s3_list_objects(struct aws_client *client, const char *bucket, const char *prefix, s3_visit visit,
                    void *context, struct err *err);

/* An upload in parts that was begun and neither finished nor aborted. Its texts are the visitor's until it
 * returns. */
struct s3_upload {
    const char *key;
    const char *upload_id;
    int64_t initiated; /* seconds since the epoch; 0 where it is not told */
};
typedef int (*s3_visit_upload)(void *context, const struct s3_upload *upload, struct err *err);
/* Those whose key starts with prefix; stops with -1 when visit returns -1. */
int s3_list_multipart_uploads(struct aws_client *client, const char *bucket, const char *prefix,
                              s3_visit_upload visit, void *context, struct err *err);

/* Throws the parts away. ERR_NOT_FOUND when there is no such upload (any more). */
int s3_abort_multipart_upload(struct aws_client *client, const char *bucket, const char *key,
                              const char *upload_id, struct err *err);

#endif
