#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

int sha256(const void *data, size_t length, unsigned char digest[SHA256_BYTES], struct err *err)
{
    unsigned int size = 0;
    if (!EVP_Digest(data, length, digest, &size, EVP_sha256(), NULL) || size != SHA256_BYTES)
        return err_set(err, ERR_INTERNAL, "OpenSSL could not compute a SHA-256");
    return 0;
}

int sha256_hex(const void *data, size_t length, char hex[SHA256_HEX_SIZE], struct err *err)
{
    unsigned char digest[SHA256_BYTES];
    if (sha256(data, length, digest, err) < 0)
        return -1;
    hex_encode(digest, sizeof digest, hex);
    return 0;
}

int hmac_sha256(const void *key, size_t key_length, const void *data, size_t length,
                unsigned char digest[SHA256_BYTES], struct err *err)
{
    unsigned int size = 0;
    if (!HMAC(EVP_sha256(), key, (int)key_length, data, length, digest, &size) || size != SHA256_BYTES)
        return err_set(err, ERR_INTERNAL, "OpenSSL could not compute an HMAC");
    return 0;
}

void hex_encode(const void *data, size_t length, char *hex)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * length] = '\0';
}

void base64_encode(struct strbuf *out, const void *data, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = data;
    for (size_t i = 0; i < length; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16;
        group |= i + 1 < length ? (uint32_t)bytes[i + 1] << 8 : 0;
        group |= i + 2 < length ? bytes[i + 2] : 0;
        strbuf_addc(out, digits[group >> 18]);
        strbuf_addc(out, digits[group >> 12 & 63]);
        strbuf_addc(out, i + 1 < length ? digits[group >> 6 & 63] : '=');
        strbuf_addc(out, i + 2 < length ? digits[group & 63] : '=');
    }
}

int random_bytes(void *buffer, size_t length, struct err *err)
{
    unsigned char *at = buffer;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got <= 0)
            return err_errno(err, "the kernel gives no random bytes");
        at += got;
        length -= (size_t)got;
    }
    return 0;
}

double random_fraction(void)
{
    uint64_t bits = 0;
    if (random_bytes(&bits, sizeof bits, NULL) < 0)
        return 0.5;
    return (double)(bits >> 11) * 0x1.0p-53;
}

int random_name(char *out, size_t count, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345"; /* 32: no bias from a byte */
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = 0;
        if (random_bytes(&byte, 1, err) < 0)
            return -1;
        out[i] = letters[byte & 31];
    }
    out[count] = '\0';
    return 0;
}
