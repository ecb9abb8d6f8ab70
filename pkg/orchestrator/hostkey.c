#include "orchestrator/hostkey.h"

#include "base/digest.h"
#include "base/strbuf.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#define ED25519_BYTES 32

static void add_u32(struct strbuf *out, size_t value)
{
    const unsigned char bytes[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
                                    (unsigned char)(value >> 8), (unsigned char)value};
    strbuf_add(out, bytes, sizeof bytes);
}

/* RFC 4251 "string": length, then the bytes. */
static void add_string(struct strbuf *out, const void *data, size_t length)
{
    add_u32(out, length);
    strbuf_add(out, data, length);
}

static void add_text(struct strbuf *out, const char *text)
{
    add_string(out, text, strlen(text));
}

static void add_public_blob(struct strbuf *out, const unsigned char public_key[ED25519_BYTES])
{
    add_text(out, "ssh-ed25519");
    add_string(out, public_key, ED25519_BYTES);
}

/* The private part of OpenSSH's PROTOCOL.key: check numbers, key, comment, padding 1, 2, 3… to a multiple
 * of 8. */
static void add_private_section(struct strbuf *out, const unsigned char seed[ED25519_BYTES],
                                const unsigned char public_key[ED25519_BYTES], uint32_t check)
{
    unsigned char secret[2 * ED25519_BYTES];
    memcpy(secret, seed, ED25519_BYTES);
    memcpy(secret + ED25519_BYTES, public_key, ED25519_BYTES);
    add_u32(out, check);
    add_u32(out, check);
    add_public_blob(out, public_key);
    add_string(out, secret, sizeof secret);
    add_text(out, "");
    for (unsigned char pad = 1; out->length % 8 != 0; pad++)
        strbuf_add(out, &pad, 1);
    OPENSSL_cleanse(secret, sizeof secret);
}

static void add_pem(struct strbuf *out, const struct strbuf *binary)
{
    AUTO_STRBUF struct strbuf text = STRBUF_SECRET(1024);
    base64_encode(&text, binary->data, binary->length);
    strbuf_adds(out, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    for (size_t at = 0; at < text.length; at += 70) {
        size_t left = text.length - at;
        strbuf_add(out, text.data + at, left < 70 ? left : 70);
        strbuf_addc(out, '\n');
    }
    strbuf_adds(out, "-----END OPENSSH PRIVATE KEY-----\n");
}

/* OpenSSH's own format (PROTOCOL.key), the one every sshd reads for Ed25519. */
static int encode_private(const unsigned char seed[ED25519_BYTES],
                          const unsigned char public_key[ED25519_BYTES], char *out, size_t size,
                          struct err *err)
{
    AUTO_STRBUF struct strbuf blob = STRBUF_INIT(256);
    AUTO_STRBUF struct strbuf section = STRBUF_SECRET(512);
    AUTO_STRBUF struct strbuf binary = STRBUF_SECRET(1024);
    AUTO_STRBUF struct strbuf pem = STRBUF_SECRET(size - 1);
    uint32_t check = 0;
    if (random_bytes(&check, sizeof check, err) < 0)
        return -1;
    add_public_blob(&blob, public_key);
    add_private_section(&section, seed, public_key, check);
    strbuf_add(&binary, "openssh-key-v1", sizeof "openssh-key-v1");
    add_text(&binary, "none"); /* cipher */
    add_text(&binary, "none"); /* key derivation */
    add_text(&binary, "");     /* its options */
    add_u32(&binary, 1);       /* number of keys */
    add_string(&binary, blob.data, blob.length);
    add_string(&binary, section.data, section.length);
    add_pem(&pem, &binary);
    if (strbuf_ok(&pem, "a private key", err) < 0)
        return -1;
    memcpy(out, pem.data, pem.length + 1);
    return 0;
}

static int encode_public(struct ssh_key *key, const unsigned char public_key[ED25519_BYTES], struct err *err)
{
    AUTO_STRBUF struct strbuf blob = STRBUF_INIT(SSH_ED25519_BLOB_SIZE);
    AUTO_STRBUF struct strbuf line = STRBUF_INIT(sizeof key->public_line - 1);
    add_public_blob(&blob, public_key);
    strbuf_adds(&line, "ssh-ed25519 ");
    base64_encode(&line, blob.data, blob.length);
    if (strbuf_ok(&blob, "a public key", err) < 0 || strbuf_ok(&line, "a public key", err) < 0)
        return -1;
    memcpy(key->blob, blob.data, SSH_ED25519_BLOB_SIZE);
    memcpy(key->public_line, line.data, line.length + 1);
    return 0;
}

static void free_pkey(EVP_PKEY **pkey)
{
    EVP_PKEY_free(*pkey);
}

int ssh_key_generate(struct ssh_key *key, struct err *err)
{
    CLEANUP(free_pkey) EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    unsigned char seed[ED25519_BYTES];
    unsigned char public_key[ED25519_BYTES];
    size_t seed_size = sizeof seed;
    size_t public_size = sizeof public_key;
    if (!pkey || EVP_PKEY_get_raw_private_key(pkey, seed, &seed_size) != 1 ||
        EVP_PKEY_get_raw_public_key(pkey, public_key, &public_size) != 1)
        return err_set(err, ERR_INTERNAL, "OpenSSL could not make an Ed25519 key");
    int result = encode_public(key, public_key, err);
    if (result == 0)
        result = encode_private(seed, public_key, key->private_key, sizeof key->private_key, err);
    OPENSSL_cleanse(seed, sizeof seed);
    return result;
}

int ssh_public_key_parse(const char *line, unsigned char blob[SSH_ED25519_BLOB_SIZE], struct err *err)
{
    static const char type[] = "ssh-ed25519 ";
    unsigned char nothing[ED25519_BYTES] = {0};
    unsigned char decoded[SSH_ED25519_BLOB_SIZE];
    AUTO_STRBUF struct strbuf expected = STRBUF_INIT(SSH_ED25519_BLOB_SIZE);
    add_public_blob(&expected, nothing);
    /* 51 bytes are 68 characters without padding */
    bool well_formed = strncmp(line, type, sizeof type - 1) == 0 &&
                       strlen(line + sizeof type - 1) == SSH_ED25519_BLOB_SIZE / 3 * 4 &&
                       !strchr(line, '=') &&
                       EVP_DecodeBlock(decoded, (const unsigned char *)line + sizeof type - 1,
                                       SSH_ED25519_BLOB_SIZE / 3 * 4) == SSH_ED25519_BLOB_SIZE &&
                       memcmp(decoded, expected.data, SSH_ED25519_BLOB_SIZE - ED25519_BYTES) == 0;
    if (!well_formed)
        return err_set(err, ERR_DATA, "not an Ed25519 public key");
    memcpy(blob, decoded, SSH_ED25519_BLOB_SIZE);
    return 0;
}

void ssh_key_forget_private(struct ssh_key *key)
{
    OPENSSL_cleanse(key->private_key, sizeof key->private_key);
}

void ssh_key_forget(struct ssh_key *key)
{
    OPENSSL_cleanse(key, sizeof *key);
}
