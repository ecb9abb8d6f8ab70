/* Image archives for fuzz targets, whose blobs have the digests that they are called by. */
#ifndef FUZZ_TAR_H
#define FUZZ_TAR_H

#include "fuzz.h"

#include "base/digest.h"
#include "base/strbuf.h"

static inline void add_file(struct strbuf *tar, const char *name, const void *content, size_t length)
{
    char header[512] = {0};
    const char padding[512] = {0};
    snprintf(header, 100, "%s", name);
    snprintf(header + 124, 12, "%011zo", length);
    header[156] = '0';
    strbuf_add(tar, header, sizeof header);
    strbuf_add(tar, content, length);
    strbuf_add(tar, padding, (sizeof padding - length % sizeof padding) % sizeof padding);
}

/* A blob under the digest that it has, which it gives back. */
static inline void add_blob(struct strbuf *tar, const void *content, size_t length,
                            char digest[SHA256_HEX_SIZE])
{
    char name[96];
    struct err err = {0};
    require_success(sha256_hex(content, length, digest, &err), &err);
    snprintf(name, sizeof name, "blobs/sha256/%s", digest);
    add_file(tar, name, content, length);
}

#endif
