#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <string.h>
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

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct strbuf *out, const void *data, size_t length)
{
    const char *digits = base64_digits;
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

/* The value of a digit, 0 for padding, -1 for anything else. */
static int base64_value(char c)
{
    const char *at = memchr(base64_digits, c, sizeof base64_digits - 1);
    if (at)
        return (int)(at - base64_digits);
    return c == '=' ? 0 : -1;
}

/* What four digits stand for, the last `padding` of which are '='. No bit may be left over: each text is that
 * of one sequence of bytes, and the other way round. */
static bool base64_add_group(struct strbuf *out, uint32_t bits, unsigned padding)
{
    const unsigned char bytes[] = {(unsigned char)(bits >> 16), (unsigned char)(bits >> 8),
                                   (unsigned char)bits};
    if (padding > 2 || (bits & ((1U << (8 * padding)) - 1)) != 0)
        return false;
    strbuf_add(out, bytes, sizeof bytes - padding);
    return true;
}

int base64_decode(struct strbuf *out, const char *text, size_t length, struct err *err)
{
    uint32_t bits = 0;
    unsigned padding = 0;
    size_t digits = 0;
    bool sound = true;
    for (size_t i = 0; i < length && sound; i++) {
        int value = base64_value(text[i]);
        if (text[i] == '\n')
            continue;
        padding += text[i] == '=';
        bits = bits << 6 | ((uint32_t)value & 63);
        sound = value >= 0 && (padding == 0 || text[i] == '=');
        if (++digits % 4 == 0)
            sound = sound && base64_add_group(out, bits & 0xFFFFFF, padding);
    }
    if (!sound || digits % 4 != 0)
        return err_set(err, ERR_DATA, "it is not Base64");
    return strbuf_ok(out, "what is in Base64", err);
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
