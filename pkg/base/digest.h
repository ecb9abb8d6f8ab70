/* SHA-256 and HMAC on OpenSSL, hex and base64; random bytes from the kernel. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/error.h"
#include "base/strbuf.h"

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_HEX_SIZE 65 /* 64 lower-case digits and the NUL */

/* The hash functions fail only when OpenSSL can't allocate (ERR_INTERNAL). */
int sha256(const void *data, size_t length, unsigned char digest[SHA256_BYTES], struct err *err);
int sha256_hex(const void *data, size_t length, char hex[SHA256_HEX_SIZE], struct err *err);
int hmac_sha256(const void *key, size_t key_length, const void *data, size_t length,
                unsigned char digest[SHA256_BYTES], struct err *err);

/* Lower-case hex of length bytes into 2 * length + 1 characters. */
void hex_encode(const void *data, size_t length, char *hex);

/* Base64 (RFC 4648) with padding, without line ends. */
void base64_encode(struct strbuf *out, const void *data, size_t length);
/* The bytes again; line ends within the text are passed over. ERR_DATA for anything else. */
int base64_decode(struct strbuf *out, const char *text, size_t length, struct err *err);

int random_bytes(void *buffer, size_t length, struct err *err);
/* Evenly spread over [0, 1). For jitter; falls back to a fixed 0.5 if the kernel gives nothing. */
double random_fraction(void);
/* count lower-case letters and digits, count + 1 characters in all. */
int random_name(char *out, size_t count, struct err *err);

#endif
