/* The tar that holds the benchmark image for all platforms (OCI layout with docker's manifest.json beside
 * it). */
#ifndef ORCHESTRATOR_IMAGE_ARCHIVE_H
#define ORCHESTRATOR_IMAGE_ARCHIVE_H

#include "base/error.h"
#include "base/json.h"

#include <stddef.h>

#define IMAGE_DIGEST_SIZE 72 /* "sha256:" and 64 digits */
#define IMAGE_PLATFORMS_MAX 8

struct image_platform {
    char architecture[16]; /* EC2's word: "x86_64", "arm64" */
    char tag[160];         /* under which an engine knows it once it is loaded */
    char config_digest[IMAGE_DIGEST_SIZE];
    char manifest_digest[IMAGE_DIGEST_SIZE]; /* empty when the archive has no OCI index */
};

struct image_archive {
    char *data;
    size_t length;
    char index_digest[IMAGE_DIGEST_SIZE]; /* of the OCI index: what names the image, whatever the platform */
    char suites[256]; /* those that the image says it has, joined by commas (a label); empty: it does not say
                       */
    struct image_platform platforms[IMAGE_PLATFORMS_MAX];
    size_t platform_count;
};

/* Reads and checks the archive (at most 256 MiB; every blob it looks at has the digest that it is named by).
 * ERR_CONFIG, ERR_DATA. */
int image_archive_open(struct image_archive *archive, const char *path, struct err *err);
/* The same from memory, which the archive takes over also on failure. */
int image_archive_parse(struct image_archive *archive, char *data, size_t length, struct err *err);
void image_archive_close(struct image_archive *archive);

/* NULL when it has no image of that architecture. */
const struct image_platform *image_archive_platform(const struct image_archive *archive,
                                                    const char *architecture);

/* A blob by its digest ("sha256:…"), which is checked; it stands in the archive. ERR_DATA, ERR_NOT_FOUND. */
int image_archive_blob(const struct image_archive *archive, const char *digest, const char **data,
                       size_t *length, struct err *err);
/* One of at most 1 MiB that is JSON, as a tree that the caller cJSON_Delete()s. */
cJSON *image_archive_json(const struct image_archive *archive, const char *digest, struct err *err);

#endif
