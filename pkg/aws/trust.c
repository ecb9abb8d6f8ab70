#include "aws/trust.h"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct trust {
    X509_STORE *store;
};

/* Where libcurl was built to look, else where OpenSSL was. */
static bool load_system(X509_STORE *store)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    if (info->age >= CURLVERSION_SEVENTH && info->cainfo && access(info->cainfo, R_OK) == 0)
        return X509_STORE_load_locations(store, info->cainfo, NULL) == 1;
    if (info->age >= CURLVERSION_SEVENTH && info->capath && access(info->capath, R_OK) == 0)
        return X509_STORE_load_locations(store, NULL, info->capath) == 1;
    return X509_STORE_set_default_paths(store) == 1;
}

static int load(X509_STORE *store, const char *ca_bundle, struct err *err)
{
    if (ca_bundle && access(ca_bundle, R_OK) < 0)
        return err_errno(err, "AWS_CA_BUNDLE: %s", ca_bundle);
    bool loaded = ca_bundle ? X509_STORE_load_locations(store, ca_bundle, NULL) == 1 : load_system(store);
    ERR_clear_error();
    if (!loaded && ca_bundle)
        return err_set(err, ERR_CONFIG, "AWS_CA_BUNDLE: %s holds no certificates in PEM form", ca_bundle);
    if (!loaded)
        return err_set(err, ERR_CONFIG, "the system's certificates can't be read: install ca-certificates");
    /* As libcurl does: a certificate that is named is believed, whether or not it signed itself. */
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    return 0;
}

struct trust *trust_load(const char *ca_bundle, struct err *err)
{
    struct trust *trust = calloc(1, sizeof *trust);
    if (trust)
        trust->store = X509_STORE_new();
    if (!trust || !trust->store) {
        free(trust);
        err_memory(err);
        return NULL;
    }
    if (load(trust->store, ca_bundle, err) < 0) {
        trust_free(trust);
        return NULL;
    }
    return trust;
}

void trust_free(struct trust *trust)
{
    if (!trust)
        return;
    X509_STORE_free(trust->store);
    free(trust);
}

/* libcurl calls it before each handshake. */
static CURLcode set_store(CURL *easy UNUSED, void *ssl_context, void *context)
{
    struct trust *trust = context;
    SSL_CTX_set1_cert_store(ssl_context, trust->store);
    return CURLE_OK;
}

int trust_use(const struct trust *trust, void *curl_easy, struct err *err)
{
    CURL *easy = curl_easy;
    if (curl_easy_setopt(easy, CURLOPT_CAINFO, NULL) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_store) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, trust) == CURLE_OK)
        return 0;
    return err_set(err, ERR_INTERNAL, "libcurl was not built with OpenSSL");
}
