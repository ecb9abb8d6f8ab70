/* A key with its certificate, made for a test, that signs as AWS signs instance identity documents: PKCS#7 of
 * indefinite length (BER), with the text in it, without the certificate. */
#ifndef SIGNING_H
#define SIGNING_H

#include "base/digest.h"

#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <string.h>

struct test_signer {
    EVP_PKEY *key;
    X509 *certificate;
};

#define AUTO_TEST_SIGNER CLEANUP(test_signer_free)
static UNUSED void test_signer_free(struct test_signer *signer)
{
    EVP_PKEY_free(signer->key);
    X509_free(signer->certificate);
}

static UNUSED EVP_PKEY *test_key(void)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048), 1);
    assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    return key;
}

/* Signed by itself. Certificates are told apart by name and number alone, by whoever looks for one. */
static UNUSED struct test_signer test_signer_make(const char *name, long number)
{
    struct test_signer signer = {test_key(), X509_new()};
    X509 *certificate = signer.certificate;
    X509_NAME *subject = X509_get_subject_name(certificate);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), number);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), -3600); /* over: what was signed stays signed */
    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    assert_int_equal(X509_set_issuer_name(certificate, subject), 1);
    assert_int_equal(X509_set_pubkey(certificate, signer.key), 1);
    assert_true(X509_sign(certificate, signer.key, EVP_sha256()) > 0);
    return signer;
}

/* What a BIO holds, as text that the caller free()s. */
static UNUSED char *test_take(BIO *bio, bool as_base64)
{
    const char *bytes = NULL;
    long length = BIO_get_mem_data(bio, &bytes);
    struct strbuf text = STRBUF_INIT(1 << 20);
    if (as_base64)
        base64_encode(&text, bytes, (size_t)length);
    else
        strbuf_add(&text, bytes, (size_t)length);
    BIO_free(bio);
    return strbuf_take(&text, "a test's text", NULL);
}

static UNUSED char *test_certificate(const struct test_signer *signer)
{
    BIO *pem = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(pem, signer->certificate), 1);
    return test_take(pem, false);
}

/* The signature in Base64, which the caller free()s. flags: PKCS7_NOCERTS as AWS has it, … */
static UNUSED char *test_sign_with(const struct test_signer *signer, const char *text, int flags)
{
    flags |= PKCS7_BINARY | (flags & PKCS7_DETACHED ? 0 : PKCS7_STREAM);
    BIO *content = BIO_new_mem_buf(text, (int)strlen(text));
    BIO *ber = BIO_new(BIO_s_mem());
    PKCS7 *data = PKCS7_sign(signer->certificate, signer->key, NULL, content, flags);
    assert_non_null(data);
    assert_int_equal(i2d_PKCS7_bio_stream(ber, data, content, flags), 1);
    PKCS7_free(data);
    BIO_free(content);
    return test_take(ber, true);
}

static UNUSED char *test_sign(const struct test_signer *signer, const char *text)
{
    return test_sign_with(signer, text, PKCS7_NOCERTS);
}

#endif
