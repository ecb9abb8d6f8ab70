#include "base/signed_data.h"

#include "base/digest.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <string.h>

struct signers {
    STACK_OF(X509) * certificates;
};

/* For cleanup attributes: OpenSSL's own take the pointer itself. */
static void free_bio(BIO **bio)
{
    BIO_free(*bio);
}

static void free_signed_data(PKCS7 **data)
{
    PKCS7_free(*data);
}

static void free_stack(STACK_OF(X509) * *stack)
{
    sk_X509_free(*stack);
}

/* --- signers ---------------------------------------------------------------------------------- */

struct signers *signers_new(struct err *err)
{
    struct signers *signers = calloc(1, sizeof *signers);
    if (signers)
        signers->certificates = sk_X509_new_null();
    if (signers && signers->certificates)
        return signers;
    free(signers);
    err_memory(err);
    return NULL;
}

void signers_free(struct signers *signers)
{
    if (!signers)
        return;
    sk_X509_pop_free(signers->certificates, X509_free);
    free(signers);
}

void signers_auto(struct signers **signers)
{
    signers_free(*signers);
}

/* OpenSSL would ask the terminal for the password of what is encrypted. */
static int no_password(char *buffer UNUSED, int size UNUSED, int writing UNUSED, void *context UNUSED)
{
    return -1;
}

int signers_add(struct signers *signers, const char *pem, size_t length, struct err *err)
{
    CLEANUP(free_bio) BIO *source = length <= INT_MAX ? BIO_new_mem_buf(pem, (int)length) : NULL;
    X509 *certificate = NULL;
    size_t count = 0;
    if (!source)
        return err_memory(err);
    ERR_clear_error();
    while ((certificate = PEM_read_bio_X509(source, NULL, no_password, NULL))) {
        if (!sk_X509_push(signers->certificates, certificate)) {
            X509_free(certificate);
            return err_memory(err);
        }
        count++;
    }
    bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!ended)
        return err_set(err, ERR_DATA, "a certificate in it can't be read");
    return count > 0 ? 0 : err_set(err, ERR_DATA, "it holds no certificate in PEM form");
}

/* --- what they signed ------------------------------------------------------------------------- */

/* Signed data with its text in it, and nothing behind it; NULL for anything else. */
static PKCS7 *parse(const struct strbuf *der)
{
    const unsigned char *at = (const unsigned char *)der->data;
    CLEANUP(free_signed_data) PKCS7 *data = d2i_PKCS7(NULL, &at, (long)der->length);
    bool whole = data && at == (const unsigned char *)der->data + der->length && PKCS7_type_is_signed(data) &&
                 data->d.sign && PKCS7_type_is_data(data->d.sign->contents) && data->d.sign->contents->d.data;
    return whole ? TAKE(data) : NULL;
}

/* Adds what the certificate's key has signed. Alone, the certificate must be that of every signer. */
static bool is_signed_with(PKCS7 *data, X509 *certificate, BIO *content)
{
    CLEANUP(free_stack) STACK_OF(X509) *alone = sk_X509_new_null();
    const int flags = PKCS7_NOVERIFY | PKCS7_NOINTERN | PKCS7_BINARY;
    return alone && sk_X509_push(alone, certificate) &&
           PKCS7_verify(data, alone, NULL, NULL, content, flags) == 1;
}

static int compare(BIO *content, const char *text, size_t length, struct err *err)
{
    const char *signed_text = NULL;
    long signed_length = BIO_get_mem_data(content, &signed_text);
    if (signed_length == (long)length && (length == 0 || memcmp(signed_text, text, length) == 0))
        return 0;
    return err_set(err, ERR_DATA, "the signature is that of another text");
}

int signed_data_verify(const struct signers *signers, const char *signature, const char *text, size_t length,
                       struct err *err)
{
    AUTO_STRBUF struct strbuf der = STRBUF_INIT(SIGNED_DATA_MAX);
    size_t signature_length = strnlen(signature, SIGNED_DATA_MAX + 1);
    if (signature_length > SIGNED_DATA_MAX)
        return err_set(err, ERR_DATA, "the signature is longer than %d characters", SIGNED_DATA_MAX);
    if (base64_decode(&der, signature, signature_length, err) < 0)
        return err_prepend(err, "the signature can't be read");
    CLEANUP(free_signed_data) PKCS7 *data = der.length > 0 ? parse(&der) : NULL;
    if (!data) {
        ERR_clear_error();
        return err_set(err, ERR_DATA, "the signature is no PKCS#7 signed data with its text in it");
    }
    int count = sk_X509_num(signers->certificates);
    for (int i = 0; i < count; i++) {
        CLEANUP(free_bio) BIO *content = BIO_new(BIO_s_mem());
        bool is_signer = content && is_signed_with(data, sk_X509_value(signers->certificates, i), content);
        ERR_clear_error();
        if (is_signer)
            return compare(content, text, length, err);
    }
    return err_set(err, ERR_DATA, "the signature is by none of the certificates given");
}
